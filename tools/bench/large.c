// SPDX-License-Identifier: MIT
/*
 * large - what does a block of many pages cost? (known as malloc-large)
 *
 * Sixteen blocks of 1 to 16 MiB are replaced at random, and every page of a
 * block is written to. Giving each block back to the system at once makes the
 * system clear every page again; never giving any back takes memory.
 */
#include "program.h"

#define BLOCKS 16
#define LEAST  (1 << 20)
#define MOST   (16 << 20)
#define PAGE   4096

static void work(struct worker *w)
{
	void *blocks[BLOCKS] = {};
	uint64_t n;
	size_t i;

	w->ops = share(40);
	for (n = w->ops; n; n--) {
		size_t size = between(&w->rng, LEAST, MOST);
		void **place = &blocks[below(&w->rng, BLOCKS)];

		drop(*place);
		*place = take(size);
		for (i = PAGE; i < size - 1; i += PAGE)
			((char *)*place)[i] = 1;
	}
	drop_all(blocks, BLOCKS);
}

static const struct program self = {
	.name = "large",
	.threads = 1,
	.work = work,
};
