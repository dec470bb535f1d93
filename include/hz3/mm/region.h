/* SPDX-License-Identifier: MIT */
/* A fixed region of the program's as the provider of all memory. */
#ifndef HZ3_MM_REGION_H
#define HZ3_MM_REGION_H

#include <hz3/types.h>

int region_provide(void *start, size_t size) __hidden __must_check;
void region_lock(void) __hidden;
void region_unlock(void) __hidden;
void region_reset_lock(void) __hidden;

#endif
