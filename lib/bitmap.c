// SPDX-License-Identifier: MIT
/*
 * Runs of bits.
 *
 * The searches read each word once, relaxed, so that they also serve maps
 * that others change by atomic operations: what they find is then a hint.
 */
#include <hz3/align.h>
#include <hz3/atomic.h>
#include <hz3/bits.h>
#include <hz3/lib/bitmap.h>

/**
 * bitmap_next() - find the next bit of a value
 * @map: the words
 * @nbits: length of the map
 * @pos: first bit to look at
 * @value: what to look for
 *
 * Return: its number, or @nbits when there is none.
 */
u32 bitmap_next(const u64 *map, u32 nbits, u32 pos, bool value)
{
	u64 flip = value ? 0 : ~0ULL;

	while (pos < nbits) {
		u64 w = (load_relaxed(&map[pos / BITS_PER_WORD]) ^ flip) >>
			(pos % BITS_PER_WORD);

		if (w)
			return min(pos + ctz64(w), nbits);
		pos = ALIGN_DOWN(pos, BITS_PER_WORD) + BITS_PER_WORD;
	}
	return nbits;
}

/*
 * Where in @lo do @n set bits begin that may end in @hi, the word above? Runs
 * of twice the length are runs of that length with another one behind them.
 */
static u64 run_starts(u64 lo, u64 hi, u32 n)
{
	u32 len = 1;

	while (len < n && lo) {
		u32 step = min(len, n - len);

		lo &= lo >> step | hi << (BITS_PER_WORD - step);
		hi &= hi >> step;
		len += step;
	}
	return lo;
}

/* Of a length that two words are sure to show. */
static s64 find_short_run(const u64 *map, u32 nbits, u32 from, u32 n)
{
	u32 word = from / BITS_PER_WORD;
	u32 words = DIV_ROUND_UP(nbits, BITS_PER_WORD);
	u64 lo = load_relaxed(&map[word]) & ~0ULL << (from % BITS_PER_WORD);

	for (; word < words; word++) {
		u64 hi = word + 1 < words ? load_relaxed(&map[word + 1]) : 0;
		u64 starts = run_starts(lo, hi, n);

		if (starts)
			return word * BITS_PER_WORD + ctz64(starts);
		lo = hi;
	}
	return -1;
}

/**
 * bitmap_find_run() - find the first run of set bits
 * @map: the words
 * @nbits: length of the map
 * @from: first bit to look at
 * @n: length of the run
 * @align: the run begins where (bit + @phase) is a multiple of this power of 2
 * @phase: see @align
 *
 * Return: number of the first bit, or -1.
 */
s64 bitmap_find_run(const u64 *map, u32 nbits, u32 from, u32 n, u32 align,
		    u32 phase)
{
	u32 pos = from;

	if (align == 1 && n <= BITS_PER_WORD && from < nbits &&
	    nbits % BITS_PER_WORD == 0)
		return find_short_run(map, nbits, from, n);
	while ((pos = bitmap_next(map, nbits, pos, true)) < nbits) {
		u32 start = ALIGN_UP(pos + phase, align) - phase;
		u32 end = bitmap_next(map, nbits, pos, false);

		if (start + n <= end)
			return start;
		pos = end;
	}
	return -1;
}

/**
 * bitmap_longest_run() - how long is the longest run of set bits
 * @map: the words
 * @nbits: length of the map
 *
 * Return: its length.
 */
u32 bitmap_longest_run(const u64 *map, u32 nbits)
{
	u32 longest = 0;
	u32 pos = 0;

	while ((pos = bitmap_next(map, nbits, pos, true)) < nbits) {
		u32 end = bitmap_next(map, nbits, pos, false);

		longest = max(longest, end - pos);
		pos = end;
	}
	return longest;
}

/**
 * bitmap_run_around() - how long is the run of set bits that a bit is in
 * @map: the words
 * @nbits: length of the map
 * @pos: a bit that is set
 *
 * Return: its length.
 */
u32 bitmap_run_around(const u64 *map, u32 nbits, u32 pos)
{
	u32 end = bitmap_next(map, nbits, pos, false);
	u32 word = pos / BITS_PER_WORD;
	/* Clear bits up to @pos, the highest of which ends the run below. */
	u64 clear = ~load_relaxed(&map[word]) &
		    (BIT64(pos % BITS_PER_WORD) - 1);

	while (!clear && word)
		clear = ~load_relaxed(&map[--word]);
	return end - (word * BITS_PER_WORD + (clear ? fls64(clear) + 1 : 0));
}

/**
 * bitmap_word_mask() - the part of a run that falls into one word
 * @word: which word
 * @first: first bit of the run
 * @n: its length; the run touches the word
 *
 * Return: a mask for that word.
 */
u64 bitmap_word_mask(u32 word, u32 first, u32 n)
{
	u32 base = word * BITS_PER_WORD;
	u32 lo = max(first, base) - base;
	u32 hi = min(first + n, base + BITS_PER_WORD) - base;

	return (hi == BITS_PER_WORD ? ~0ULL : BIT64(hi) - 1) & ~(BIT64(lo) - 1);
}

/**
 * bitmap_set_run() - set @n bits from @first
 * @map: the words, guarded by the caller's lock
 * @first: first bit
 * @n: how many
 */
void bitmap_set_run(u64 *map, u32 first, u32 n)
{
	u32 w;

	for (w = first / BITS_PER_WORD; w * BITS_PER_WORD < first + n; w++)
		map[w] |= bitmap_word_mask(w, first, n);
}

/**
 * bitmap_clear_run() - clear @n bits from @first
 * @map: the words, guarded by the caller's lock
 * @first: first bit
 * @n: how many
 *
 * Return: how many of them were set.
 */
u32 bitmap_clear_run(u64 *map, u32 first, u32 n)
{
	u32 were_set = 0;
	u32 w;

	for (w = first / BITS_PER_WORD; w * BITS_PER_WORD < first + n; w++) {
		u64 mask = bitmap_word_mask(w, first, n);

		were_set += popcount64(map[w] & mask);
		map[w] &= ~mask;
	}
	return were_set;
}
