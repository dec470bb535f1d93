// SPDX-License-Identifier: MIT
/*
 * The allocator below malloc(3): its own answers to bad pointers, its figures,
 * and, in builds that allow it, every failing system call.
 */
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include <hz3/align.h>
#include <hz3/mm/large.h>
#include <hz3/mm/os.h>
#include <hz3/mm/pagetag.h>
#include <hz3/mm/segment.h>
#include <hz3/remote/inbox.h>
#include <hz3/shard/cache.h>
#include <hz3/shard/depot.h>
#include <hz3/shard/heap.h>
#include <hz3/shard/pheap.h>

#include "hz3test.h"

#define MIB (1UL << 20)

static void every_size_class(struct hz3test *t)
{
	size_t size;

	for (size = 0; size < 3 * MIB; size += size / 50 + 1) {
		u8 *p = heap_malloc(size, heap_malloc_slow);
		size_t usable;

		ASSERT_TRUE(t, p);
		usable = heap_usable_size(p);
		EXPECT_GE(t, usable, size);
		EXPECT_EQ(t, usable, heap_good_size(size));
		EXPECT_TRUE(t, heap_owns(p));
		EXPECT_TRUE(t,
			    heap_owns(p + usable - 1) || usable > RUN_SIZE_MAX);
		memset(p, 1, usable);
		heap_free(p);
	}
	EXPECT_TRUE(t, !heap_owns(&size));
	EXPECT_TRUE(t, !heap_owns(NULL));
}

static void too_big(struct hz3test *t)
{
	size_t align;

	EXPECT_TRUE(t, !heap_malloc_slow(HEAP_SIZE_MAX));
	EXPECT_TRUE(t, !heap_malloc_slow(SIZE_MAX));
	EXPECT_TRUE(t, !heap_zalloc(SIZE_MAX - 100));
	EXPECT_TRUE(t, !heap_memalign(1UL << 62, 1UL << 62));
	EXPECT_TRUE(t, !heap_memalign(4096, SIZE_MAX - 4095));
	for (align = 1UL << 48; align; align *= 2)
		EXPECT_TRUE(t, !heap_memalign(align, 100));
}

static void figures(struct hz3test *t)
{
	static void *p[1000];
	struct heap_stats a;
	struct heap_stats b;
	size_t i;

	heap_free(heap_malloc(1000, heap_malloc_slow));
	heap_get_stats(&a);
	for (i = 0; i < 1000; i++)
		p[i] = heap_malloc(1000, heap_malloc_slow);
	heap_get_stats(&b);
	EXPECT_GE(t, b.small_used - b.cached,
		  a.small_used - a.cached + 1000 * 1000);
	EXPECT_LE(t, b.small_used, a.small_used + 1200 * 1024);
	EXPECT_GE(t, b.committed, b.small_used);
	EXPECT_GE(t, b.reserved, b.committed);
	EXPECT_GE(t, b.nr_threads, IS_ENABLED(CONFIG_TLS_NONE) ? 0UL : 1UL);
	for (i = 0; i < 1000; i++)
		heap_free(p[i]);
	heap_purge();
	heap_get_stats(&b);
	EXPECT_LE(t, b.small_used - b.cached, a.small_used + 64 * 1024);
	EXPECT_EQ(t, b.medium_used, a.medium_used);
	p[0] = heap_malloc(200000, heap_malloc_slow);
	p[1] = heap_malloc(10 * MIB, heap_malloc_slow);
	heap_get_stats(&b);
	EXPECT_EQ(t, b.nr_medium, a.nr_medium + 1);
	EXPECT_EQ(t, b.nr_large, a.nr_large + 1);
	EXPECT_GE(t, b.large_used, a.large_used + 10 * MIB);
	heap_free(p[0]);
	heap_free(p[1]);
	heap_get_stats(&b);
	EXPECT_EQ(t, b.nr_medium, a.nr_medium);
	EXPECT_EQ(t, b.nr_large, a.nr_large);
}

static void free_twice(void *arg)
{
	void *p = heap_malloc((size_t)arg, heap_malloc_slow);

	heap_free(p);
	heap_free(p);
}

static void free_inside(void *arg)
{
	u8 *p = heap_malloc((size_t)arg, heap_malloc_slow);

	heap_free(p + 16);
	heap_purge();
}

static void free_wild(void *arg)
{
	heap_free(arg);
}

static void realloc_wild(void *arg)
{
	if (heap_realloc(arg, 100))
		_exit(0);
}

