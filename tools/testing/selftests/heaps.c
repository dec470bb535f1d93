// SPDX-License-Identifier: MIT
/*
 * Heaps of the program's own: blocks of every size from any thread, freed one
 * by one by anybody or all at once, counted, limited, visited; also across a
 * fork. Thousands of heaps cost what they use.
 * selftest: modes=linked,static timeout=120 needs=HZ3_FORK
 */
#include <hz3/hz3.h>

#include "selftest.h"

#define NR_THREADS 4

static volatile size_t n;

static struct hz3_heap_stats stats(struct hz3_heap *heap)
{
	struct hz3_heap_stats st = { .size = sizeof(st) };

	hz3_heap_get_stats(heap, &st);
	CHECK(st.size == sizeof(st) && st.version == 1);
	return st;
}

static struct hz3_heap *new_heap(void)
{
	struct hz3_heap *heap = hz3_heap_create();

	REQUIRE(heap);
	return heap;
}

/* One block through all that can be done with it. */
static void life_of(struct hz3_heap *heap, size_t size)
{
	char *p = hz3_heap_malloc(heap, size);
	size_t usable = hz3_usable_size(p);
	size_t base = 0;

	REQUIRE(p);
	CHECK(usable == hz3_good_size(size) && hz3_heap_of(p) == heap);
	CHECK(hz3_block_of(p + usable - 1, &base) == p && base == usable,
	      "%zu: %zu", size, base);
	CHECK(hz3_owns(p + usable / 2));
	fill(p, usable, size);
	p = hz3_realloc(p, size * 2 + 1);
	CHECK(p && intact(p, size, size) && hz3_heap_of(p) == heap);
	p = hz3_heap_realloc(heap, p, size / 3 + 1);
	CHECK(p && intact(p, size / 3 + 1, size) && hz3_heap_of(p) == heap);
	if (hz3_expand(p, size))
		CHECK(hz3_usable_size(p) >= size);
	CHECK(stats(heap).used_bytes == hz3_usable_size(p), "%zu", size);
	free(p);
	p = hz3_heap_calloc(heap, 1, size);
	CHECK(p && all_zero(p, size), "%zu", size);
	hz3_free_sized(p, size);
}

static void blocks(void)
{
	struct hz3_heap *heap = new_heap();
	char *p;

	for (n = 1; n <= 20 * MIB; n = n * 4 / 3 + 1)
		life_of(heap, n);
	for (n = 1; n <= 16 * MIB; n *= 2) {
		p = hz3_heap_aligned_alloc(heap, n, n / 2 + 1);
		CHECK(p && !((uintptr_t)p % n) && hz3_heap_of(p) == heap, "%zu",
		      n);
		free(p);
	}
	p = hz3_heap_realloc(heap, NULL, 0);
	CHECK(p && stats(heap).nr_blocks == 1 && stats(heap).used_bytes >= 1);
	CHECK(!hz3_heap_realloc(heap, p, 0));
	CHECK(stats(heap).nr_blocks == 0 && stats(heap).used_bytes == 0);
	n = SIZE_MAX - 4096;
	errno = 0;
	CHECK(!hz3_heap_malloc(heap, n) && errno == ENOMEM);
	CHECK(!hz3_heap_calloc(heap, n, 2));
	errno = 0;
	CHECK(!hz3_heap_aligned_alloc(heap, 48, 1) && errno == EINVAL);
	p = hz3_malloc(100);
	CHECK(!hz3_heap_of(p) && !hz3_heap_of(NULL) && !hz3_heap_of(&heap));
	free(p);
	hz3_heap_destroy(heap);
	hz3_heap_destroy(NULL);
}

