/* SPDX-License-Identifier: MIT */
/* Searching and changing runs of bits in arrays of 64-bit words. */
#ifndef HZ3_LIB_BITMAP_H
#define HZ3_LIB_BITMAP_H

#include <hz3/types.h>

u32 bitmap_next(const u64 *map, u32 nbits, u32 pos, bool value) __hidden;
s64 bitmap_find_run(const u64 *map, u32 nbits, u32 from, u32 n, u32 align,
		    u32 phase) __hidden;
u32 bitmap_longest_run(const u64 *map, u32 nbits) __hidden;
u32 bitmap_run_around(const u64 *map, u32 nbits, u32 pos) __hidden;
u64 bitmap_word_mask(u32 word, u32 first, u32 n) __hidden;
void bitmap_set_run(u64 *map, u32 first, u32 n) __hidden;
u32 bitmap_clear_run(u64 *map, u32 first, u32 n) __hidden;

#endif