static void bad_pointers(struct hz3test *t)
{
	static char data[64] __aligned(16);
	/* What is no block any more goes to the next allocator: it says so. */
	const char *text = IS_ENABLED(CONFIG_HZ3_FOREIGN_LIBC) ? "" : "hz3: ";

	if (IS_ENABLED(CONFIG_HZ3_FREE_CHECK))
		hz3test_dies(t, free_twice, (void *)100, "hz3: double free");
	hz3test_dies(t, free_twice, (void *)200000, text);
	hz3test_dies(t, free_twice, (void *)(8 * MIB), text);
	hz3test_dies(t, free_inside, (void *)1000, "hz3: ");
	hz3test_dies(t, free_inside, (void *)200000, text);
	hz3test_dies(t, free_inside, (void *)(8 * MIB), text);
	if (IS_ENABLED(CONFIG_HZ3_FOREIGN_LIBC))
		return;
	hz3test_dies(t, free_wild, data, "hz3: ");
	hz3test_dies(t, free_wild, data + 8, "hz3: ");
	hz3test_dies(t, free_wild, (void *)16, "hz3: ");
	hz3test_dies(t, free_wild, (void *)~0UL, "hz3: ");
	hz3test_dies(t, realloc_wild, data, "hz3: ");
}

/* Drains the inbox of a shard that the object in it does not belong to. */
static void drain_moved(void *unused)
{
	void *p = heap_malloc(1000, heap_malloc_slow);
	u8 dst = TAG_DST(pagetag_lookup(p)) == 1 ? 2 : 1;
	struct shard *sh = shard_get(dst);
	struct magazine *m;

	(void)unused;
	lock_acquire(&sh->lock);
	m = magazine_get(sh);
	m->bin = (u32)size_to_bin(1000);
	m->slot[m->count++] = p;
	inbox_post(dst, m, 1000);
	depot_drain_inbox(sh);
	lock_release(&sh->lock);
}

static void freed_twice_and_moved(struct hz3test *t)
{
	if (NR_SHARDS == 1)
		hz3test_skip(t, "needs two shards");
	hz3test_dies(t, drain_moved, NULL, "hz3: double free");
}

static void *marked(void *ptr, uptr mark)
{
	return (void *)((uptr)ptr | mark << 56);
}

static void free_marked(void *arg)
{
	heap_free(marked(heap_malloc((size_t)arg, heap_malloc_slow), 0xB4));
}

/* A byte of the program's own on top of a pointer: taken off, or refused. */
static void marks(struct hz3test *t)
{
	static const size_t sizes[] = { 16, 1000, 200000, 8 * MIB };
	size_t usable;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		size_t size = sizes[i];
		void *p = heap_malloc(size, heap_malloc_slow);
		void *m = marked(p, 0xB4);

		EXPECT_EQ(t, heap_owns(m), IS_ENABLED(CONFIG_ARM64_TBI));
		EXPECT_TRUE(t,
			    heap_block_of(m, &usable) ==
				    (IS_ENABLED(CONFIG_ARM64_TBI) ? p : NULL));
		if (!IS_ENABLED(CONFIG_ARM64_TBI)) {
			heap_free(p);
			if (!IS_ENABLED(CONFIG_HZ3_FOREIGN_LIBC))
				hz3test_dies(t, free_marked, (void *)size,
					     "hz3: ");
			continue;
		}
		EXPECT_EQ(t, heap_usable_size(m), heap_good_size(size));
		EXPECT_TRUE(t, heap_realloc(m, size) == p);
		heap_free(m);
		/* It was the block: it is the first to be used again. */
		EXPECT_TRUE(t, heap_malloc(size, heap_malloc_slow) == p);
		heap_free(marked(p, 1));
	}
	heap_free(marked(NULL, IS_ENABLED(CONFIG_ARM64_TBI)));
}

static void marks_in_heaps(struct hz3test *t)
{
	struct hz3_heap *heap = pheap_create();
	bool zeroed;
	void *p;
	void *m;

	ASSERT_TRUE(t, heap);
	p = pheap_alloc(heap, 200000, OBJECT_ALIGN, &zeroed);
	m = marked(p, 0xB4);
	EXPECT_EQ(t, pheap_of(m) == heap, IS_ENABLED(CONFIG_ARM64_TBI));
	if (IS_ENABLED(CONFIG_ARM64_TBI)) {
		/* There is room behind it; then to an object of the heap's. */
		EXPECT_TRUE(t, heap_expand(m, 300000));
		p = heap_realloc(m, 100);
		EXPECT_TRUE(t, pheap_of(p) == heap);
		heap_free(marked(p, 1));
	}
	pheap_destroy(heap);
}