static void limits(void)
{
	static const size_t sizes[] = { 100, 3000, 50000, 600000, 2 * MIB };
	struct hz3_heap *heap = new_heap();
	struct hz3_heap_stats st;
	char *p;

	hz3_heap_set_limit(heap, 10 * MIB);
	for (size_t i = 0; i < 5; i++) {
		char *last = NULL;

		for (errno = 0; (p = hz3_heap_malloc(heap, sizes[i]));)
			last = p;
		st = stats(heap);
		CHECK(errno == ENOMEM && st.nr_refused == 1);
		CHECK(st.used_bytes <= 10 * MIB &&
		      st.used_bytes + hz3_good_size(sizes[i]) > 10 * MIB);
		CHECK(st.limit_bytes == 10 * MIB);
		CHECK(!hz3_realloc(last, 9 * MIB) &&
		      !hz3_expand(last, MIB * 9));
		CHECK(stats(heap).used_bytes == st.used_bytes);
		free(last);
		CHECK((p = hz3_heap_malloc(heap, sizes[i])));
		CHECK(stats(heap).used_bytes == st.used_bytes);
		hz3_heap_reset(heap);
		CHECK(stats(heap).nr_blocks == 0 &&
		      stats(heap).used_bytes == 0);
		CHECK(stats(heap).peak_bytes == st.peak_bytes);
		hz3_heap_destroy(heap);
		heap = new_heap();
		hz3_heap_set_limit(heap, 10 * MIB);
	}
	hz3_heap_set_limit(heap, 0);
	p = hz3_heap_malloc(heap, 20 * MIB);
	CHECK(p && !stats(heap).limit_bytes);
	/* Less is allowed, even where that is too much. */
	hz3_heap_set_limit(heap, MIB);
	CHECK((p = hz3_realloc(p, 8 * MIB)) &&
	      stats(heap).used_bytes == 8 * MIB);
	CHECK(!hz3_realloc(p, 9 * MIB));
	hz3_heap_destroy(heap);
}

struct visit {
	size_t nr;
	size_t bytes;
	size_t stop_at;
	void *last;
};

static int count(void *arg, void *block, size_t size)
{
	struct visit *v = arg;

	CHECK(size == hz3_usable_size(block) && block != v->last);
	v->last = block;
	v->bytes += size;
	return ++v->nr == v->stop_at ? 7 : 0;
}

/* A collector: odd ones go, at times with what was put there meanwhile. */
static int sweep(void *arg, void *block, size_t size)
{
	struct visit *v = arg;

	(void)size;
	if (++v->nr % 2)
		free(block);
	else
		free(hz3_heap_malloc(hz3_heap_of(block), v->nr % 5000));
	return 0;
}

static int sweep_all(void *arg, void *block, size_t size)
{
	(void)size;
	++*(size_t *)arg;
	free(block);
	return 0;
}

/* As above, and what the heap gives back becomes another's. */
static struct hz3_heap *others[100];
static size_t nr_others;

static int sweep_and_reuse(void *arg, void *block, size_t size)
{
	struct visit *v = arg;
	struct hz3_heap *heap = hz3_heap_of(block);
	size_t held = stats(heap).held_bytes;

	CHECK(size && (!v->last || v->last == heap));
	v->last = heap;
	v->nr++;
	free(block);
	if (stats(heap).held_bytes >= held || nr_others == 100)
		return 0;
	others[nr_others] = new_heap();
	while (stats(others[nr_others]).held_bytes < 2 * held)
		hz3_heap_malloc(others[nr_others], 4096);
	nr_others++;
	return 0;
}

static void walks(void)
{
	struct hz3_heap *heap = new_heap();
	static void *block[30000];
	unsigned long seed = 3;
	struct hz3_heap_stats st;
	struct visit v = { 0 };
	size_t swept = 0;

	CHECK(!hz3_heap_walk(heap, count, &v) && v.nr == 0);
	for (size_t i = 0; i < 30000; i++)
		block[i] = hz3_heap_malloc(
			heap, random_size(&seed, i % 100 ? 5000 : 3 * MIB));
	for (size_t i = 0; i < 30000; i += 3)
		free(block[i]);
	st = stats(heap);
	CHECK(!hz3_heap_walk(heap, count, &v));
	CHECK(v.nr == 20000 && st.nr_blocks == 20000, "%zu", v.nr);
	CHECK(v.bytes == st.used_bytes, "%zu, %zu", v.bytes, st.used_bytes);
	v = (struct visit){ .stop_at = 100 };
	CHECK(hz3_heap_walk(heap, count, &v) == 7 && v.nr == 100);
	v = (struct visit){ 0 };
	CHECK(!hz3_heap_walk(heap, sweep, &v) && v.nr == 20000);
	CHECK(stats(heap).nr_blocks == 10000);
	CHECK(!hz3_heap_walk(heap, sweep_all, &swept) && swept == 10000);
	CHECK(stats(heap).nr_blocks == 0 && stats(heap).used_bytes == 0);
	for (size_t i = 0; i < 10000; i++)
		hz3_heap_malloc(heap, 4096);
	v = (struct visit){ 0 };
	CHECK(!hz3_heap_walk(heap, sweep_and_reuse, &v) && v.nr == 10000, "%zu",
	      v.nr);
	CHECK(nr_others > 5, "%zu", nr_others);
	while (nr_others)
		hz3_heap_destroy(others[--nr_others]);
	hz3_heap_destroy(heap);
}

