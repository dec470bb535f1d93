// SPDX-License-Identifier: MIT
/*
 * phases - what if a program makes objects by the thousand and drops them by
 * the thousand? (known as sh6bench and sh8bench)
 *
 * Every thread makes batch after batch of mixed sizes from 8 to 1023 bytes. A
 * batch is freed when the one after it is complete, in turn: oldest first,
 * newest first, and every other one before the rest. Caches that hold a few
 * dozen objects are run over, so the way to the stock behind them counts.
 */
#include "program.h"

#define BATCH 8192 /* even */

/* Which object of the batch is the i-th to be freed. */
static size_t turn(unsigned int order, size_t i)
{
	switch (order) {
	case 0:
		return i;
	case 1:
		return BATCH - 1 - i;
	default:
		return i < BATCH / 2 ? 2 * i : 2 * i - BATCH + 1;
	}
}

static void work(struct worker *w)
{
	void **batch = map(BATCH * sizeof(*batch));
	void **older = map(BATCH * sizeof(*older));
	uint64_t round, rounds = share(60);
	size_t i;

	for (round = 0; round < rounds; round++) {
		void **swap = older;

		for (i = 0; i < BATCH; i++)
			batch[i] = take(skewed(&w->rng, 3, 9));
		for (i = 0; i < BATCH; i++)
			drop(older[turn(round % 3, i)]);
		older = batch;
		batch = swap;
	}
	drop_all(older, BATCH);
	w->ops = rounds * BATCH;
}

static const struct program self = {
	.name = "phases",
	.threads = 2,
	.work = work,
};
