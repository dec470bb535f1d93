// SPDX-License-Identifier: MIT
/*
 * Heaps of the program's own: their segments go with them, bad pointers and
 * handles are answered, and refused memory is an answer too.
 */
#include <string.h>

#include <hz3/align.h>
#include <hz3/mm/arena.h>
#include <hz3/mm/large.h>
#include <hz3/mm/os.h>
#include <hz3/mm/pagetag.h>
#include <hz3/mm/segment.h>
#include <hz3/shard/cache.h>
#include <hz3/shard/heap.h>
#include <hz3/shard/pheap.h>

#include "hz3test.h"

#define MIB (1UL << 20)

static void *alloc(struct hz3_heap *heap, size_t size)
{
	bool zeroed;

	return pheap_alloc(heap, size, OBJECT_ALIGN, &zeroed);
}

static size_t heaps_held(void)
{
	struct pheap_stats st;

	pheap_get_stats(NULL, &st);
	return st.held;
}

/* Of all sizes, many segments of them. Returns how many were refused. */
static unsigned long fill_heap(struct hz3_heap *heap)
{
	unsigned long seed = 1;
	unsigned long refused = 0;
	size_t i;

	for (i = 0; i < 2000; i++) {
		size_t size = hz3test_rand(&seed) % (1UL << i % 17) + 1;
		u8 *p = alloc(heap, size);

		refused += !p;
		if (p)
			p[size - 1] = 1;
	}
	for (i = 1; i < 10; i++)
		refused += !alloc(heap, i * MIB);
	return refused;
}

static void nothing_is_left(struct hz3test *t)
{
	struct heap_stats before;
	struct heap_stats after;
	struct hz3_heap *heap;
	int i;

	heap_free(heap_malloc(1, heap_malloc_slow));
	heap_get_stats(&before);
	for (i = 0; i < 3; i++) {
		heap = pheap_create();
		ASSERT_TRUE(t, heap);
		EXPECT_EQ(t, fill_heap(heap), 0UL);
		heap_get_stats(&after);
		EXPECT_GT(t, after.small_used, before.small_used + MIB);
		EXPECT_GT(t, after.nr_large, before.nr_large);
		EXPECT_GT(t, heaps_held(), 10 * MIB);
		if (i)
			pheap_reset(heap);
		EXPECT_EQ(t, fill_heap(heap), 0UL);
		pheap_destroy(heap);
	}
	heap_get_stats(&after);
	EXPECT_EQ(t, heaps_held(), 0UL);
	EXPECT_EQ(t, after.nr_segments, before.nr_segments);
	EXPECT_EQ(t, after.small_used, before.small_used);
	EXPECT_EQ(t, after.medium_used, before.medium_used);
	EXPECT_EQ(t, after.large_used, before.large_used);
}

/* Segments and records of large blocks are used again. */
static void records_are_reused(struct hz3test *t)
{
	u32 n = SEGMENT_GRANULES - SEGMENT_HEADER_GRANULES;
	struct heap_stats before;
	struct heap_stats after;
	int i;
	int j;

	for (i = 0; i < 100; i++) {
		struct hz3_heap *heap = pheap_create();

		ASSERT_TRUE(t, heap);
		EXPECT_TRUE(t, alloc(heap, SEGMENT_SIZE));
		/* Two of these make a segment full. */
		for (j = 0; j < 10; j++)
			EXPECT_TRUE(t, alloc(heap,
					     (n + j % 2) / 2 * GRANULE_SIZE));
		pheap_destroy(heap);
		heap_get_stats(i == 10 ? &before : &after);
	}
	EXPECT_EQ(t, after.meta, before.meta);
	EXPECT_EQ(t, after.committed, before.committed);
	EXPECT_EQ(t, after.dirty, before.dirty);
}

/* Free pages of a heap decay like all others. */
static void pages_decay(struct hz3test *t)
{
	struct hz3_heap *heap = pheap_create();
	struct heap_stats st;
	void *p[100];
	size_t i;

	ASSERT_TRUE(t, heap);
	for (i = 0; i < ARRAY_SIZE(p); i++)
		p[i] = alloc(heap, 100000);
	for (i = 0; i < ARRAY_SIZE(p); i++)
		heap_free(p[i]);
	heap_get_stats(&st);
	EXPECT_GT(t, st.dirty, MIB);
	EXPECT_GT(t, heap_purge(), 0UL);
	heap_get_stats(&st);
	EXPECT_LT(t, st.dirty, MIB);
	pheap_destroy(heap);
}

static struct hz3_heap *shared;
static void *handed[400]; /* atomic: who finds a block there frees it */

static bool visit(void *arg, void *block, size_t size)
{
	++*(size_t *)arg;
	return block && size;
}

/* Even ones look, the others allocate, and free what somebody left. */
static void *in_thread(void *arg)
{
	size_t me = (size_t)arg;
	unsigned long seed = me + 1;
	struct pheap_stats st;
	size_t seen = 0;
	size_t i;

	for (i = 0; i < 3000; i++) {
		unsigned long r = hz3test_rand(&seed);
		void **slot = &handed[r % ARRAY_SIZE(handed)];
		void *p = alloc(shared, r >> 8 & (i % 50 ? 0xfff : 0x1fffff));

		heap_free(__atomic_exchange_n(slot, p, __ATOMIC_ACQ_REL));
		if (me % 2 || i % 100)
			continue;
		pheap_walk(shared, visit, &seen);
		pheap_get_stats(NULL, &st);
		heap_purge();
		pheap_destroy(pheap_create());
	}
	return NULL;
}

