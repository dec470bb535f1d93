// SPDX-License-Identifier: MIT
/*
 * bench_random_mixed_mt_remote - what does it cost when objects are freed by
 * another thread than the one that allocated them?
 *
 *   bench_random_mixed_mt_remote THREADS ITERS WS MIN MAX REMOTE_PCT
 *                                [RING_SLOTS=65536] [OPTION...]
 *
 * Every thread owns WS slots. In each iteration it first frees what others
 * sent it, then picks a slot and a size at random: an empty slot is filled
 * with malloc(size); the object of an occupied one is sent to another thread
 * with REMOTE_PCT percent probability and freed on the spot otherwise. When
 * the receiver's ring is full the object is freed by its owner (a fallback).
 * A run is comparable only if fewer than 0.10 % of the sends fell back.
 *
 *   --touch      write the first and the last byte of every object
 *   --matched    wait for room in the ring instead of falling back
 *   --dest=next  send to thread i + 1 (default); =random: to any other;
 *                =one: all to thread 0, which sends nothing
 *   --rss        report the largest resident set
 *   --json       one JSON object instead of the text
 *
 * The numbers of the base form are fixed: generator x = x * 1664525 +
 * 1013904223 with seed 0x12345678 + i * 977, slot and size drawn in every
 * iteration, the third number only for an occupied slot. The options draw
 * from a generator of their own. Rings and slots are mapped, so the allocator
 * sees nothing but the objects. Exit status 1: an allocation failed.
 */
#include <getopt.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench.h"
#include "ring.h"

#define NAP_US 50 /* of a thread that is done while others still work */

enum dest {
	DEST_NEXT,
	DEST_RANDOM,
	DEST_ONE,
};

struct worker {
	struct ring ring; /* what others send to this thread */
	_Alignas(CACHE_LINE) pthread_t thread;
	unsigned int id;
	uint32_t rng, option_rng;
	void **slots;
	double begin, end;
	uint64_t ops, sends, local_frees, fallback_frees, recv_frees, failures;
};

static struct {
	unsigned int threads, remote_pct, ws;
	unsigned long iters, ring_slots;
	size_t min, max;
	enum dest dest;
	int touch, matched, rss, json; /* getopt_long() sets them */
} opt = { .ring_slots = 65536 };

static const char *const dest_names[] = { "next", "random", "one" };
static struct worker *workers;
static pthread_barrier_t start_line;
static atomic_uint busy; /* threads that may still send */

/* Frees everything that was sent to this thread. */
static bool drain(struct worker *w)
{
	uint64_t before = w->recv_frees;
	void *ptr;

	while ((ptr = ring_pop(&w->ring))) {
		free(ptr);
		w->recv_frees++;
	}
	w->ops += w->recv_frees - before;
	return w->recv_frees != before;
}

/* Whom this thread sends to; NULL when it is the receiver itself. */
static struct worker *receiver(struct worker *w)
{
	unsigned int step = 1;

	if (opt.threads == 1 || (opt.dest == DEST_ONE && w->id == 0))
		return NULL;
	if (opt.dest == DEST_ONE)
		return &workers[0];
	if (opt.dest == DEST_RANDOM)
		step += (next_random(&w->option_rng) >> 8) % (opt.threads - 1);
	return &workers[(w->id + step) % opt.threads];
}

static void release(struct worker *w, void *ptr)
{
	struct worker *to = NULL;

	if (next_random(&w->rng) % 100 < opt.remote_pct)
		to = receiver(w);
	if (!to) {
		free(ptr);
		w->local_frees++;
		return;
	}
	while (!ring_push(&to->ring, ptr)) {
		if (!opt.matched) {
			free(ptr);
			w->fallback_frees++;
			return;
		}
		/* keep receiving: everybody may be waiting for room */
		if (!drain(w))
			sched_yield();
	}
	w->sends++;
}

static void *acquire(struct worker *w, size_t size)
{
	void *p = malloc(size);

	if (!p)
		w->failures++;
	else if (opt.touch)
		touch(p, size);
	return p;
}

