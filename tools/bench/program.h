/* SPDX-License-Identifier: MIT */
/*
 * What the small benchmarks share, main() included. Each asks one question,
 * describes itself with a struct program called self, and is called
 *
 *   NAME [THREADS] [SCALE] [--threads=N] [--scale=N] [--SETTING=N]...
 *
 * The work follows from the arguments alone, never from the clock, so that
 * every allocator does the same. SCALE is a percentage: 100 takes a good
 * allocator some tenths of a second on two cores, however many threads share
 * the work. One thread means the main thread: libc's shortcuts for programs
 * without threads then count.
 *
 * The output is the allocator that answered, one line of results, and lines
 * in brackets where a program has more to say. Exit status 1: an allocation
 * failed, or an object was not what it should be.
 *
 * Build without the compiler's knowledge of malloc (-fno-builtin), or it may
 * do without the objects.
 */
#ifndef _TOOLS_BENCH_PROGRAM_H
#define _TOOLS_BENCH_PROGRAM_H

#include <pthread.h>

#include "bench.h"

#define MAX_THREADS 4096
#define MIN_OBJECT  8 /* of those that carry their size */

struct worker {
	_Alignas(CACHE_LINE) pthread_t thread;
	unsigned int id;
	uint32_t rng;
	uint64_t ops; /* how many the program has done, for the rate */
	double begin, end;
	double idle; /* seconds in between that are no work */
};

struct setting {
	const char *name;
	unsigned long *value;
	unsigned long min, max;
};

struct program {
	const char *name;
	unsigned long threads;          /* unless told */
	const struct setting *settings; /* up to one without a name */
	void (*setup)(void);            /* before the clock starts */
	void (*work)(struct worker *w); /* in every thread */
	void (*finish)(void);           /* clean up, say more */
};

/* The program says what it is at its end. */
static const struct program self;

static unsigned long threads, scale = 100;
static struct worker *workers;
static pthread_barrier_t start_line;

static inline void fail(const char *why)
{
	fprintf(stderr, "%s: %s\n", self.name, why);
	exit(1);
}

/* This thread's part of the work: so much for each percent of the scale. */
static inline uint64_t share(uint64_t per_percent)
{
	uint64_t part = per_percent * scale / threads;

	return part ? part : 1;
}

/* --- numbers */

/* From 0 to n - 1. */
static inline uint32_t below(uint32_t *rng, uint32_t n)
{
	return (uint32_t)((uint64_t)next_random(rng) * n >> 32);
}

static inline size_t between(uint32_t *rng, size_t min, size_t max)
{
	return min + below(rng, (uint32_t)(max - min + 1));
}

/*
 * A size from 2^lo to less than 2^(hi + 1). Each power of two is as likely as
 * the next, so that there are many small objects and some large ones.
 */
static inline size_t skewed(uint32_t *rng, unsigned int lo, unsigned int hi)
{
	size_t power = (size_t)1 << (lo + below(rng, hi - lo + 1));

	return power + below(rng, (uint32_t)power);
}

/* --- objects that tell when they were given out twice or written over */

static inline void *stamp(void *ptr, size_t size)
{
	if (!ptr)
		fail("an allocation failed");
	*(uint32_t *)ptr = (uint32_t)size;
	((unsigned char *)ptr)[size - 1] = (unsigned char)size;
	return ptr;
}

/* The object's size. */
static inline size_t verify(const void *ptr)
{
	uint32_t size = *(const uint32_t *)ptr;

	if (size < MIN_OBJECT ||
	    ((const unsigned char *)ptr)[size - 1] != (unsigned char)size)
		fail("an object is damaged");
	return size;
}

static inline void *take(size_t size)
{
	return stamp(malloc(size), size);
}

static inline void drop(void *ptr)
{
	if (!ptr)
		return;
	verify(ptr);
	*(uint32_t *)ptr = 0;
	free(ptr);
}

/* Another size for an object, or a new one in the place of none. */
static inline void *retake(void *ptr, size_t size)
{
	size_t old = ptr ? verify(ptr) : 0;

	ptr = realloc(ptr, size);
	if (ptr && old && *(uint32_t *)ptr != old)
		fail("realloc lost the content");
	return stamp(ptr, size);
}

static inline void drop_all(void **slots, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		drop(slots[i]);
		slots[i] = NULL;
	}
}

/* --- how a program runs */

static inline void *run_worker(void *arg)
{
	struct worker *w = arg;

	pthread_barrier_wait(&start_line);
	w->begin = now();
	self.work(w);
	w->end = now();
	return NULL;
}

static inline void start_thread(pthread_t *thread, void *(*fn)(void *),
				void *arg)
{
	if (pthread_create(thread, NULL, fn, arg))
		fail("cannot create a thread");
}

static inline void run_workers(void)
{
	unsigned int i;

	workers = map(threads * sizeof(*workers));
	pthread_barrier_init(&start_line, NULL, (unsigned int)threads);
	for (i = 0; i < threads; i++) {
		workers[i].id = i;
		workers[i].rng = 0x12345678u + i * 977u;
	}
	if (threads == 1) {
		run_worker(&workers[0]);
		return;
	}
	for (i = 0; i < threads; i++)
		start_thread(&workers[i].thread, run_worker, &workers[i]);
	for (i = 0; i < threads; i++)
		pthread_join(workers[i].thread, NULL);
}

static inline void print_result(void)
{
	double begin = workers[0].begin, end = workers[0].end;
	uint64_t ops = 0;
	unsigned int i;

	for (i = 0; i < threads; i++) {
		if (workers[i].begin < begin)
			begin = workers[i].begin;
		if (workers[i].end > end)
			end = workers[i].end;
		ops += workers[i].ops;
	}
	end -= begin + workers[0].idle;
	print_allocator(false);
	printf("%s: threads=%lu ops=%lu time=%.6f ops/s=%.0f rss=%ld\n",
	       self.name, threads, (unsigned long)ops, end,
	       end > 0 ? (double)ops / end : 0, peak_rss_kib());
}

/* NAME=VALUE for one of these settings? */
static inline bool set(const struct setting *s, const char *text)
{
	for (; s && s->name; s++) {
		size_t len = strlen(s->name);

		if (!strncmp(text, s->name, len) && text[len] == '=') {
			*s->value = number(text + len + 1, s->min, s->max);
			return true;
		}
	}
	return false;
}

static inline void usage(const struct setting *s)
{
	fprintf(stderr, "usage: %s [THREADS] [SCALE]", self.name);
	for (; s && s->name; s++)
		fprintf(stderr, " [--%s=%lu]", s->name, *s->value);
	fputs("\n", stderr);
	exit(2);
}

static inline void parse(char **argv)
{
	const struct setting common[] = {
		{ "threads", &threads, 1, MAX_THREADS },
		{ "scale", &scale, 1, 1000000 },
		{ NULL, NULL, 0, 0 },
	};
	const struct setting *next = common;

	while (*++argv) {
		const char *arg = *argv;

		if (arg[0] == '-' && arg[1] == '-') {
			if (!set(common, arg + 2) &&
			    !set(self.settings, arg + 2))
				usage(self.settings);
		} else if (next->name) {
			*next->value = number(arg, next->min, next->max);
			next++;
		} else {
			usage(self.settings);
		}
	}
}

int main(int argc, char **argv)
{
	(void)argc;
	threads = self.threads;
	parse(argv);
	if (self.setup)
		self.setup();
	run_workers();
	print_result();
	if (self.finish)
		self.finish();
	return 0;
}

#endif /* _TOOLS_BENCH_PROGRAM_H */
