// SPDX-License-Identifier: MIT
/*
 * phases - what if a program makes objects by the thousand and drops them by
 * the thousand? (known as sh6bench and, with hand-over, sh8bench)
 *
 * Every thread makes batch after batch of mixed sizes from 8 to 1023 bytes. A
 * batch is freed when the one after it is complete, in turn: oldest first,
 * newest first, and every other one before the rest. Caches that hold a few
 * dozen objects are run over, so the way to the stock behind them counts.
 *
 *   --hand-over=0   1: a thread leaves its batches at places where the next
 *                   one to come by frees them. Nobody waits, so the share of
 *                   objects that another thread freed is printed.
 */
#include <stdatomic.h>

#include "program.h"

#define BATCH  8192 /* even */
#define PLACES 16   /* more than the rounds of a time slice */

struct batch {
	unsigned int maker;
	void *objects[BATCH];
};

static unsigned long hand_over;
/* A thread without hand-over has one for itself. */
static _Atomic(struct batch *) places[MAX_THREADS];
static _Atomic(uint64_t) freed_by_others; /* batches */

/* Which object of the batch is the i-th to be freed. */
static size_t turn(uint64_t order, size_t i)
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

static void fill(struct worker *w, struct batch *b)
{
	size_t i;

	b->maker = w->id;
	for (i = 0; i < BATCH; i++)
		b->objects[i] = take(skewed(&w->rng, 3, 9));
}

static void empty(struct batch *b, uint64_t order)
{
	size_t i;

	for (i = 0; i < BATCH; i++)
		drop(b->objects[turn(order, i)]);
}

static void work(struct worker *w)
{
	uint64_t rounds = share(hand_over ? 20 : 60); /* as long either way */
	uint64_t others = 0, round;
	struct batch *b = map(sizeof(*b));

	for (round = 0; round < rounds; round++) {
		size_t place = hand_over ? (w->id + round) % PLACES : w->id;

		fill(w, b);
		b = atomic_exchange(&places[place], b);
		if (!b) {
			b = map(sizeof(*b));
			continue;
		}
		others += b->maker != w->id;
		empty(b, round % 3);
	}
	freed_by_others += others;
	w->ops = rounds * BATCH;
}

static void finish(void)
{
	uint64_t batches = 0;
	unsigned int i;

	for (i = 0; i < MAX_THREADS; i++)
		if (places[i])
			empty(places[i], 0);
	for (i = 0; i < threads; i++)
		batches += workers[i].ops / BATCH;
	printf("[PHASES] by-others=%.1f%%\n",
	       100.0 * (double)freed_by_others / (double)batches);
}

static const struct setting settings[] = {
	{ "hand-over", &hand_over, 0, 1 },
	{ NULL, NULL, 0, 0 },
};

static const struct program self = {
	.name = "phases",
	.threads = 2,
	.settings = settings,
	.work = work,
	.finish = finish,
};
