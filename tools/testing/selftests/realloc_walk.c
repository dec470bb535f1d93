// SPDX-License-Identifier: MIT
/*
 * realloc(): a random walk through all sizes with every byte checked, aligned
 * blocks, usable sizes, and memory really given back (TESTING.md class 16).
 * selftest: modes=preload,linked timeout=60
 */
#include "selftest.h"

#define NR_BLOCKS 40

static struct {
	unsigned char *p;
	size_t size;
	unsigned long seed;
} block[NR_BLOCKS];

static void walk(unsigned long rounds)
{
	unsigned long seed = 12345;

	for (unsigned long i = 0; i < rounds; i++) {
		unsigned long n = next_random(&seed) % NR_BLOCKS;
		size_t old = block[n].size;
		size_t size = random_size(&seed, i % 16 ? 70000 : 12 * MIB);
		unsigned char *p;

		if (i % 7 == 0 && block[n].p)
			size = malloc_usable_size(block[n].p);
		p = realloc(block[n].p, size);
		REQUIRE(p);
		if (old > size)
			old = size;
		CHECK(intact(p, old, block[n].seed), "%zu -> %zu at %p",
		      block[n].size, size, (void *)p);
		block[n].p = p;
		block[n].size = size;
		block[n].seed = i;
		fill(p, size, i);
	}
	for (int n = 0; n < NR_BLOCKS; n++) {
		CHECK(intact(block[n].p, block[n].size, block[n].seed));
		free(block[n].p);
	}
}

/* Every pair of neighbouring classes, up and down, and the boundaries. */
static void steps(void)
{
	static const size_t edge[] = { 1,       16,      128,     4096,
				       32768,   32769,   65536,   MIB,
				       MIB + 1, 2 * MIB, 4 * MIB, 40 * MIB };
	size_t nr = sizeof(edge) / sizeof(edge[0]);

	for (size_t i = 0; i < nr; i++) {
		for (size_t j = 0; j < nr; j++) {
			size_t kept = edge[i] < edge[j] ? edge[i] : edge[j];
			char *p = malloc(edge[i]);

			REQUIRE(p);
			fill(p, edge[i], i);
			p = realloc(p, edge[j]);
			REQUIRE(p);
			CHECK(intact(p, kept, i), "%zu -> %zu", edge[i],
			      edge[j]);
			memset(p, 1, edge[j]);
			free(p);
		}
	}
}

static void aligned_blocks(void)
{
	for (size_t align = 16; align <= 4 * MIB; align *= 2) {
		for (size_t size = 10; size < 3 * MIB; size *= 7) {
			char *p = memalign(align, size);

			REQUIRE(p);
			fill(p, size, align);
			p = realloc(p, size * 3);
			REQUIRE(p);
			CHECK(intact(p, size, align), "%zu %zu", align, size);
			p = realloc(p, size / 2);
			REQUIRE(p);
			CHECK(intact(p, size / 2, align));
			free(p);
		}
	}
}

static void gives_back(void)
{
	size_t before = rss();
	char *p = malloc(256 * MIB);

	REQUIRE(p);
	memset(p, 7, 256 * MIB);
	p = realloc(p, 5000);
	REQUIRE(p);
	CHECK(p[0] == 7 && p[4999] == 7);
	/* The pages may stay for the decay, not for ever. */
	for (int i = 0; i < 30 && rss() > before + 4 * MIB; i++) {
		sleep_ms(100);
		free(malloc(3 * MIB));
	}
	CHECK(rss() <= before + 4 * MIB, "%zu KiB", (rss() - before) >> 10);
	free(p);
}

static void grow_slowly(void)
{
	size_t size = 1;
	char *p = NULL;

	while (size < 20 * MIB) {
		p = realloc(p, size);
		REQUIRE(p);
		p[size - 1] = (char)(size * 31);
		size += size / 100 + 1;
	}
	size = 1;
	while (size < 20 * MIB) {
		CHECK(p[size - 1] == (char)(size * 31), "at %zu", size);
		size += size / 100 + 1;
	}
	free(p);
}

int main(void)
{
	selftest_begin(55);
	walk(scaled(6000));
	steps();
	aligned_blocks();
	grow_slowly();
	gives_back();
	return selftest_end();
}
