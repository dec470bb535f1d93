// SPDX-License-Identifier: MIT
/*
 * Many blocks at once: as if each had been allocated and freed alone, of every
 * kind of block and in any order.
 */
#include <pthread.h>
#include <string.h>

#include <hz3/shard/cache.h>

#include "hz3test.h"

#define NR 500U /* more than any magazine holds */

static void *block[NR];

/* Every one a block of its own, of at least so many bytes. */
static void expect_distinct(struct hz3test *t, size_t size)
{
	u32 i;

	for (i = 0; i < NR; i++) {
		ASSERT_TRUE(t, block[i]);
		EXPECT_GE(t, heap_usable_size(block[i]), size);
		memset(block[i], 0, size);
		memcpy(block[i], &i, min(size, sizeof(i)));
	}
	for (i = 0; i < NR; i++)
		EXPECT_EQ(t, memcmp(block[i], &i, min(size, sizeof(i))), 0);
}

static size_t live_bytes(void)
{
	struct heap_stats st;

	heap_get_stats(&st);
	return st.small_used - st.cached + st.medium_used + st.large_used;
}

static void every_kind(struct hz3test *t)
{
	static const size_t sizes[] = { 4, 16, 100, 5000, 32768, 300000 };
	size_t before = live_bytes();
	size_t i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		ASSERT_EQ(t, heap_malloc_bulk(sizes[i], block, NR), NR);
		expect_distinct(t, sizes[i]);
		EXPECT_GE(t, live_bytes(), before + NR * sizes[i]);
		heap_free_bulk(block, NR);
		EXPECT_EQ(t, live_bytes(), before);
	}
	EXPECT_EQ(t, heap_malloc_bulk(100, block, 0), 0);
	heap_free_bulk(block, 0);
}

/* A part of a magazine, and not one object more. */
static void exact(struct hz3test *t)
{
	void *guard = (void *)block;
	u32 n;

	for (n = 1; n < 100; n++) {
		block[n] = guard;
		ASSERT_EQ(t, heap_malloc_bulk(64, block, n), n);
		EXPECT_TRUE(t, block[n] == guard);
		heap_free_bulk(block, n);
	}
}

static void impossible(struct hz3test *t)
{
	EXPECT_EQ(t, heap_malloc_bulk(HEAP_SIZE_MAX, block, 3), 0);
}

/* Sizes, kinds and nothing take turns, in stretches of any length. */
static void mixture(struct hz3test *t)
{
	static const size_t sizes[] = { 16, 48, 48, 20000, 100000, 48 };
	size_t before = live_bytes();
	unsigned long seed = 1;
	u32 round;
	u32 i;

	for (round = 0; round < 50; round++) {
		for (i = 0; i < NR; i++) {
			size_t n = hz3test_rand(&seed) % 7;

			block[i] = n == 6 ? NULL :
					    heap_malloc(sizes[n],
							heap_malloc_slow);
		}
		heap_free_bulk(block, NR);
		EXPECT_EQ(t, live_bytes(), before);
	}
}

static void *give(void *arg)
{
	(void)arg;
	return (void *)(uptr)heap_malloc_bulk(64, block, NR);
}

/* Those of another shard go home, those of this one into the magazine. */
static void others(struct hz3test *t)
{
	size_t before = 0;
	pthread_t thread;
	u32 i;

	/* attached, so that the other gets a shard of its own */
	heap_free(heap_malloc(64, heap_malloc_slow));
	for (i = 0; i < 20; i++) {
		hz3test_start(t, &thread, 1, give);
		hz3test_join(&thread, 1);
		expect_distinct(t, 64);
		heap_free(block[i]);
		block[i] = heap_malloc(64, heap_malloc_slow);
		heap_free_bulk(block, NR);
		heap_purge(); /* what is in a stash is not counted */
		/* The C library keeps something of the first thread. */
		if (!i)
			before = live_bytes();
	}
	EXPECT_EQ(t, live_bytes(), before);
}

static void free_twice(void *arg)
{
	(void)arg;
	if (heap_malloc_bulk(64, block, 3) < 3)
		return;
	block[1] = block[0];
	heap_free_bulk(block, 3);
}

static void free_wild(void *arg)
{
	if (heap_malloc_bulk(64, block, 3) < 3)
		return;
	block[1] = arg;
	heap_free_bulk(block, 3);
}

static void mistakes(struct hz3test *t)
{
	if (IS_ENABLED(CONFIG_HZ3_FREE_CHECK))
		hz3test_dies(t, free_twice, NULL, "hz3: double free");
	/* Where it goes to the next allocator, that one says it. */
	hz3test_dies(t, free_wild, block,
		     IS_ENABLED(CONFIG_HZ3_FOREIGN_LIBC) ? "" : "hz3: ");
}

static const struct hz3test_case cases[] = {
	HZ3TEST_CASE(every_kind),
	HZ3TEST_CASE(exact),
	HZ3TEST_CASE(impossible),
	HZ3TEST_CASE(mixture),
	HZ3TEST_CASE(others),
	HZ3TEST_CASE(mistakes),
	{},
};

HZ3TEST_SUITE(.name = "bulk", .cases = cases);
