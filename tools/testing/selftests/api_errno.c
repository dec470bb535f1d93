// SPDX-License-Identifier: MIT
/*
 * The C library's malloc family as its manual describes it: return values and
 * errno at the edges. Where glibc defines an answer, ours is the same: with
 * SELFTEST_ANY=1 this passes under glibc too (TESTING.md classes 15, 16, P1).
 * selftest: modes=preload,linked,static
 */
#include "selftest.h"

#define HUGE ((size_t)PTRDIFF_MAX)

/* glibc keeps these three to itself, or does not have them yet. */
extern void free_sized(void *, size_t) __attribute__((weak));
extern void free_aligned_sized(void *, size_t, size_t) __attribute__((weak));
extern void cfree(void *) __attribute__((weak));

/* Stored and read back so that no compiler knows what malloc would return. */
static void *volatile result;
static volatile size_t n;

/* The call must fail with this errno. */
#define FAILS(error, call)                                             \
	do {                                                           \
		errno = 0;                                             \
		result = (call);                                       \
		CHECK(!result && errno == (error), "errno %d", errno); \
	} while (0)

/* The call must succeed and leave errno alone. */
#define WORKS(call)                                                         \
	({                                                                  \
		errno = 77;                                                 \
		result = (call);                                            \
		CHECK(result &&errno == 77, "%p, errno %d", result, errno); \
		(void *)result;                                             \
	})

static bool aligned(const void *p, size_t align)
{
	return !((uintptr_t)p % align);
}

static void zero_sizes(void)
{
	void *a = WORKS(malloc(0));
	void *b = WORKS(malloc(0));
	void *c = WORKS(calloc(0, 5));
	void *d = WORKS(calloc(5, 0));
	void *e = WORKS(realloc(NULL, 0));
	void *f = WORKS(memalign(64, 0));
	void *g = NULL;

	CHECK(a != b && c != d);
	CHECK(aligned(f, 64));
	CHECK(!posix_memalign(&g, 256, 0) && g && aligned(g, 256));
	errno = 77;
	free(a);
	free(b);
	free(c);
	free(d);
	free(e);
	free(f);
	free(g);
	free(NULL);
	CHECK(errno == 77, "free changed errno to %d", errno);
	CHECK(malloc_usable_size(NULL) == 0);
}

static void too_big(void)
{
	for (n = HUGE + 1; n < HUGE + 5000; n++) {
		FAILS(ENOMEM, malloc(n));
		FAILS(ENOMEM, calloc(1, n));
		FAILS(ENOMEM, realloc(NULL, n));
	}
	for (n = SIZE_MAX; n > SIZE_MAX - 5000; n--) {
		FAILS(ENOMEM, malloc(n));
		FAILS(ENOMEM, calloc(n, 1));
		FAILS(ENOMEM, calloc(n, n));
		FAILS(ENOMEM, memalign(64, n));
		FAILS(ENOMEM, memalign(4096, n));
		FAILS(ENOMEM, aligned_alloc(64, n));
		FAILS(ENOMEM, valloc(n));
		FAILS(ENOMEM, pvalloc(n));
	}
	n = HUGE;
	FAILS(ENOMEM, malloc(n));
	FAILS(ENOMEM, memalign(1UL << 40, n));
	n = SIZE_MAX / 2 + 1;
	FAILS(ENOMEM, memalign(n, 1));
	FAILS(ENOMEM, memalign(n, n));
}

static void products(void)
{
	n = 1UL << 32;
	FAILS(ENOMEM, calloc(n, n));
	FAILS(ENOMEM, calloc(n + 1, n));
	FAILS(ENOMEM, reallocarray(NULL, n, n));
	FAILS(ENOMEM, reallocarray(NULL, SIZE_MAX, 2));
	FAILS(ENOMEM, calloc(SIZE_MAX, 2));
	free(WORKS(reallocarray(NULL, 10, 20)));
}

