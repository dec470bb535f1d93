// SPDX-License-Identifier: MIT
/*
 * pairs - what if blocks of up to 16,000 bytes, all sizes as likely, are
 * replaced and resized at random? (known as rptest)
 *
 * Every thread owns 1000 blocks. A step takes two places: the block of the
 * first is freed and a new one made; the block of the second gets another
 * size by realloc. Every other step exchanges the block to be freed with one
 * of another thread.
 */
#include "board.h"

#define BLOCKS 1000
#define LEAST  8
#define MOST   16000

static void work(struct worker *w)
{
	void **blocks = map(BLOCKS * sizeof(*blocks));
	void **place;
	uint64_t n;

	w->ops = share(25000);
	for (n = w->ops; n; n--) {
		place = &blocks[below(&w->rng, BLOCKS)];
		if (n % 2)
			*place = exchange(w, *place);
		drop(*place);
		*place = take(between(&w->rng, LEAST, MOST));

		place = &blocks[below(&w->rng, BLOCKS)];
		*place = retake(*place, between(&w->rng, LEAST, MOST));
	}
	drop_all(blocks, BLOCKS);
}

static const struct program self = {
	.name = "pairs",
	.threads = 2,
	.work = work,
	.finish = clear_board,
};
