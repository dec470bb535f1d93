// SPDX-License-Identifier: MIT
/*
 * calloc() is zero on memory that was used before: at once, after a decay,
 * and after the system has refused to give pages back (TESTING.md class 17).
 * selftest: modes=preload,linked
 */
#include "refuse.h"
#include "selftest.h"

#define NR 200

static void dirty_then_clear(size_t max, unsigned long seed)
{
	static char *p[NR];
	static size_t size[NR];

	for (int i = 0; i < NR; i++) {
		size[i] = random_size(&seed, max);
		p[i] = malloc(size[i]);
		REQUIRE(p[i]);
		memset(p[i], 0xDB, size[i]);
	}
	for (int i = 0; i < NR; i++)
		free(p[(i * 37) % NR]);
	for (int i = 0; i < NR; i++) {
		p[i] = calloc(1, size[i]);
		REQUIRE(p[i]);
		CHECK(all_zero(p[i], malloc_usable_size(p[i]) < size[i] + 1 ?
					     malloc_usable_size(p[i]) :
					     size[i]),
		      "%zu bytes", size[i]);
	}
	for (int i = 0; i < NR; i++)
		free(p[i]);
}

static void grown(void)
{
	char *p = malloc(9 * MIB);
	char *q;

	REQUIRE(p);
	memset(p, 1, 9 * MIB);
	p = realloc(p, 3 * MIB);
	q = calloc(1, 5 * MIB);
	REQUIRE(p && q);
	CHECK(all_zero(q, 5 * MIB));
	free(p);
	free(q);
}

static void rounds(void)
{
	dirty_then_clear(2000, 1);
	dirty_then_clear(60000, 2);
	dirty_then_clear(900000, 3);
	if (!emulated())
		dirty_then_clear(6 * MIB, 4);
	grown();
}

int main(void)
{
	selftest_begin(40);
	rounds();
	rounds();
	sleep_ms(1200); /* longer than the decay */
	rounds();
	malloc_trim(0);
	rounds();
	if (refuse_calls(REFUSE_MADVISE, REFUSE_ALL)) {
		rounds();
		sleep_ms(1200);
		malloc_trim(0);
		rounds();
	}
	return selftest_end();
}