static void shared_by_threads(struct hz3test *t)
{
	struct pheap_stats st;
	pthread_t thread[4];
	size_t i;

	shared = pheap_create();
	ASSERT_TRUE(t, shared);
	hz3test_start(t, thread, 4, in_thread);
	hz3test_join(thread, 4);
	for (i = 0; i < ARRAY_SIZE(handed); i++)
		heap_free(handed[i]);
	pheap_get_stats(shared, &st);
	EXPECT_EQ(t, st.nr_blocks, 0UL);
	EXPECT_EQ(t, st.used, 0UL);
	EXPECT_GT(t, st.peak, 0UL);
	pheap_destroy(shared);
}

struct bad {
	size_t size;
	size_t offset;
	int nr_frees;
};

static void free_badly(void *arg)
{
	struct hz3_heap *heap = pheap_create();
	struct bad *bad = arg;
	u8 *p = alloc(heap, bad->size);
	int i;

	for (i = 0; i < bad->nr_frees; i++)
		heap_free(p + bad->offset);
}

static void use_after_destroy(void *arg)
{
	struct hz3_heap *heap = pheap_create();

	pheap_destroy(heap);
	if (alloc(heap, (size_t)arg))
		pheap_destroy(heap);
}

static void free_after_destroy(void *arg)
{
	struct hz3_heap *heap = pheap_create();
	void *p = alloc(heap, (size_t)arg);

	pheap_destroy(heap);
	heap_free(p);
}

static void free_the_heap(void *arg)
{
	(void)arg;
	heap_free(pheap_create());
}

static void bad_pointers(struct hz3test *t)
{
	static struct bad bad[] = {
		{ 100, 0, 2 },       { 200000, 0, 2 },   { 8 * MIB, 0, 2 },
		{ 100, 16, 1 },      { 100, 4096, 1 },   { 200000, 16, 1 },
		{ 200000, 4096, 1 }, { 8 * MIB, 16, 1 }, { 8 * MIB, MIB, 1 },
	};
	/* What is no block any more goes to the next allocator: it says so. */
	const char *text = IS_ENABLED(CONFIG_HZ3_FOREIGN_LIBC) ? "" : "hz3: ";
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bad); i++)
		hz3test_dies(t, free_badly, &bad[i],
			     bad[i].size > 1000 ? text : "hz3: ");
	hz3test_dies(t, use_after_destroy, (void *)100, "hz3: heap was");
	if (IS_ENABLED(CONFIG_HZ3_FOREIGN_LIBC))
		return;
	hz3test_dies(t, free_after_destroy, (void *)100, "hz3: ");
	hz3test_dies(t, free_after_destroy, (void *)(8 * MIB), "hz3: ");
	hz3test_dies(t, free_the_heap, NULL, "hz3: ");
}

/* Whichever system call fails: NULL, nothing lost, and later all is well. */
static void calls_fail(struct hz3test *t)
{
	unsigned long refused = 0;
	unsigned long nth;

	if (!IS_ENABLED(CONFIG_HZ3_FAULT_INJECTION))
		hz3test_skip(t, "needs CONFIG_HZ3_FAULT_INJECTION");
	for (nth = 1; nth < 1000; nth++) {
		struct hz3_heap *heap;
		unsigned long calls;

		os_fail_nth(nth, nth % 2);
		heap = pheap_create();
		refused += heap ? fill_heap(heap) : 1;
		calls = os_fail_nth(0, false);
		if (heap)
			pheap_destroy(heap);
		EXPECT_EQ(t, heaps_held(), 0UL);
		if (calls < nth)
			break;
	}
	EXPECT_GT(t, refused, 0UL);
}

/*
 * A block whose guard page cannot be lifted stays as long as it was: the
 * heap's count is of what there is.
 */
static void a_guard_page_stays(struct hz3test *t)
{
	struct hz3_heap *heap = pheap_create();
	struct pheap_stats st;
	void *p;

	if (!IS_ENABLED(CONFIG_HZ3_FAULT_INJECTION))
		hz3test_skip(t, "needs CONFIG_HZ3_FAULT_INJECTION");
	store_relaxed(&large_guard, true);
	p = alloc(heap, 9 * MIB);
	ASSERT_TRUE(t, p);
	os_fail_nth(1, true);
	p = heap_realloc(p, 5 * MIB);
	ASSERT_TRUE(t, p);
	EXPECT_EQ(t, heap_usable_size(p), 9 * MIB);
	pheap_get_stats(heap, &st);
	EXPECT_EQ(t, st.used, 9 * MIB);
	os_fail_nth(0, false);
	p = heap_realloc(p, 5 * MIB);
	pheap_get_stats(heap, &st);
	EXPECT_EQ(t, st.used, 5 * MIB);
	heap_free(p);
	pheap_get_stats(heap, &st);
	EXPECT_EQ(t, st.used, 0UL);
	pheap_destroy(heap);
}

static const struct hz3test_case cases[] = {
	HZ3TEST_CASE(nothing_is_left),    HZ3TEST_CASE(records_are_reused),
	HZ3TEST_CASE(pages_decay),        HZ3TEST_CASE(shared_by_threads),
	HZ3TEST_CASE(bad_pointers),       HZ3TEST_CASE(calls_fail),
	HZ3TEST_CASE(a_guard_page_stays), { 0 },
};

HZ3TEST_SUITE(.name = "pheap", .cases = cases);
