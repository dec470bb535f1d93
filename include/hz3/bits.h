/* SPDX-License-Identifier: MIT */
/* Bit numbers in 64-bit words, for maps guarded by a lock. */
#ifndef HZ3_BITS_H
#define HZ3_BITS_H

#include <hz3/types.h>

#define BITS_PER_WORD    64U
#define BITS_TO_WORDS(n) (((n) + BITS_PER_WORD - 1) / BITS_PER_WORD)
#define BIT64(n)         (1ULL << (n))

/* Number of the lowest set bit; @w must not be 0. */
static inline unsigned int ctz64(u64 w)
{
	return (unsigned int)__builtin_ctzll(w);
}

/* Number of the highest set bit; @w must not be 0. */
static inline unsigned int fls64(u64 w)
{
	return 63U - (unsigned int)__builtin_clzll(w);
}

/*
 * How many bits are set. Without an instruction for it compilers call a
 * function that has a table; this they know as one where there is an
 * instruction.
 */
static inline unsigned int popcount64(u64 w)
{
	w -= w >> 1 & 0x5555555555555555;
	w = (w & 0x3333333333333333) + (w >> 2 & 0x3333333333333333);
	w = (w + (w >> 4)) & 0x0f0f0f0f0f0f0f0f;
	return (unsigned int)(w * 0x0101010101010101 >> 56);
}

static inline bool test_bit(const u64 *map, unsigned int nr)
{
	return map[nr / BITS_PER_WORD] >> (nr % BITS_PER_WORD) & 1;
}

static inline void set_bit(u64 *map, unsigned int nr)
{
	map[nr / BITS_PER_WORD] |= BIT64(nr % BITS_PER_WORD);
}

static inline void clear_bit(u64 *map, unsigned int nr)
{
	map[nr / BITS_PER_WORD] &= ~BIT64(nr % BITS_PER_WORD);
}

#endif
