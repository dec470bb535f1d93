// SPDX-License-Identifier: MIT
/*
 * Alignment: 16 bytes for every size from 16, every power of two to 1 GiB,
 * sizes 0 and below the alignment (TESTING.md class 18).
 * selftest: modes=preload,linked,static
 */
#include "selftest.h"

static bool aligned(const void *p, size_t align)
{
	return ((uintptr_t)p & (align - 1)) == 0;
}

static void default_alignment(void)
{
	for (size_t size = 0; size < 70000; size += size < 5000 ? 1 : 61) {
		void *p = malloc(size);
		void *q = calloc(size, 1);

		REQUIRE(p && q && p != q);
		CHECK(aligned(p, 16) && aligned(q, 16), "%zu", size);
		p = realloc(p, size + 100);
		CHECK(aligned(p, 16), "%zu", size);
		free(p);
		free(q);
	}
}

static void powers(void)
{
	static const size_t size[] = { 0,    1,     8,      100,     4096,
				       5000, 32768, 100000, 2 * MIB, 5 * MIB };

	for (size_t align = 1; align <= 1UL << 30; align *= 2) {
		for (size_t i = 0; i < sizeof(size) / sizeof(*size); i++) {
			void *p[4] = { memalign(align, size[i]),
				       aligned_alloc(align, size[i]), NULL,
				       memalign(align, size[i]) };

			if (align >= sizeof(void *))
				REQUIRE(!posix_memalign(&p[2], align, size[i]));
			for (int j = 0; j < 4; j++) {
				if (j == 2 && !p[j])
					continue;
				REQUIRE(p[j], "%zu %zu", align, size[i]);
				CHECK(aligned(p[j], align), "%p: %zu %zu", p[j],
				      align, size[i]);
				CHECK(malloc_usable_size(p[j]) >= size[i]);
				memset(p[j], j, size[i]);
			}
			for (int j = 0; j < 4; j++)
				free(p[j]);
		}
	}
}

static void pages(void)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	for (size_t size = 0; size < 5 * page; size += 777) {
		char *p = valloc(size);
		char *q = pvalloc(size);
		size_t whole = (size + page - 1) / page * page;

		REQUIRE(p && q);
		CHECK(aligned(p, page) && aligned(q, page), "%zu", size);
		CHECK(malloc_usable_size(q) >= whole);
		memset(q, 1, whole);
		free(p);
		free(q);
	}
}

static void errors(void)
{
	void *p = (void *)8;

	CHECK(posix_memalign(&p, 0, 10) == EINVAL);
	CHECK(posix_memalign(&p, 4, 10) == EINVAL);
	CHECK(posix_memalign(&p, 24, 10) == EINVAL);
	CHECK(p == (void *)8);
	errno = 5;
	CHECK(!posix_memalign(&p, 16, 10) && errno == 5);
	free(p);
}

int main(void)
{
	selftest_begin(30);
	default_alignment();
	powers();
	pages();
	errors();
	return selftest_end();
}