/* A heap that all share, and one of its own whose blocks others free. */
static struct hz3_heap *shared;
static void *handed[NR_THREADS][1000];

static void *worker(void *arg)
{
	size_t me = (size_t)arg;
	unsigned long seed = me + 1;
	void *slot[200] = { 0 };

	for (size_t i = 0; i < scaled(100000); i++) {
		void **p = &slot[next_random(&seed) % 200];
		size_t size = random_size(&seed, i % 1000 ? 4000 : 2 * MIB);

		hz3_free(*p);
		*p = hz3_heap_malloc(shared, size);
		REQUIRE(*p);
		memset(*p, (int)me, size > 64 ? 64 : size);
	}
	hz3_free_bulk(slot, 200);
	for (size_t i = 0; i < 1000; i++)
		free(__atomic_exchange_n(&handed[(me + 1) % NR_THREADS][i],
					 NULL, __ATOMIC_ACQ_REL));
	return NULL;
}

static void *watcher(void *arg)
{
	while (!threads_stopped()) {
		struct hz3_heap *heap = new_heap();
		size_t alone = 0;

		hz3_heap_malloc(heap, 100);
		hz3_heap_walk(heap, sweep_all, &alone);
		CHECK(alone == 1);
		hz3_heap_destroy(heap);
		stats(NULL);
		malloc_trim(0);
	}
	return arg;
}

static void forked(unsigned long i)
{
	struct hz3_heap *heap = new_heap();

	for (size_t j = 0; j < 100; j++)
		REQUIRE(hz3_heap_malloc(heap, j * i) &&
			hz3_heap_malloc(shared, j * i));
	hz3_heap_destroy(heap);
	hz3_heap_destroy(shared);
	REQUIRE(!stats(NULL).nr_heaps || stats(NULL).nr_heaps == 1);
}

static void threads(void)
{
	pthread_t thread[NR_THREADS];
	pthread_t watch;

	shared = new_heap();
	for (size_t i = 0; i < NR_THREADS; i++)
		for (size_t j = 0; j < 1000; j++)
			handed[i][j] = hz3_heap_malloc(shared, j);
	start_threads(thread, NR_THREADS, worker, 0);
	start_thread(&watch, watcher, NULL);
	CHECK(!fork_children(scaled(100), forked));
	join_threads(thread, NR_THREADS);
	stop_threads(&watch, 1);
	CHECK(stats(shared).nr_blocks == 0, "%zu", stats(shared).nr_blocks);
	CHECK(stats(shared).used_bytes == 0);
	hz3_heap_destroy(shared);
}

/* Many at once: addresses are free, memory is a few pages each. */
static void many(void)
{
	static struct hz3_heap *heap[10000];
	size_t before = rss();
	size_t each;

	for (size_t i = 0; i < 10000; i++) {
		heap[i] = new_heap();
		memset(hz3_heap_malloc(heap[i], 1000), 1, 1000);
	}
	CHECK(stats(NULL).nr_heaps == 10000 && stats(NULL).nr_blocks == 10000);
	each = above(rss(), before) / 10000;
	/* An emulator's own memory is more than that. */
	CHECK(emulated() || each < 48 << 10, "%zu bytes each", each);
	for (size_t i = 0; i < 10000; i++)
		hz3_heap_destroy(heap[i]);
	CHECK(!stats(NULL).nr_heaps && !stats(NULL).held_bytes);
	malloc_trim(0);
	/* Page tags stay: 2 KiB for each segment that ever was. */
	CHECK(emulated() || above(rss(), before) < 24 * MIB, "%zu left",
	      above(rss(), before));
}

int main(void)
{
	selftest_begin(100);
	blocks();
	limits();
	walks();
	threads();
	many();
	return selftest_end();
}
