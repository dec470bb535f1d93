// SPDX-License-Identifier: MIT
/*
 * Survivors at random places: malloc_trim() gives back the pages between them,
 * also those of blocks it cannot move, and so does time, when other sizes are
 * used, or much of these at once. Of 64 MiB one block in ten stays; the
 * resident set is then the pages that have a survivor, as counted here, and
 * little more. And while one thread does nothing but trim, what others write
 * stays intact.
 * selftest: modes=preload,linked needs=native,HZ3_PURGE_HOLES
 */
#include "selftest.h"

#define TOTAL     (64 * MIB)
#define NR_MAX    (TOTAL / 64)
#define REMAINDER (4 * MIB) /* partly used segments and spans, our records */

static unsigned char **block;
static size_t nr;

/* Blocks that are resident to their last byte, up to the volume. */
static void take_all(size_t min, size_t max)
{
	unsigned long seed = 11;
	size_t sum = 0;

	for (nr = 0; sum < TOTAL && nr < NR_MAX; nr++) {
		size_t size = min + next_random(&seed) % (max - min + 1);

		block[nr] = malloc(size);
		REQUIRE(block[nr]);
		fill(block[nr], size, size);
		memcpy(block[nr], &size, sizeof(size));
		sum += size;
	}
}

static void thin_out(void)
{
	unsigned long seed = 12;
	size_t stay = 0;

	for (size_t i = 0; i < nr; i++) {
		if (next_random(&seed) % 10)
			free(block[i]);
		else
			block[stay++] = block[i];
	}
	nr = stay;
}

static int by_address(const void *a, const void *b)
{
	const unsigned char *p = *(unsigned char *const *)a;
	const unsigned char *q = *(unsigned char *const *)b;

	return (p > q) - (p < q);
}

/* Bytes of the pages that survivors lie in, each page once. */
static size_t pages_of_survivors(void)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	uintptr_t next = 0;
	size_t bytes = 0;

	qsort(block, nr, sizeof(*block), by_address);
	for (size_t i = 0; i < nr; i++) {
		uintptr_t p = (uintptr_t)block[i] & -page;
		uintptr_t end =
			(uintptr_t)block[i] + malloc_usable_size(block[i]);

		for (p = p < next ? next : p; p < end; p += page)
			bytes += page;
		next = p;
	}
	return bytes;
}

static void free_survivors(void)
{
	for (size_t i = 0; i < nr; i++) {
		size_t head = sizeof(size_t);
		size_t size;

		memcpy(&size, block[i], head);
		while (head < size && block[i][head] == pattern(size, head))
			head++;
		CHECK(head == size, "byte %zu of %zu", head, size);
		free(block[i]);
	}
}

/* Misses of one size, and time for what is quiet to decay. */
static void go_on(size_t until)
{
	void *p[200];

	for (int round = 0; round < 500 && rss() > until; round++) {
		take_blocks(p, 200, 48);
		free(malloc(3 * MIB));
		free_blocks(p, 200);
		sleep_ms(10);
	}
}

static void decays(void)
{
	size_t base = rss();
	size_t need;

	take_all(1500, 4096);
	thin_out();
	need = pages_of_survivors() + REMAINDER;
	CHECK(above(rss(), base) > 2 * need);
	go_on(base + need);
	say("%zu KiB, with time\n", above(rss(), base) >> 10);
	CHECK(above(rss(), base) <= need, "%zu of %zu", above(rss(), base),
	      need);
	free_survivors();
}

/*
 * As much again of other sizes, at once: no decay is quick enough. Eight MiB
 * of growth say that the old sizes have no part in it.
 */
static void others_grow(void)
{
	size_t most = TOTAL / 8192;
	void **more = map_pages(most * sizeof(*more));
	size_t base = rss();
	size_t need;

	take_all(1500, 4096);
	thin_out();
	need = pages_of_survivors() + TOTAL + TOTAL / 8 + 8 * MIB + REMAINDER;
	for (size_t i = 0; i < most; i++)
		more[i] = memset(malloc(8192), 1, 8192);
	say("%zu KiB, as others grow\n", above(rss(), base) >> 10);
	CHECK(above(rss(), base) <= need, "%zu of %zu", above(rss(), base),
	      need);
	free_blocks(more, most);
	free_survivors();
	malloc_trim(0);
}

static void survivors(size_t min, size_t max)
{
	size_t base = rss();
	size_t full;
	size_t need;
	size_t have;

	take_all(min, max);
	thin_out();
	full = above(rss(), base);
	CHECK(malloc_trim(0) == 1);
	have = above(rss(), base);
	/* There is nothing left, and what was looked through is known. */
	CHECK(malloc_trim(0) == 0);
	need = pages_of_survivors();
	say("%zu to %zu bytes: %zu KiB, then %zu KiB for %zu KiB\n", min, max,
	    full >> 10, have >> 10, need >> 10);
	CHECK(full > TOTAL - TOTAL / 8, "%zu", full);
	CHECK(have <= need + REMAINDER, "%zu of %zu", have, need);
	free_survivors();
	malloc_trim(0);
	CHECK(rss() <= base + REMAINDER, "%zu left", above(rss(), base));
}

static void *work(void *arg)
{
	keep_busy((unsigned long)arg, 256, 20000);
	return NULL;
}

static void others_work(void)
{
	unsigned long end = now_ms() + scaled(500);
	pthread_t thread[3];

	start_threads(thread, 3, work, 1);
	while (now_ms() < end)
		malloc_trim(0);
	stop_threads(thread, 3);
}

int main(void)
{
	selftest_begin(50);
	block = map_pages(NR_MAX * sizeof(*block));
	memset(block, 0, NR_MAX * sizeof(*block));
	free(malloc(1));
	survivors(1500, 4096);
	survivors(4097, 32768);
	survivors(300, 600);
	decays();
	others_grow();
	others_work();
	return selftest_end();
}
