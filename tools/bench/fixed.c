// SPDX-License-Identifier: MIT
/*
 * fixed - what do malloc and free of one size cost, when few or many objects
 * are alive at a time? (known as glibc-simple and, with threads, glibc-thread)
 *
 * For each size, batches of 25 to 1600 objects are allocated and freed in the
 * same order. The small batches show the hit path, the large ones refilling
 * and flushing.
 */
#include "program.h"

#define MOST 1600

static const unsigned short sizes[] = { 16, 64, 256, 1024, 4096 };
static const unsigned short counts[] = { 25, 100, 400, MOST };

#define NR(x) (sizeof(x) / sizeof((x)[0]))

static void batches(struct worker *w, size_t size, size_t count)
{
	uint64_t n = share(24000) / count + 1;
	void *batch[MOST];
	size_t i;

	w->ops += n * count;
	while (n--) {
		for (i = 0; i < count; i++)
			batch[i] = take(size);
		drop_all(batch, count);
	}
}

static void work(struct worker *w)
{
	size_t size, count;

	for (size = 0; size < NR(sizes); size++)
		for (count = 0; count < NR(counts); count++)
			batches(w, sizes[size], counts[count]);
}

static const struct program self = {
	.name = "fixed",
	.threads = 1,
	.work = work,
};
