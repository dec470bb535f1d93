// SPDX-License-Identifier: MIT
/*
 * fragment - how much memory do a few survivors hold, when objects of other
 * sizes follow?
 *
 * Allocates 512 MiB (a scale of 400 is 2 GiB) in sizes of 16 to 4096 bytes,
 * frees nine tenths of them, chosen at random, and allocates blocks of 4097 to
 * 16384 bytes up to the same live volume. The peak says how much of the first
 * memory could serve again; then the allocator is asked for all that it can
 * spare, which should leave little more than the live bytes.
 */
#include "program.h"

#define PER_PERCENT ((512ul << 20) / 100)
#define SMALL_MIN   16
#define SMALL_MAX   4096
#define BIG_MAX     16384
#define KEPT        10 /* one of so many stays */

struct table {
	void **objects;
	size_t nr;
	uint64_t bytes;
};

static struct table tables[MAX_THREADS];

/* Adds objects of these sizes until this much is live. */
static void fill(struct table *t, uint32_t *rng, size_t min, size_t max,
		 uint64_t volume)
{
	while (t->bytes < volume) {
		size_t size = between(rng, min, max), i;
		char *object = take(size);

		/* a block is there to be used */
		for (i = SMALL_MAX; i < size - 1; i += SMALL_MAX)
			object[i] = 1;
		t->objects[t->nr++] = object;
		t->bytes += size;
	}
}

static void thin_out(struct table *t, uint32_t *rng)
{
	size_t i, stay = 0;

	for (i = 0; i < t->nr; i++) {
		if (below(rng, KEPT) == 0) {
			t->objects[stay++] = t->objects[i];
		} else {
			t->bytes -= verify(t->objects[i]);
			drop(t->objects[i]);
		}
	}
	t->nr = stay;
}

static void work(struct worker *w)
{
	struct table *t = &tables[w->id];
	uint64_t volume = share(PER_PERCENT);

	/* room for the smallest mean size there can be */
	t->objects = map(volume / 1024 * sizeof(*t->objects) + 4096);
	fill(t, &w->rng, SMALL_MIN, SMALL_MAX, volume);
	w->ops = t->nr;
	thin_out(t, &w->rng);
	w->ops -= t->nr;
	fill(t, &w->rng, SMALL_MAX + 1, BIG_MAX, volume);
	w->ops += t->nr;
}

static void finish(void)
{
	long after, before = status_kib("VmRSS");
	uint64_t live = 0;
	unsigned int i;

	give_back();
	after = status_kib("VmRSS");
	for (i = 0; i < threads; i++)
		live += tables[i].bytes;
	printf("[FRAGMENT] live=%lu before=%ld after=%ld\n",
	       (unsigned long)(live / 1024), before, after);
	for (i = 0; i < threads; i++)
		drop_all(tables[i].objects, tables[i].nr);
}

static const struct program self = {
	.name = "fragment",
	.threads = 1,
	.work = work,
	.finish = finish,
};
