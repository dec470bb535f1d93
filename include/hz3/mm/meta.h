/* SPDX-License-Identifier: MIT */
/* Memory for the allocator's own records; never given back. */
#ifndef HZ3_MM_META_H
#define HZ3_MM_META_H

#include <hz3/types.h>

void *meta_alloc(size_t size, size_t align) __hidden __must_check;
size_t meta_bytes(void) __hidden;
void meta_lock(void) __hidden;
void meta_unlock(void) __hidden;
void meta_reset_lock(void) __hidden;

#endif
