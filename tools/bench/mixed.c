// SPDX-License-Identifier: MIT
/*
 * mixed - what if objects of all sizes and ages pass between all threads?
 * (known as mstress)
 *
 * Half of the objects die soon after they were made. A quarter are kept in a
 * table of the thread in the place of an older one. The last quarter go to a
 * board that all threads share, in exchange for what another thread had left
 * there, which is then freed. One object in 128 is of 4 to 128 KiB, the
 * others of 16 bytes to 1 KiB.
 */
#include "board.h"

#define KEPT 2048 /* of each thread */

static size_t any_size(struct worker *w)
{
	return below(&w->rng, 128) ? skewed(&w->rng, 4, 9) :
				     skewed(&w->rng, 12, 16);
}

static void work(struct worker *w)
{
	void **kept = map(KEPT * sizeof(*kept));
	void *object, *last = NULL;
	void **place;
	uint64_t n;

	w->ops = share(600000);
	for (n = w->ops; n; n--) {
		object = take(any_size(w));
		switch (below(&w->rng, 4)) {
		case 0:
			drop(exchange(w, object));
			break;
		case 1:
			place = &kept[below(&w->rng, KEPT)];
			drop(*place);
			*place = object;
			break;
		default:
			drop(last);
			last = object;
		}
	}
	drop(last);
	drop_all(kept, KEPT);
}

static const struct program self = {
	.name = "mixed",
	.threads = 2,
	.work = work,
	.finish = clear_board,
};
