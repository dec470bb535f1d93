// SPDX-License-Identifier: MIT
/*
 * replace - how fast are objects of mixed sizes replaced in random order?
 * (known as alloc-test)
 *
 * Every thread owns a table. Each step picks a place at random: what is there
 * is freed, an empty place is filled with 8 to 4095 bytes, small sizes being
 * the more likely. After the first moments half of the table is full, and the
 * age of an object says nothing about its end.
 */
#include "program.h"

#define SLOTS 16384

static void work(struct worker *w)
{
	void **slots = map(SLOTS * sizeof(*slots));
	uint64_t n;

	w->ops = share(600000);
	for (n = w->ops; n; n--) {
		void **slot = &slots[below(&w->rng, SLOTS)];

		if (*slot) {
			drop(*slot);
			*slot = NULL;
		} else {
			*slot = take(skewed(&w->rng, 3, 11));
		}
	}
	drop_all(slots, SLOTS);
}

static const struct program self = {
	.name = "replace",
	.threads = 2,
	.work = work,
};
