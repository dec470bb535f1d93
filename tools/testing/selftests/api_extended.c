// SPDX-License-Identifier: MIT
/*
 * <hz3/hz3.h>: what the C library's malloc cannot do.
 * selftest: modes=linked,static
 */
#include <hz3/hz3.h>

#include "selftest.h"

static volatile size_t n;

static void zeros(void)
{
	for (n = 1; n <= 4 * MIB; n = n * 3 + 1) {
		unsigned char *p = hz3_malloc(n);

		REQUIRE(p);
		memset(p, 0xff, hz3_usable_size(p));
		hz3_free(p);
		p = hz3_zalloc(n);
		CHECK(p && all_zero(p, n), "%zu", n);
		fill(p, n, n);
		memset(p + n, 0xff, hz3_usable_size(p) - n);
		p = hz3_rezalloc(p, n, 2 * n);
		CHECK(p && intact(p, n, n) && all_zero(p + n, n), "%zu", n);
		p = hz3_rezalloc(p, 2 * n, n / 2 + 1);
		CHECK(p && intact(p, n / 2 + 1, n));
		hz3_free_sized(p, n / 2 + 1);
	}
	CHECK(all_zero(hz3_rezalloc(NULL, 0, 1000), 1000));
	CHECK(!hz3_rezalloc(hz3_malloc(10), 10, 0));
}

static void sizes(void)
{
	size_t usable;

	for (n = 0; n <= 8 * MIB; n = n * 5 / 4 + 1) {
		char *p = hz3_alloc_at_least(n, &usable);

		REQUIRE(p);
		CHECK(usable >= n && usable == hz3_usable_size(p) &&
			      usable == hz3_good_size(n),
		      "%zu: %zu", n, usable);
		memset(p, 1, usable);
		hz3_free(p);
	}
	n = SIZE_MAX - 4096;
	CHECK(hz3_good_size(n) == 0);
	errno = 0;
	CHECK(!hz3_alloc_at_least(n, &usable) && !usable && errno == ENOMEM);
}

/* Grow while it can: what can grow at all does so behind an empty heap. */
static size_t grown(size_t size, size_t step, size_t max)
{
	char *p = hz3_malloc(size);
	size_t have = size;

	REQUIRE(p);
	fill(p, size, 7);
	while (have + step <= max && hz3_expand(p, have + step)) {
		have += step;
		CHECK(hz3_usable_size(p) >= have);
		memset(p + size, 1, have - size);
	}
	CHECK(intact(p, size, 7));
	hz3_free(p);
	return have;
}

static void expansion(void)
{
	char *p = hz3_malloc(100);

	CHECK(hz3_expand(p, hz3_usable_size(p)) && hz3_expand(p, 1));
	CHECK(!hz3_expand(p, hz3_usable_size(p) + 1));
	hz3_free(p);
	CHECK(!hz3_expand(NULL, 1));
	CHECK(grown(100 << 10, 4096, MIB) == MIB, "a run grows in place");
	CHECK(grown(3 * MIB, 2 * MIB, 15 * MIB) == 15 * MIB);
	p = hz3_malloc(3 * MIB);
	n = SIZE_MAX / 2;
	CHECK(!hz3_expand(p, n) && hz3_usable_size(p) < 4 * MIB);
	hz3_free(p);
}

static void bulk(void)
{
	static void *block[1000];

	for (size_t size = 8; size < 100000; size *= 7) {
		CHECK(hz3_alloc_bulk(size, block, 1000) == 1000);
		for (size_t i = 0; i < 1000; i++)
			fill(block[i], size, i);
		for (size_t i = 0; i < 1000; i++)
			CHECK(intact(block[i], size, i));
		block[500] = (free(block[500]), NULL);
		hz3_free_bulk(block, 1000);
	}
	n = SIZE_MAX - 4096;
	errno = 0;
	CHECK(hz3_alloc_bulk(n, block, 3) == 0 && errno == ENOMEM);
}

static void inside(void)
{
	static char ours_not[100];
	size_t have;

	for (n = 1; n <= 64 * MIB; n = n * 2 + 3) {
		char *p = hz3_malloc(n);

		have = hz3_usable_size(p);
		for (size_t off = 0; off < have; off += have / 7 + 1) {
			size_t size = 0;

			CHECK(hz3_block_of(p + off, &size) == p && size == have,
			      "%zu in %zu: %zu", off, n, size);
			CHECK(hz3_owns(p + off));
		}
		CHECK(hz3_block_of(p + have - 1, NULL) == p);
		CHECK(hz3_block_of(p + have, NULL) != p);
		hz3_free(p);
		if (have > MIB)
			CHECK(!hz3_owns(p) && !hz3_block_of(p, &have) && !have);
	}
	CHECK(!hz3_owns(ours_not) && !hz3_owns(&have) && !hz3_owns(NULL));
	CHECK(!hz3_block_of(ours_not + 50, &have) && have == 0);
	CHECK(!hz3_block_of((void *)~0UL, NULL));
}

static void with_alignment(void)
{
	for (n = 16; n <= 64 * MIB; n *= 4)
		hz3_free_aligned_sized(hz3_aligned_alloc(n, 100), n, 100);
}

int main(void)
{
	selftest_begin(30);
	expansion();
	zeros();
	sizes();
	bulk();
	inside();
	with_alignment();
	return selftest_end();
}
