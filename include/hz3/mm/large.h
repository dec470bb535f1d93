/* SPDX-License-Identifier: MIT */
/* Blocks too big for a segment: whole segments from an arena. */
#ifndef HZ3_MM_LARGE_H
#define HZ3_MM_LARGE_H

#include <hz3/types.h>

extern bool large_guard __hidden; /* option; relaxed */

void *large_alloc(size_t size, size_t align, bool *zeroed)
	__hidden __must_check;
int large_free(void *ptr, u32 tag) __hidden __must_check;
size_t large_size(const void *ptr, u32 tag) __hidden;
void *large_owner(const void *ptr, u32 tag) __hidden;
void large_set_owner(const void *ptr, void *owner) __hidden;
bool large_extend(void *ptr, u32 tag, size_t size) __hidden __must_check;
void *large_resize(void *ptr, u32 tag, size_t size) __hidden __must_check;

#endif