static void *in_thread(void *arg)
{
	unsigned long *refused = arg;
	void *p[30];
	size_t i;

	for (i = 0; i < 30; i++) {
		p[i] = heap_malloc_slow(i * 3000 + 1);
		*refused += !p[i];
	}
	for (i = 0; i < 30; i++)
		heap_free(p[i]);
	return NULL;
}

/* Every 20th of some objects stays: between them are holes. */
static void leave_holes(struct hz3test *t)
{
	u8 *p[200];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(p); i++) {
		p[i] = heap_malloc_slow(2000);
		if (p[i])
			memset(p[i], (int)i, 2000);
	}
	for (i = 0; i < ARRAY_SIZE(p); i++)
		if (i % 20 && p[i])
			heap_free(p[i]);
	heap_purge();
	for (i = 0; i < ARRAY_SIZE(p); i += 20) {
		if (!p[i])
			continue;
		EXPECT_TRUE(t, p[i][0] == (u8)i && p[i][1999] == (u8)i);
		heap_free(p[i]);
	}
}

/* Returns how many requests were refused. */
static unsigned long workload(struct hz3test *t)
{
	static const size_t size[] = { 16,     100, 5000,    30000,   100000,
				       700000, MIB, 3 * MIB, 20 * MIB };
	unsigned long refused = 0;
	u8 *p[ARRAY_SIZE(size)];
	pthread_t thread;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(size); i++) {
		p[i] = i % 2 ? heap_zalloc(size[i]) :
			       heap_memalign(16UL << i, size[i]);
		if (!p[i]) {
			refused++;
			continue;
		}
		if (i % 2)
			EXPECT_EQ(t, p[i][0] | p[i][size[i] - 1], 0);
		p[i][0] = (u8)i;
		p[i][size[i] - 1] = (u8)i;
	}
	for (i = 0; i < ARRAY_SIZE(size); i++) {
		u8 *q;

		if (!p[i])
			continue;
		q = heap_realloc(p[i], size[i] * 3 + 1);
		refused += !q;
		if (q)
			p[i] = q;
		EXPECT_EQ(t, p[i][0], (u8)i);
		if (size[i] > 16 || q)
			EXPECT_EQ(t, p[i][size[i] - 1], (u8)i);
		q = heap_realloc(p[i], size[i] / 2 + 1);
		if (q)
			p[i] = q;
		EXPECT_EQ(t, p[i][0], (u8)i);
	}
	if (!pthread_create(&thread, NULL, in_thread, &refused))
		pthread_join(thread, NULL);
	leave_holes(t);
	for (i = 0; i < ARRAY_SIZE(size); i++)
		if (p[i])
			heap_free(p[i]);
	heap_purge();
	return refused;
}

/*
 * Each system call fails once, then from some point on all of them: NULL is
 * an answer, a crash is not, and later everything works again. For call 1, 2,
 * and so on, until a run makes fewer.
 */
static void fail_from(struct hz3test *t, bool sticky)
{
	unsigned long refused = 0;
	unsigned long calls;
	unsigned long nth;

	if (!IS_ENABLED(CONFIG_HZ3_FAULT_INJECTION))
		hz3test_skip(t, "needs CONFIG_HZ3_FAULT_INJECTION");
	for (nth = 1; nth < 5000; nth++) {
		os_fail_nth(nth, sticky);
		refused += workload(t);
		calls = os_fail_nth(0, false);
		EXPECT_EQ(t, workload(t), 0UL);
		if (calls < nth)
			break;
	}
	/* A test that refuses nothing tests nothing. */
	EXPECT_GT(t, nth, 5UL);
	/* After one failure a purge and a second try may do. */
	if (sticky)
		EXPECT_GT(t, refused, 0UL);
}

/* Holes whose pages the system does not take are as they were. */
static void purge_refused(struct hz3test *t)
{
	struct heap_stats before;
	struct heap_stats after;

	if (!IS_ENABLED(CONFIG_HZ3_FAULT_INJECTION))
		hz3test_skip(t, "needs CONFIG_HZ3_FAULT_INJECTION");
	leave_holes(t);
	heap_purge();
	heap_get_stats(&before);
	os_fail_nth(1, true);
	leave_holes(t);
	EXPECT_GT(t, os_fail_nth(0, false), 10UL);
	heap_purge();
	heap_get_stats(&after);
	EXPECT_EQ(t, after.nr_spans, before.nr_spans);
}

