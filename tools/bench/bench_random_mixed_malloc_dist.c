// SPDX-License-Identifier: MIT
/*
 * bench_random_mixed_malloc_dist - how fast is one thread when, as in most
 * applications, small objects are many and large ones are few?
 *
 *   bench_random_mixed_malloc_dist ITERS WS MIN MAX [SEED] app [OPTION...]
 *
 * Distribution "app": 80 % of the sizes are from 16 to 256 bytes, 15 % from
 * 257 to 2048 and 5 % from 2049 to 32768; a size below MIN becomes MIN, one
 * above MAX becomes MAX. For the rest see single.h.
 */
#include "single.h"

static const struct {
	uint32_t below; /* percent, this class and those before it */
	size_t min, max;
} app[] = {
	{ 80, 16, 256 },
	{ 95, 257, 2048 },
	{ 100, 2049, 32768 },
};

static size_t draw(const struct single *b, uint32_t *rng)
{
	/* the generator's low bits are not random enough for a choice of 3 */
	uint32_t percent = (next_random(rng) >> 8) % 100;
	unsigned int i = 0;
	size_t size;

	while (percent >= app[i].below)
		i++;
	size = app[i].min + next_random(rng) % (app[i].max - app[i].min + 1);
	if (size < b->min)
		return b->min;
	return size < b->max ? size : b->max;
}

int main(int argc, char **argv)
{
	struct single b = {
		.name = "bench_random_mixed_malloc_dist",
		.word = "app",
	};

	return single_main(&b, draw, argc, argv);
}