static void iterate(struct worker *w)
{
	uint32_t idx, size;

	drain(w);
	idx = next_random(&w->rng) % opt.ws;
	size = (uint32_t)(opt.min +
			  next_random(&w->rng) % (opt.max - opt.min + 1));
	if (w->slots[idx]) {
		release(w, w->slots[idx]);
		w->slots[idx] = NULL;
	} else {
		w->slots[idx] = acquire(w, size);
	}
	w->ops++;
}

static void *work(void *arg)
{
	struct worker *w = arg;
	unsigned long i;

	pthread_barrier_wait(&start_line);
	w->begin = now();
	for (i = 0; i < opt.iters; i++)
		iterate(w);
	w->end = now();
	/* others may still send: what they sent is part of the work */
	atomic_fetch_sub_explicit(&busy, 1, memory_order_acq_rel);
	while (atomic_load_explicit(&busy, memory_order_acquire)) {
		if (drain(w))
			w->end = now();
		else
			usleep(NAP_US);
	}
	if (drain(w))
		w->end = now();
	return NULL;
}

static void prepare(struct worker *w, unsigned int id)
{
	w->id = id;
	w->rng = 0x12345678u + id * 977u;
	w->option_rng = ~w->rng;
	w->slots = map(opt.ws * sizeof(*w->slots));
	ring_init(&w->ring, opt.ring_slots, opt.dest != DEST_NEXT);
}

/* Runs all threads, adds their figures up in *sum. */
static void run(struct worker *sum)
{
	unsigned int i;
	uint32_t s;

	workers = map(opt.threads * sizeof(*workers));
	pthread_barrier_init(&start_line, NULL, opt.threads);
	atomic_init(&busy, opt.threads);
	for (i = 0; i < opt.threads; i++)
		prepare(&workers[i], i);
	for (i = 0; i < opt.threads; i++) {
		if (pthread_create(&workers[i].thread, NULL, work,
				   &workers[i])) {
			fputs("cannot create a thread\n", stderr);
			exit(2);
		}
	}
	for (i = 0; i < opt.threads; i++) {
		struct worker *w = &workers[i];

		pthread_join(w->thread, NULL);
		if (i == 0 || w->begin < sum->begin)
			sum->begin = w->begin;
		if (w->end > sum->end)
			sum->end = w->end;
		sum->ops += w->ops;
		sum->sends += w->sends;
		sum->local_frees += w->local_frees;
		sum->fallback_frees += w->fallback_frees;
		sum->recv_frees += w->recv_frees;
		sum->failures += w->failures;
		for (s = 0; s < opt.ws; s++)
			free(w->slots[s]);
	}
}

struct result {
	double time, rate, actual_pct, fallback_pct;
};

static void evaluate(const struct worker *sum, struct result *r)
{
	uint64_t tries = sum->sends + sum->fallback_frees;
	uint64_t frees = tries + sum->local_frees;

	r->time = sum->end - sum->begin;
	r->rate = r->time > 0 ? (double)sum->ops / r->time : 0;
	r->actual_pct = frees ? 100.0 * (double)sum->sends / (double)frees : 0;
	r->fallback_pct =
		tries ? 100.0 * (double)sum->fallback_frees / (double)tries : 0;
}

static void print_text(const struct worker *sum, const struct result *r)
{
	print_allocator(false);
	printf("[BENCH_ARGS] threads=%u iters=%lu ws=%u min=%zu max=%zu "
	       "remote_pct=%u ring_slots=%lu touch=%d matched=%d dest=%s\n",
	       opt.threads, opt.iters, opt.ws, opt.min, opt.max, opt.remote_pct,
	       opt.ring_slots, opt.touch, opt.matched, dest_names[opt.dest]);
	printf("bench_random_mixed_mt_remote: threads=%u ops=%lu time=%.6f "
	       "ops/s=%.0f\n",
	       opt.threads, sum->ops, r->time, r->rate);
	printf("[EFFECTIVE_REMOTE] target=%.2f%% actual=%.2f%% "
	       "fallback_rate=%.4f%% sends=%lu local_frees=%lu "
	       "fallback_frees=%lu recv_frees=%lu\n",
	       (double)opt.remote_pct, r->actual_pct, r->fallback_pct,
	       sum->sends, sum->local_frees, sum->fallback_frees,
	       sum->recv_frees);
	printf("[ALLOC_FAILURES] count=%lu\n", sum->failures);
	if (opt.rss)
		printf("[RSS] peak_kib=%ld\n", peak_rss_kib());
}