static void one_call_fails(struct hz3test *t)
{
	fail_from(t, false);
}

static void all_calls_fail(struct hz3test *t)
{
	fail_from(t, true);
}

/* The same with guard pages, which are set and lifted by calls of their own. */
static void one_call_fails_guarded(struct hz3test *t)
{
	store_relaxed(&large_guard, true);
	fail_from(t, false);
	store_relaxed(&large_guard, false);
}

static void all_calls_fail_guarded(struct hz3test *t)
{
	store_relaxed(&large_guard, true);
	fail_from(t, true);
	store_relaxed(&large_guard, false);
}

/* The option shards: of those there are, threads use the first. */
static void few_shards(struct hz3test *t)
{
	struct thread *state[20];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(state); i++) {
		store_relaxed(&heap_shards, i < 10 ? 1U : 2U);
		state[i] = thread_create(true);
		ASSERT_TRUE(t, state[i]);
		EXPECT_LE(t, state[i]->shard, i < 10 ? 1 : 2);
	}
	EXPECT_EQ(t, state[10]->shard, min(NR_SHARDS, 2U));
	store_relaxed(&heap_shards, 0U);
	for (i = 0; i < ARRAY_SIZE(state); i++)
		thread_destroy(state[i]);
}

/* What is free, and has been for a round of housekeeping. */
static size_t dirty_after_round(void)
{
	struct heap_stats st;

	usleep((CONFIG_HZ3_REAP_MS + 20) * 1000);
	reap_turn();
	heap_get_stats(&st);
	return st.dirty;
}

static void *work_directly(void *arg)
{
	struct hz3test *t = arg;
	unsigned int ms;
	u32 epoch;

	heap_free(heap_malloc(100, heap_malloc_slow));
	heap_thread_exit();
	EXPECT_EQ(t, thread_current()->mode, THREAD_DIRECT);
	epoch = load_relaxed(&heap_reap_epoch);
	for (ms = 0; ms < 4 * CONFIG_HZ3_REAP_MS; ms++) {
		int i;

		usleep(1000);
		for (i = 0; i < 40; i++)
			heap_free(heap_malloc(100, heap_malloc_slow));
		if (load_relaxed(&heap_reap_epoch) != epoch)
			return NULL;
	}
	EXPECT_TRUE(t, !"nobody has done the housekeeping");
	return NULL;
}

/* Small blocks without caches pass a slow path each, but none that polls. */
static void direct_mode_reaps(struct hz3test *t)
{
	pthread_t thread;

	if (CONFIG_HZ3_REAP_MS > 1000)
		hz3test_skip(t, "housekeeping is too rare");
	ASSERT_EQ(t, pthread_create(&thread, NULL, work_directly, t), 0);
	pthread_join(thread, NULL);
}

static void decay_never(struct hz3test *t)
{
	u8 *p;

	if (CONFIG_HZ3_REAP_MS > 1000)
		hz3test_skip(t, "housekeeping is too rare");
	store_relaxed(&heap_decay_ms, MS_NEVER);
	p = heap_malloc_slow(8 * MIB);
	ASSERT_TRUE(t, p);
	memset(p, 1, 8 * MIB);
	heap_free(p);
	EXPECT_GE(t, dirty_after_round(), 8 * MIB);
	EXPECT_GE(t, dirty_after_round(), 8 * MIB);
	store_relaxed(&heap_decay_ms, 0U);
	EXPECT_LT(t, dirty_after_round(), 8 * MIB);
}

static const struct hz3test_case cases[] = {
	HZ3TEST_CASE(few_shards),
	HZ3TEST_CASE(decay_never),
	HZ3TEST_CASE(direct_mode_reaps),
	HZ3TEST_CASE(every_size_class),
	HZ3TEST_CASE(too_big),
	HZ3TEST_CASE(figures),
	HZ3TEST_CASE(bad_pointers),
	HZ3TEST_CASE(freed_twice_and_moved),
	HZ3TEST_CASE(marks),
	HZ3TEST_CASE(marks_in_heaps),
	HZ3TEST_CASE(purge_refused),
	HZ3TEST_CASE(one_call_fails),
	HZ3TEST_CASE(all_calls_fail),
	HZ3TEST_CASE(one_call_fails_guarded),
	HZ3TEST_CASE(all_calls_fail_guarded),
	{ 0 },
};

HZ3TEST_SUITE(.name = "heap", .cases = cases);
