// SPDX-License-Identifier: MIT
/*
 * pipeline - what if one thread only allocates and another only frees?
 * (known as xmalloc-test)
 *
 * Threads work in pairs, so their number is made even. The first of a pair
 * makes batches of messages, the second reads and frees them; up to 32
 * batches are under way. All memory has to find its way back to the
 * producers, and none may pile up: peak resident memory is half the answer.
 *
 *   --size=64     bytes of a message
 *   --batch=256   messages in a batch
 */
#include <sched.h>

#include "program.h"
#include "ring.h"

#define UNDER_WAY 32

struct message {
	uint32_t size; /* take() writes it */
	struct message *next;
};

static unsigned long size = 64, batch = 256;
static struct ring rings[MAX_THREADS / 2];

static void setup(void)
{
	unsigned int i;

	threads += threads % 2;
	for (i = 0; i < threads / 2; i++)
		ring_init(&rings[i], UNDER_WAY, false);
}

static void produce(struct worker *w, struct ring *to, uint64_t batches)
{
	struct message *list, *m;
	unsigned long i;

	while (batches--) {
		list = NULL;
		for (i = 0; i < batch; i++) {
			m = take(size);
			m->next = list;
			list = m;
		}
		w->ops += batch;
		while (!ring_push(to, list))
			sched_yield();
	}
}

static void consume(struct ring *from, uint64_t batches)
{
	struct message *list, *m;

	while (batches--) {
		while (!(list = ring_pop(from)))
			sched_yield();
		while ((m = list)) {
			list = m->next;
			drop(m);
		}
	}
}

static void work(struct worker *w)
{
	struct ring *ring = &rings[w->id / 2];
	uint64_t batches = share(1200000) / batch + 1;

	if (w->id % 2)
		consume(ring, batches);
	else
		produce(w, ring, batches);
}

static const struct setting settings[] = {
	{ "size", &size, sizeof(struct message) + 1, 1 << 20 },
	{ "batch", &batch, 1, 1 << 16 },
	{ NULL, NULL, 0, 0 },
};

static const struct program self = {
	.name = "pipeline",
	.threads = 2,
	.settings = settings,
	.setup = setup,
	.work = work,
};
