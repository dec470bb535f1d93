// SPDX-License-Identifier: MIT
/*
 * soak - does memory creep up while the live volume stays the same?
 *
 * 64 MiB are kept live, in objects that are replaced at random, some of them
 * by those of another thread. In each of many epochs the new ones are of
 * another range of sizes, so that what serves one epoch must become free for
 * the next. For each epoch a line says what was live and resident at its end;
 * the last line has the ratio of the two in the first and in the last quarter
 * of all epochs, and the worst. A scale of 80000 takes about twenty minutes.
 *
 *   --epochs=8
 */
#include <stdatomic.h>

#include "program.h"

#define VOLUME     (64ul << 20)
#define SLOTS      (1ul << 19) /* of all threads: enough for small sizes */
#define MAILBOXES  64
#define MAX_EPOCHS 10000
#define SIZE_BITS  12 /* ranges begin at 2^4 to 2^(4 + SIZE_BITS - 1) */

static unsigned long epochs = 8;
static _Atomic(void *) mailbox[MAILBOXES];
static struct {
	long live, rss; /* KiB */
} seen[MAX_EPOCHS];
static atomic_long live_bytes[MAX_THREADS];
static pthread_barrier_t epoch_end;

static void setup(void)
{
	pthread_barrier_init(&epoch_end, NULL, (unsigned int)threads);
}

static size_t size_of(const void *object)
{
	return object ? verify(object) : 0;
}

/* Leaves an object for whoever comes next, and takes what it finds. */
static void *pass_on(uint32_t *rng, void *object)
{
	return atomic_exchange(&mailbox[below(rng, MAILBOXES)], object);
}

static void one_epoch(struct worker *w, void **slots, size_t nr,
		      unsigned long epoch)
{
	/* all threads the same ranges, far apart from epoch to epoch */
	unsigned int lo = 4 + (unsigned int)(epoch * 5 % SIZE_BITS);
	uint64_t n = share(350000) / epochs + 1;
	long volume = VOLUME / threads;
	long live = live_bytes[w->id];

	for (w->ops += n; n; n--) {
		void **slot = &slots[below(&w->rng, (uint32_t)nr)];

		live -= (long)size_of(*slot);
		if (below(&w->rng, 8) == 0) {
			*slot = pass_on(&w->rng, *slot);
			live += (long)size_of(*slot);
			continue;
		}
		drop(*slot);
		*slot = NULL;
		if (live < volume) {
			*slot = take(skewed(&w->rng, lo, lo + 2));
			live += (long)size_of(*slot);
		}
	}
	live_bytes[w->id] = live;
}

/* One thread looks while the others wait: what it sees is no moving target. */
static void look(struct worker *w, unsigned long epoch)
{
	long bytes = 0;
	unsigned int i;

	pthread_barrier_wait(&epoch_end);
	if (w->id == 0) {
		for (i = 0; i < threads; i++)
			bytes += live_bytes[i];
		seen[epoch].live = bytes / 1024;
		seen[epoch].rss = status_kib("VmRSS");
	}
	pthread_barrier_wait(&epoch_end);
}

static void work(struct worker *w)
{
	size_t nr = SLOTS / threads;
	void **slots = map(nr * sizeof(*slots));
	unsigned long epoch;

	/* of this program, not of the allocator: resident from the start */
	memset(slots, 0, nr * sizeof(*slots));
	for (epoch = 0; epoch < epochs; epoch++) {
		one_epoch(w, slots, nr, epoch);
		look(w, epoch);
	}
	drop_all(slots, nr);
}

/* The slots are resident as well, from the start. */
static double ratio(unsigned long epoch)
{
	return (double)(seen[epoch].rss -
			(long)(SLOTS * sizeof(void *) / 1024)) /
	       (double)seen[epoch].live;
}

static double mean(unsigned long from, unsigned long to)
{
	double sum = 0;
	unsigned long i;

	for (i = from; i < to; i++)
		sum += ratio(i);
	return sum / (double)(to - from);
}

static void finish(void)
{
	unsigned long quarter = epochs / 4;
	double worst = 0;
	unsigned long i;

	for (i = 0; i < epochs; i++) {
		printf("[SOAK] epoch=%lu live=%ld rss=%ld\n", i + 1,
		       seen[i].live, seen[i].rss);
		if (i >= quarter && ratio(i) > worst)
			worst = ratio(i);
	}
	printf("[SOAK] first=%.3f last=%.3f worst=%.3f\n",
	       mean(quarter, 2 * quarter), mean(epochs - quarter, epochs),
	       worst);
	for (i = 0; i < MAILBOXES; i++)
		drop(mailbox[i]);
}

static const struct setting settings[] = {
	{ "epochs", &epochs, 4, MAX_EPOCHS },
	{ NULL, NULL, 0, 0 },
};

static const struct program self = {
	.name = "soak",
	.threads = 4,
	.settings = settings,
	.setup = setup,
	.work = work,
	.finish = finish,
};
