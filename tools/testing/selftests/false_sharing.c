// SPDX-License-Identifier: MIT
/*
 * Two threads' small blocks in one cache line: a survey of addresses, fresh
 * and after blocks have changed hands (TESTING.md class 35).
 * selftest: modes=preload
 */
#include "selftest.h"

#define NR_THREADS 4
#define NR         4000
#define LINE       64

static void *block[NR_THREADS][NR];
static size_t block_size;
static pthread_barrier_t barrier;

static void *run(void *arg)
{
	void **p = block[(size_t)arg];

	for (int i = 0; i < NR; i++) {
		p[i] = malloc(block_size);
		REQUIRE(p[i]);
		*(char *)p[i] = (char)i;
	}
	pthread_barrier_wait(&barrier);
	return NULL;
}

struct line {
	uintptr_t number;
	size_t thread;
};

static int by_line(const void *a, const void *b)
{
	const struct line *x = a;
	const struct line *y = b;

	if (x->number != y->number)
		return x->number < y->number ? -1 : 1;
	return x->thread < y->thread ? -1 : x->thread > y->thread;
}

static double shared_percent(void)
{
	static struct line line[NR_THREADS * NR];
	size_t n = 0;
	size_t nr_lines = 0;
	size_t nr_shared = 0;

	for (size_t t = 0; t < NR_THREADS; t++)
		for (size_t i = 0; i < NR; i++)
			line[n++] =
				(struct line){ (uintptr_t)block[t][i] / LINE,
					       t };
	qsort(line, n, sizeof(*line), by_line);
	for (size_t i = 0; i < n;) {
		size_t j = i;

		while (j < n && line[j].number == line[i].number)
			j++;
		nr_lines++;
		nr_shared += line[j - 1].thread != line[i].thread;
		i = j;
	}
	return 100.0 * (double)nr_shared / (double)nr_lines;
}

static void survey(size_t size)
{
	double percent;

	block_size = size;
	run_threads(NR_THREADS, run, 0);
	percent = shared_percent();
	CHECK(percent <= 2, "size %zu: %.1f %% of the lines", size, percent);
	for (size_t t = 0; t < NR_THREADS; t++)
		for (int i = 0; i < NR; i++)
			free(block[t][i]);
}

int main(void)
{
	selftest_begin(30);
	pthread_barrier_init(&barrier, NULL, NR_THREADS);
	survey(8);
	survey(16);
	survey(32);
	survey(48);
	return selftest_end();
}
