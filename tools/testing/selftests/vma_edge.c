// SPDX-License-Identifier: MIT
/*
 * realloc() of large blocks with the last few mappings that the kernel allows,
 * at each distance from the end: moving a block takes some for a moment. NULL
 * is a legal answer; contents and everything else are as they should be
 * (TESTING.md class 24).
 * selftest: modes=preload timeout=60 needs=native
 */
#include "selftest.h"

#define NR_STEPS 12
#define NR       4
#define SIZE     (3 * MIB)

static unsigned char *block[NR];

/* Twice, for the first may have left something behind. */
static void grow(unsigned long step)
{
	(void)step;
	selftest_failures = 0; /* its own only */
	for (unsigned long i = 0; i < 2; i++) {
		unsigned char *p = realloc(block[i], 20 * MIB);

		CHECK(p || errno == ENOMEM, "errno %d", errno);
		CHECK(intact(p ? p : block[i], SIZE, i));
		free(p ? p : block[i]);
	}
	for (unsigned long i = 2; i < NR; i++)
		CHECK(intact(block[i], SIZE, i));
	_exit(selftest_end());
}

/* One mapping more than there is: an odd distance. */
static void grow_beside_one(unsigned long step)
{
	(void)mmap(NULL, 4096, PROT_READ, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	grow(step);
}

/* Takes them all: two with each page; returns how many pages. */
static unsigned long use_up(char *area, unsigned long max, size_t page)
{
	unsigned long i;

	for (i = 0; i < max; i++)
		if (mprotect(area + i * 2 * page, page, PROT_READ))
			break;
	return i;
}

int main(void)
{
	unsigned long max = proc_value("/proc/sys/vm/max_map_count", "");
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	unsigned long n;
	char *area;

	selftest_begin(55);
	if (!max || max > 300000)
		selftest_skip("too many mappings to use them up");
	area = mmap(NULL, (max + 100) * 2 * page, PROT_NONE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	REQUIRE(area != MAP_FAILED);
	for (unsigned long i = 0; i < NR; i++) {
		block[i] = malloc(SIZE);
		REQUIRE(block[i]);
		fill(block[i], SIZE, i);
	}
	/* A place to grow into that need not be committed. */
	free(malloc(64 * MIB));
	n = use_up(area, max, page);
	REQUIRE(n > NR_STEPS);
	for (unsigned long i = 1; i <= NR_STEPS; i++) {
		CHECK(!fork_children(1, grow), "%lu pages from the end", i - 1);
		CHECK(!fork_children(1, grow_beside_one),
		      "%lu pages and a half from the end", i - 1);
		mprotect(area + (n - i) * 2 * page, page, PROT_NONE);
	}
	return selftest_end();
}