static void print_json(const struct worker *sum, const struct result *r)
{
	printf("{");
	print_allocator(true);
	printf("\"threads\": %u, \"iters\": %lu, \"ws\": %u, \"min\": %zu, "
	       "\"max\": %zu, \"remote_pct\": %u, \"ring_slots\": %lu, "
	       "\"touch\": %d, \"matched\": %d, \"dest\": \"%s\", ",
	       opt.threads, opt.iters, opt.ws, opt.min, opt.max, opt.remote_pct,
	       opt.ring_slots, opt.touch, opt.matched, dest_names[opt.dest]);
	printf("\"ops\": %lu, \"time\": %.6f, \"ops_per_s\": %.0f, ", sum->ops,
	       r->time, r->rate);
	printf("\"actual_remote_pct\": %.4f, \"fallback_pct\": %.4f, "
	       "\"sends\": %lu, \"local_frees\": %lu, \"fallback_frees\": %lu, "
	       "\"recv_frees\": %lu, ",
	       r->actual_pct, r->fallback_pct, sum->sends, sum->local_frees,
	       sum->fallback_frees, sum->recv_frees);
	printf("\"alloc_failures\": %lu, \"peak_rss_kib\": %ld}\n",
	       sum->failures, peak_rss_kib());
}

static void usage(void)
{
	fputs("usage: bench_random_mixed_mt_remote THREADS ITERS WS MIN MAX\n"
	      "\tREMOTE_PCT [RING_SLOTS=65536] [--touch] [--matched]\n"
	      "\t[--dest=next|random|one] [--rss] [--json]\n",
	      stderr);
	exit(2);
}

static void parse_dest(const char *name)
{
	for (opt.dest = DEST_NEXT; opt.dest <= DEST_ONE; opt.dest++)
		if (!strcmp(name, dest_names[opt.dest]))
			return;
	usage();
}

static void parse_options(int argc, char **argv)
{
	static const struct option options[] = {
		{ "touch", no_argument, &opt.touch, true },
		{ "matched", no_argument, &opt.matched, true },
		{ "dest", required_argument, NULL, 'd' },
		{ "rss", no_argument, &opt.rss, true },
		{ "json", no_argument, &opt.json, true },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c == 'd')
			parse_dest(optarg);
		else if (c)
			usage();
	}
}

static void parse(int argc, char **argv)
{
	parse_options(argc, argv);
	argc -= optind;
	argv += optind;
	if (argc != 6 && argc != 7)
		usage();
	opt.threads = (unsigned int)number(argv[0], 1, 4096);
	opt.iters = number(argv[1], 1, 1UL << 40);
	opt.ws = (unsigned int)number(argv[2], 1, 1U << 28);
	opt.min = number(argv[3], 1, 1U << 30);
	opt.max = number(argv[4], opt.min, 1U << 30);
	opt.remote_pct = (unsigned int)number(argv[5], 0, 100);
	if (argc == 7)
		opt.ring_slots = number(argv[6], 2, 1U << 28);
}

int main(int argc, char **argv)
{
	struct result result;
	struct worker sum = { .ops = 0 };

	parse(argc, argv);
	run(&sum);
	evaluate(&sum, &result);
	if (opt.json)
		print_json(&sum, &result);
	else
		print_text(&sum, &result);
	return sum.failures != 0;
}
