// SPDX-License-Identifier: MIT
/*
 * zeroed - what does calloc cost: clearing what is known to be clear?
 *
 * Objects of 16 bytes to 1 KiB, and one in 64 of 4 to 512 KiB as a sparse
 * table would be, are replaced at random. Small ones are read and written all
 * over, large ones once in every page; so memory that comes back is dirty,
 * and memory fresh from the system need not be touched twice.
 */
#include "program.h"

#define SLOTS 512
#define SMALL 1024

/* Each word must be 0 and is no longer. */
static void soil(uint64_t *words, size_t size)
{
	size_t step = size <= SMALL ? 1 : 4088 / sizeof(*words);
	size_t i;

	for (i = 0; i < size / sizeof(*words); i += step) {
		if (words[i])
			fail("calloc gave memory that is not zero");
		words[i] = ~(uint64_t)0;
	}
}

static void work(struct worker *w)
{
	void **slots = map(SLOTS * sizeof(*slots));
	uint64_t n;
	size_t i;

	w->ops = share(40000);
	for (n = w->ops; n; n--) {
		void **slot = &slots[below(&w->rng, SLOTS)];
		size_t size = below(&w->rng, 64) ? skewed(&w->rng, 4, 9) :
						   skewed(&w->rng, 12, 18);

		free(*slot);
		*slot = calloc(size / 8, 8);
		if (!*slot)
			fail("an allocation failed");
		soil(*slot, size);
	}
	for (i = 0; i < SLOTS; i++)
		free(slots[i]);
}

static const struct program self = {
	.name = "zeroed",
	.threads = 1,
	.work = work,
};
