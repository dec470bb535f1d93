// SPDX-License-Identifier: MIT
/*
 * regrow - what does a growing array cost? (lists and byte arrays of an
 * interpreter, any vector)
 *
 * Eight arrays of numbers grow by an eighth at a time and in turn, so that
 * each is in the way of the others; an array of 16 MiB is dropped and begun
 * anew. Moving pages instead of bytes, and room to grow in place, pay.
 */
#include "program.h"

#define ARRAYS 8
#define MOST   (4u << 20) /* numbers in an array */
#define PROBE  1021       /* how far apart numbers are checked */

struct array {
	uint32_t *numbers;
	size_t count;
};

static void start_over(struct array *a)
{
	size_t i;

	for (i = 0; i < a->count; i += PROBE)
		if (a->numbers[i] != i)
			fail("realloc lost the content");
	free(a->numbers);
	a->numbers = NULL;
	a->count = 0;
}

/* Returns by how many numbers the array grew. */
static size_t extend(struct array *a)
{
	size_t old = a->count, count = old + old / 8 + 8;
	uint32_t *numbers = realloc(a->numbers, count * sizeof(*numbers));
	size_t i;

	if (!numbers)
		fail("an allocation failed");
	for (i = old; i < count; i++)
		numbers[i] = (uint32_t)i;
	a->numbers = numbers;
	a->count = count;
	return count - old;
}

static void work(struct worker *w)
{
	uint64_t todo = share(3000000);
	struct array arrays[ARRAYS] = {};
	size_t i;

	while (w->ops < todo) {
		struct array *a = &arrays[below(&w->rng, ARRAYS)];

		w->ops += extend(a);
		if (a->count > MOST)
			start_over(a);
	}
	for (i = 0; i < ARRAYS; i++)
		start_over(&arrays[i]);
}

static const struct program self = {
	.name = "regrow",
	.threads = 1,
	.work = work,
};
