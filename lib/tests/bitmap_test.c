// SPDX-License-Identifier: MIT
/* Runs of bits: every search against one that looks at each bit. */
#include <string.h>

#include <hz3/bits.h>
#include <hz3/lib/bitmap.h>

#include "hz3test.h"

#define NR_BITS 256U

static u64 map[NR_BITS / BITS_PER_WORD];
static u32 seed;

static u32 rnd(void)
{
	seed = seed * 1664525 + 1013904223;
	return seed >> 8;
}

/* Runs of random lengths, set and clear by turns. */
static void scramble(u32 round)
{
	u32 longest = 1U << (1 + round % 8);
	bool value = round & 1;
	u32 pos = 0;

	memset(map, 0, sizeof(map));
	seed = round;
	while (pos < NR_BITS) {
		u32 n = 1 + rnd() % longest;

		n = n < NR_BITS - pos ? n : NR_BITS - pos;
		if (value)
			bitmap_set_run(map, pos, n);
		value = !value;
		pos += n;
	}
}

/* The length of the run of set bits that begins at @pos. */
static u32 run_at(u32 pos)
{
	u32 n = 0;

	while (pos + n < NR_BITS && test_bit(map, pos + n))
		n++;
	return n;
}

static s64 find_slowly(u32 from, u32 n, u32 align, u32 phase)
{
	u32 pos;

	for (pos = from; pos < NR_BITS; pos++)
		if (!((pos + phase) % align) && run_at(pos) >= n)
			return pos;
	return -1;
}

static void finds_runs(struct hz3test *t)
{
	u32 round;
	u32 n;

	for (round = 0; round < 400; round++) {
		scramble(round);
		for (n = 1; n <= 80; n++) {
			u32 from = rnd() % NR_BITS;
			u32 align = 1U << rnd() % 4;
			u32 phase = rnd() % align;

			EXPECT_EQ(t,
				  bitmap_find_run(map, NR_BITS, from, n, 1, 0),
				  find_slowly(from, n, 1, 0));
			EXPECT_EQ(t,
				  bitmap_find_run(map, NR_BITS, from, n, align,
						  phase),
				  find_slowly(from, n, align, phase));
		}
	}
}

static void measures_runs(struct hz3test *t)
{
	u32 round;
	u32 pos;

	for (round = 0; round < 400; round++) {
		u32 longest = 0;
		u32 first = 0;

		scramble(round);
		for (pos = 0; pos < NR_BITS; pos++) {
			u32 n = run_at(pos);

			longest = n > longest ? n : longest;
			if (!n || !pos || !test_bit(map, pos - 1))
				first = pos;
			if (n)
				EXPECT_EQ(t,
					  bitmap_run_around(map, NR_BITS, pos),
					  pos - first + n);
		}
		EXPECT_EQ(t, bitmap_longest_run(map, NR_BITS), longest);
	}
}

static void counts_what_it_clears(struct hz3test *t)
{
	u32 round;

	for (round = 0; round < 400; round++) {
		u32 from = round % NR_BITS;
		u32 n = 1 + (round * 7) % (NR_BITS - from);
		u32 set = 0;
		u32 pos;

		scramble(round);
		for (pos = from; pos < from + n; pos++)
			set += test_bit(map, pos);
		EXPECT_EQ(t, bitmap_clear_run(map, from, n), set);
		EXPECT_EQ(t, bitmap_next(map, from + n, from, true), from + n);
	}
}

static const struct hz3test_case cases[] = {
	HZ3TEST_CASE(finds_runs),
	HZ3TEST_CASE(measures_runs),
	HZ3TEST_CASE(counts_what_it_clears),
	{ 0 },
};

HZ3TEST_SUITE(.name = "bitmap", .cases = cases);