static void reallocs(void)
{
	char *p = WORKS(malloc(1000));
	char *q;

	fill(p, 1000, 1);
	n = SIZE_MAX - 100;
	FAILS(ENOMEM, realloc(p, n));
	CHECK(intact(p, 1000, 1));
	n = HUGE + 1;
	FAILS(ENOMEM, realloc(p, n));
	n = 1UL << 33;
	FAILS(ENOMEM, reallocarray(p, n, n));
	CHECK(intact(p, 1000, 1));
	q = WORKS(realloc(p, 100000));
	CHECK(intact(q, 1000, 1));
	p = WORKS(reallocarray(q, 10, 10));
	CHECK(intact(p, 100, 1));
	errno = 77;
	CHECK(!realloc(p, 0) && errno == 77, "errno %d", errno);
	p = WORKS(malloc(10));
	errno = 77;
	CHECK(!reallocarray(p, 0, 10) && errno == 77, "errno %d", errno);
}

static void alignments(void)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	void *const untouched = &n;
	void *p = untouched;

	errno = 77;
	CHECK(posix_memalign(&p, 0, 10) == EINVAL);
	CHECK(posix_memalign(&p, 1, 10) == EINVAL);
	CHECK(posix_memalign(&p, 4, 10) == EINVAL);
	CHECK(posix_memalign(&p, 24, 10) == EINVAL);
	CHECK(posix_memalign(&p, 4097, 10) == EINVAL);
	n = SIZE_MAX;
	CHECK(posix_memalign(&p, n, 10) == EINVAL);
	CHECK(p == untouched && errno == 77, "errno %d", errno);
	n = SIZE_MAX - 100;
	CHECK(posix_memalign(&p, 64, n) == ENOMEM);
	n = SIZE_MAX / 2 + 1;
	CHECK(posix_memalign(&p, n, n) == ENOMEM);
	CHECK(p == untouched);
	CHECK(!posix_memalign(&p, 8, 10) && p != untouched);
	free(p);

	n = SIZE_MAX / 2 + 2;
	FAILS(EINVAL, memalign(n, 10));
	n = SIZE_MAX;
	FAILS(EINVAL, memalign(n, 10));
	for (n = 0; n < 5000; n += 7) {
		p = WORKS(memalign(n, 10));
		CHECK(aligned(p, 16) && (!n || (n & (n - 1)) || aligned(p, n)),
		      "%zu", n);
		/* Odd ones are rounded up to the next power of two. */
		CHECK(n <= 2048 || aligned(p, 4096));
		free(p);
	}
	for (n = 1; n <= 1UL << 30; n *= 2) {
		p = WORKS(aligned_alloc(n, 1));
		CHECK(aligned(p, n), "%zu", n);
		free(p);
		p = WORKS(aligned_alloc(n, 3 * n / 2 + 1));
		CHECK(aligned(p, n), "%zu", n);
		free(p);
	}
	p = WORKS(valloc(10));
	CHECK(aligned(p, page));
	free(p);
	p = WORKS(pvalloc(page + 1));
	CHECK(aligned(p, page) && malloc_usable_size(p) >= 2 * page);
	free(p);
	p = WORKS(pvalloc(0));
	CHECK(aligned(p, page));
	free(p);
}

/* glibc refuses these from 2.38 on; before, it took them for memalign(). */
static void bad_aligned_alloc(void)
{
	if (getenv("SELFTEST_ANY"))
		return;
	FAILS(EINVAL, aligned_alloc(0, 10));
	FAILS(EINVAL, aligned_alloc(24, 10));
	FAILS(EINVAL, aligned_alloc(4097, 10));
	n = SIZE_MAX;
	FAILS(EINVAL, aligned_alloc(n, 10));
}

static void rare_frees(void)
{
	errno = 77;
	if (free_sized) {
		free_sized(malloc(100), 100);
		free_sized(NULL, 0);
		free_sized(NULL, 100);
	}
	if (free_aligned_sized) {
		free_aligned_sized(aligned_alloc(128, 300), 128, 300);
		free_aligned_sized(NULL, 64, 100);
	}
	if (cfree) {
		cfree(malloc(10));
		cfree(NULL);
	}
	CHECK(errno == 77, "errno %d", errno);
}

int main(void)
{
	selftest_begin(30);
	zero_sizes();
	too_big();
	products();
	reallocs();
	alignments();
	bad_aligned_alloc();
	rare_frees();
	return selftest_end();
}
