// SPDX-License-Identifier: MIT
/*
 * bench_random_mixed_malloc_args - how fast is one thread when all sizes of a
 * range are equally likely?
 *
 *   bench_random_mixed_malloc_args ITERS WS MIN MAX [SEED] [OPTION...]
 *
 * The usual ranges: small 16 2048, medium 4096 32768, mixed 16 32768. For the
 * rest see single.h.
 */
#include "single.h"

static size_t draw(const struct single *b, uint32_t *rng)
{
	return b->min + next_random(rng) % (b->max - b->min + 1);
}

int main(int argc, char **argv)
{
	struct single b = { .name = "bench_random_mixed_malloc_args" };

	return single_main(&b, draw, argc, argv);
}
