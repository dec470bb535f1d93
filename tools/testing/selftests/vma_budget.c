// SPDX-License-Identifier: MIT
/*
 * Holes in thousands of places, in 20 GiB of addresses: the allocator
 * stays at an eighth of the kernel's usual limit on mappings, and gives the
 * memory back all the same. Nor do blocks with guard pages or blocks that are
 * moved bring more (TESTING.md class 24).
 * selftest: modes=preload timeout=90 needs=native,HZ3_RUNTIME_CONF
 */
#include "selftest.h"

#define NR         10000UL
#define BLOCK      (2 * MIB - 65536)
#define NR_VMA_MAX (8192 + 200)

static void *block[NR];
static unsigned long at_start;

static void check_mappings(const char *when)
{
	unsigned long nr = nr_mappings() - at_start;

	say("%lu mappings %s\n", nr, when);
	CHECK(nr <= NR_VMA_MAX, "%lu mappings %s", nr, when);
}

static void begin(void)
{
	at_start = nr_mappings();
	for (unsigned long i = 0; i < NR; i++) {
		block[i] = malloc(BLOCK);
		if (!block[i])
			selftest_skip("not enough address space");
		*(unsigned long *)block[i] = i;
	}
	check_mappings("with all blocks");
}

static void end(void)
{
	for (unsigned long i = 0; i < NR; i++) {
		CHECK(!block[i] || *(unsigned long *)block[i] == i);
		free(block[i]);
	}
	malloc_trim(0);
	check_mappings("at the end");
}

static void holes(void)
{
	size_t full;

	begin();
	full = rss();
	for (unsigned long i = 1; i < NR; i += 2) {
		free(block[i]);
		block[i] = NULL;
	}
	malloc_trim(0);
	check_mappings("with a hole beside each block");
	CHECK(rss() <= full - NR / 2 * 3500, "%zu of %zu MiB left", rss() / MIB,
	      full / MIB);
	/* What was purged serves again, as zeros. */
	for (unsigned long i = 1; i < NR; i += 2) {
		block[i] = calloc(1, BLOCK);
		REQUIRE(block[i]);
		CHECK(*(unsigned long *)block[i] == 0);
		*(unsigned long *)block[i] = i;
	}
	check_mappings("with all blocks again");
	end();
}

/* Each is moved behind the others, because its neighbour is in the way. */
static void move_each(unsigned long step)
{
	begin();
	for (unsigned long i = 0; i < NR; i += step) {
		block[i] = realloc(block[i], 2 * BLOCK);
		REQUIRE(block[i]);
	}
	check_mappings("with blocks moved");
	malloc_trim(0);
	check_mappings("and the old places purged");
	end();
}

/* Twice as many mappings as there may be: the last ones are copied. */
static void moves(void)
{
	move_each(2);
}

/* The guard pages have used them up: all are copied, 2 MiB each. */
static void copies(void)
{
	move_each(40);
}

static const struct option_case cases[] = {
	{ "guard_large:false", holes },
	{ "guard_large:false", moves },
	{ "guard_large:true", holes },
	{ "guard_large:true", copies },
	{ NULL, NULL },
};

int main(int argc, char **argv)
{
	selftest_begin(80);
	run_cases(argc, argv, cases);
	return selftest_end();
}
