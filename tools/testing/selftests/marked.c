// SPDX-License-Identifier: MIT
/*
 * Pointers with a mark in the top byte (aarch64's top-byte-ignore): whatever
 * takes a block takes it marked, and what comes back has no mark.
 * selftest: modes=linked,static needs=ARM64_TBI
 */
#include <hz3/hz3.h>

#include "selftest.h"

/* Into a small bin, a large one, a run, a large block. */
static const size_t sizes[] = { 24, 3000, 100000, 3 * MIB };

static unsigned char next_mark = 1;

/* Another mark each time. */
static void *marked(void *ptr)
{
	next_mark = (unsigned char)(next_mark * 3 + 2);
	return (void *)((uintptr_t)ptr | (uintptr_t)(next_mark | 1) << 56);
}

static void *take(size_t size)
{
	char *p = malloc(size);

	REQUIRE(p && !((uintptr_t)p >> 56));
	fill(p, size, size);
	return p;
}

static void ask(size_t size)
{
	char *p = take(size);
	size_t inside = 0;
	char *m = marked(p);

	CHECK(malloc_usable_size(m) == malloc_usable_size(p), "%zu", size);
	CHECK(hz3_usable_size(m) == hz3_usable_size(p), "%zu", size);
	CHECK(hz3_owns(m), "%zu", size);
	CHECK(hz3_block_of(m + size / 2, &inside) == p, "%zu", size);
	CHECK(inside >= size, "%zu", size);
	CHECK(intact(m, size, size), "%zu", size);
	free(m);
}

static void resize(size_t size)
{
	char *p;

	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		size_t least = sizes[i] < size ? sizes[i] : size;

		p = realloc(marked(take(size)), sizes[i]);
		REQUIRE(p && !((uintptr_t)p >> 56));
		CHECK(intact(p, least, size), "%zu to %zu", size, sizes[i]);
		p = hz3_rezalloc(marked(p), sizes[i], sizes[i] + 1);
		REQUIRE(p && !((uintptr_t)p >> 56));
		hz3_free_sized(marked(p), sizes[i] + 1);
	}
	CHECK(!hz3_realloc(marked(take(size)), 0), "%zu", size);
	p = marked(take(size));
	CHECK(hz3_expand(p, size), "%zu", size);
	free(p);
}

static void *free_it(void *ptr)
{
	free(ptr);
	return NULL;
}

/* By a thread that is of another shard. */
static void elsewhere(size_t size)
{
	pthread_t id;

	for (int i = 0; i < 100; i++) {
		void *p = marked(take(size));

		REQUIRE(!pthread_create(&id, NULL, free_it, p));
		pthread_join(id, NULL);
	}
}

static void bulk_and_heaps(size_t size)
{
	struct hz3_heap *heap = hz3_heap_create();
	void *block[20];

	REQUIRE(heap);
	for (size_t i = 0; i < 20; i++)
		block[i] = marked(i % 2 ? hz3_heap_malloc(heap, size) :
					  take(size));
	CHECK(hz3_heap_of(block[1]) == heap);
	CHECK(!hz3_heap_of(block[0]));
	block[1] = hz3_heap_realloc(heap, block[1], 2 * size);
	REQUIRE(block[1] && !((uintptr_t)block[1] >> 56));
	hz3_free_bulk(block, 20);
	hz3_heap_destroy(heap);
}

int main(void)
{
	selftest_begin(60);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		ask(sizes[i]);
		resize(sizes[i]);
		elsewhere(sizes[i]);
		bulk_and_heaps(sizes[i]);
	}
	return selftest_end();
}
