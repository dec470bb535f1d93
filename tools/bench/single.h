/* SPDX-License-Identifier: MIT */
/*
 * The single-threaded benchmarks: one loop, and the sizes are what differs.
 *
 *   PROGRAM ITERS WS MIN MAX [SEED] [WORD] [--touch] [--rss] [--json]
 *
 * In each iteration a slot and a size are drawn: an empty slot is filled with
 * malloc(size), the object of an occupied one is freed. An iteration is one
 * operation. The slots are mapped, so the allocator sees nothing but the
 * objects.
 *
 *   --touch  write the first and the last byte of every object
 *   --rss    report the largest resident set
 *   --json   one JSON object instead of the text
 *
 * Exit status 1: an allocation failed.
 */
#ifndef _TOOLS_BENCH_SINGLE_H
#define _TOOLS_BENCH_SINGLE_H

#include <getopt.h>
#include <stdbool.h>
#include <string.h>

#include "bench.h"

struct single {
	const char *name, *word; /* WORD must follow, if there is one */
	unsigned long iters;
	unsigned int ws;
	size_t min, max;
	uint32_t seed;
	int touch, rss, json; /* getopt_long() sets them */
	double time;
	uint64_t failures;
};

/* One size between b->min and b->max. */
typedef size_t draw_fn(const struct single *b, uint32_t *rng);

static inline void single_usage(const struct single *b)
{
	fprintf(stderr,
		"usage: %s ITERS WS MIN MAX [SEED]%s%s\n"
		"\t[--touch] [--rss] [--json]\n",
		b->name, b->word ? " " : "", b->word ? b->word : "");
	exit(2);
}

static inline void single_options(struct single *b, int argc, char **argv)
{
	const struct option options[] = {
		{ "touch", no_argument, &b->touch, true },
		{ "rss", no_argument, &b->rss, true },
		{ "json", no_argument, &b->json, true },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1)
		if (c)
			single_usage(b);
}

static inline void single_parse(struct single *b, int argc, char **argv)
{
	single_options(b, argc, argv);
	argc -= optind;
	argv += optind;
	if (b->word && (argc < 1 || strcmp(argv[--argc], b->word) != 0))
		single_usage(b);
	if (argc != 4 && argc != 5)
		single_usage(b);
	b->iters = number(argv[0], 1, 1UL << 40);
	b->ws = (unsigned int)number(argv[1], 1, 1U << 28);
	b->min = number(argv[2], 1, 1U << 30);
	b->max = number(argv[3], b->min, 1U << 30);
	b->seed = 0x12345678u;
	if (argc == 5)
		b->seed = (uint32_t)number(argv[4], 0, UINT32_MAX);
}

static inline void single_loop(struct single *b, draw_fn *draw)
{
	void **slots = map(b->ws * sizeof(*slots));
	uint32_t rng = b->seed;
	double begin = now();
	unsigned long i;

	for (i = 0; i < b->iters; i++) {
		void **slot = &slots[next_random(&rng) % b->ws];
		size_t size = draw(b, &rng);

		if (*slot) {
			free(*slot);
			*slot = NULL;
			continue;
		}
		*slot = malloc(size);
		if (!*slot)
			b->failures++;
		else if (b->touch)
			touch(*slot, size);
	}
	b->time = now() - begin;
	for (i = 0; i < b->ws; i++)
		free(slots[i]);
}

static inline void single_print(const struct single *b)
{
	double rate = b->time > 0 ? (double)b->iters / b->time : 0;

	if (b->json) {
		printf("{");
		print_allocator(true);
		printf("\"iters\": %lu, \"ws\": %u, \"min\": %zu, "
		       "\"max\": %zu, \"seed\": %u, \"touch\": %d, "
		       "\"ops\": %lu, \"time\": %.6f, \"ops_per_s\": %.0f, "
		       "\"alloc_failures\": %lu, \"peak_rss_kib\": %ld}\n",
		       b->iters, b->ws, b->min, b->max, b->seed, b->touch,
		       b->iters, b->time, rate, b->failures, peak_rss_kib());
		return;
	}
	print_allocator(false);
	printf("[BENCH_ARGS] iters=%lu ws=%u min=%zu max=%zu seed=%u "
	       "touch=%d\n",
	       b->iters, b->ws, b->min, b->max, b->seed, b->touch);
	printf("%s: ops=%lu time=%.6f ops/s=%.0f\n", b->name, b->iters, b->time,
	       rate);
	printf("[ALLOC_FAILURES] count=%lu\n", b->failures);
	if (b->rss)
		printf("[RSS] peak_kib=%ld\n", peak_rss_kib());
}

/* All of main(). */
static inline int single_main(struct single *b, draw_fn *draw, int argc,
			      char **argv)
{
	single_parse(b, argc, argv);
	single_loop(b, draw);
	single_print(b);
	return b->failures != 0;
}

#endif /* _TOOLS_BENCH_SINGLE_H */
