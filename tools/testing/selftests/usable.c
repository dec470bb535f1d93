// SPDX-License-Identifier: MIT
/*
 * malloc_usable_size(): all of it is the program's, and no two blocks share a
 * byte (TESTING.md class 19).
 * selftest: modes=preload,linked
 */
#include "selftest.h"

#define NR 3000

static unsigned char *block[NR];
static size_t usable[NR];

int main(void)
{
	unsigned long seed = 4711;
	size_t size;

	selftest_begin(30);
	CHECK(malloc_usable_size(NULL) == 0);
	for (int i = 0; i < NR; i++) {
		size = random_size(&seed, i % 50 ? 40000 : 4 * MIB);
		if (i % 5 == 0)
			block[i] = memalign(1UL << (i % 13), size);
		else
			block[i] = malloc(size);
		REQUIRE(block[i]);
		usable[i] = malloc_usable_size(block[i]);
		CHECK(usable[i] >= size, "%zu of %zu", usable[i], size);
		if (i % 5 && size > 128)
			CHECK(usable[i] <= size + size / 4 + 4096,
			      "%zu for %zu", usable[i], size);
		fill(block[i], usable[i], (unsigned long)i);
		if (i % 3 == 2) {
			CHECK(intact(block[i - 1], usable[i - 1],
				     (unsigned long)i - 1));
			free(block[i - 1]);
			block[i - 1] = NULL;
		}
	}
	for (int i = 0; i < NR; i++) {
		if (!block[i])
			continue;
		CHECK(malloc_usable_size(block[i]) == usable[i]);
		CHECK(intact(block[i], usable[i], (unsigned long)i), "%d", i);
		free(block[i]);
	}
	return selftest_end();
}
