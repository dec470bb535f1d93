// SPDX-License-Identifier: MIT
/*
 * aligned - what does an alignment cost, in time and in memory?
 *
 * Objects of 8 to 8191 bytes at alignments of 16 to 4096 bytes are replaced
 * at random, by all three functions that programs use.
 */
#include <malloc.h>

#include "program.h"

#define SLOTS 4096

static void *any_function(unsigned int which, size_t align, size_t size)
{
	void *ptr;

	switch (which) {
	case 0:
		return posix_memalign(&ptr, align, size) ? NULL : ptr;
	case 1:
		return memalign(align, size);
	default:
		/* by the letter, the size must be a multiple here */
		return aligned_alloc(align, (size + align - 1) & -align);
	}
}

static void work(struct worker *w)
{
	void **slots = map(SLOTS * sizeof(*slots));
	uint64_t n;

	w->ops = share(250000);
	for (n = w->ops; n; n--) {
		void **slot = &slots[below(&w->rng, SLOTS)];
		size_t align = (size_t)16 << below(&w->rng, 9);
		size_t size = skewed(&w->rng, 3, 12);

		drop(*slot);
		*slot = stamp(any_function(n % 3, align, size), size);
		if ((uintptr_t)*slot % align)
			fail("an object is not aligned");
	}
	drop_all(slots, SLOTS);
}

static const struct program self = {
	.name = "aligned",
	.threads = 1,
	.work = work,
};
