// SPDX-License-Identifier: MIT
/*
 * Sizes near SIZE_MAX and PTRDIFF_MAX through every entry point: NULL and
 * ENOMEM, and nothing is touched (TESTING.md class 15).
 * selftest: modes=preload,linked,static
 */
#include "selftest.h"

static volatile size_t last;

static void refuses(void *p, size_t size, const char *what)
{
	int err = errno;

	CHECK(!p, "%s(%#zx) gave %p", what, size, p);
	CHECK(err == ENOMEM, "%s(%#zx): errno %d", what, size, err);
	free(p);
}

static void try_size(size_t size)
{
	static char *block;
	void *p = (void *)0x1234;
	int err;

	if (!block) {
		block = malloc(100);
		fill(block, 100, 1);
	}
#define TRY(call)                           \
	do {                                \
		errno = 0;                  \
		refuses(call, size, #call); \
	} while (0)
	TRY(malloc(size));
	TRY(calloc(size, 1));
	TRY(calloc(1, size));
	TRY(realloc(NULL, size));
	TRY(realloc(block, size));
	TRY(reallocarray(block, size, 1));
	TRY(aligned_alloc(64, size));
	TRY(memalign(4096, size));
	TRY(valloc(size));
	TRY(pvalloc(size));
	err = posix_memalign(&p, 64, size);
	CHECK(err == ENOMEM && p == (void *)0x1234, "%d %p", err, p);
	CHECK(intact(block, 100, 1));
}

static void products(void)
{
	size_t half = 1UL << 32;
	char *block = malloc(10);

	fill(block, 10, 3);
	for (size_t k = 0; k < 64; k++) {
		size_t size = half + k;

		TRY(calloc(size, half));
		TRY(calloc(half, size));
		TRY(reallocarray(block, size, half));
		TRY(reallocarray(NULL, half, size));
		TRY(calloc(SIZE_MAX / 2 + 1 + k, 2));
		TRY(calloc(SIZE_MAX, SIZE_MAX - k));
	}
	CHECK(intact(block, 10, 3));
	free(block);
}

static void alignments(void)
{
	volatile unsigned int top = 63;
	size_t size = 100;

	for (unsigned int bits = 40; bits < 64; bits++) {
		TRY(memalign(1UL << bits, SIZE_MAX - (1UL << bits) + 1));
		TRY(aligned_alloc(1UL << bits, (size_t)PTRDIFF_MAX));
	}
	TRY(memalign(1UL << top, size));
	TRY(aligned_alloc(1UL << top, size));
}

int main(void)
{
	size_t n = emulated() ? 500 : 5000;

	selftest_begin(50);
	for (size_t k = 0; k <= n; k++) {
		try_size(SIZE_MAX - k);
		try_size((size_t)PTRDIFF_MAX + 1 + k);
	}
	for (size_t k = 0; k < 64; k++)
		try_size((size_t)PTRDIFF_MAX - k);
	products();
	alignments();
	last = 1;
	CHECK(malloc(100) != NULL);
	return selftest_end();
}
