// SPDX-License-Identifier: MIT
/*
 * churn - what does a thread cost that allocates little and is soon gone?
 *
 * Every worker starts thread after thread and waits for each. A thread fills
 * a basket of 64 objects and exchanges it with one that an earlier thread,
 * often of another worker, has left; that one it empties. Memory must not grow
 * with the number of threads that have been: the resident set after a tenth
 * of them and after all is printed.
 */
#include <stdatomic.h>

#include "program.h"

#define BASKET  64
#define BASKETS 16

struct basket {
	uint32_t size; /* take() writes it */
	void *objects[BASKET];
	char end;
};

static _Atomic(void *) baskets[BASKETS];
static long early_kib, late_kib;

static void empty(struct basket *b)
{
	if (b)
		drop_all(b->objects, BASKET);
	drop(b);
}

static void *visit(void *arg)
{
	uint32_t *rng = arg;
	struct basket *b = take(sizeof(*b));
	unsigned int i;

	for (i = 0; i < BASKET; i++)
		b->objects[i] = take(skewed(rng, 4, 9));
	empty(atomic_exchange(&baskets[below(rng, BASKETS)], b));
	return NULL;
}

static void work(struct worker *w)
{
	uint64_t visits = share(500), n;
	pthread_t thread;

	for (n = 0; n < visits; n++) {
		start_thread(&thread, visit, &w->rng);
		pthread_join(thread, NULL);
		if (w->id == 0 && n == visits / 10)
			early_kib = status_kib("VmRSS");
	}
	if (w->id == 0)
		late_kib = status_kib("VmRSS");
	w->ops = visits;
}

static void finish(void)
{
	unsigned int i;

	for (i = 0; i < BASKETS; i++)
		empty(baskets[i]);
	printf("[CHURN] early=%ld late=%ld\n", early_kib, late_kib);
}

static const struct program self = {
	.name = "churn",
	.threads = 2,
	.work = work,
	.finish = finish,
};
