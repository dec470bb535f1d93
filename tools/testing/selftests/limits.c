// SPDX-License-Identifier: MIT
/*
 * Options limit_hard and limit_soft: beyond the one NULL and ENOMEM, with a
 * reserve to report it, and everything works again when memory was freed;
 * beyond the other one free memory goes back at once, whatever the decay.
 * Each case is a child that starts this program again with the options.
 * selftest: modes=preload,linked,static needs=native,HZ3_RUNTIME_CONF
 */
#include "selftest.h"

#define HARD (64 * MIB)

static void *block[1 << 20];

/* Blocks of one size until there are no more, then all of them again. */
static void fill_to_the_limit(size_t size)
{
	unsigned long got[2];
	char *text;

	for (int round = 0; round < 2; round++) {
		unsigned long n = 0;

		errno = 0;
		while (n < 1 << 20 && (block[n] = malloc(size))) {
			memset(block[n], 1, size < 4096 ? size : 4096);
			n++;
		}
		got[round] = n;
		CHECK(errno == ENOMEM, "errno %d after %lu of %zu", errno, n,
		      size);
		CHECK(!malloc(HARD / 2) && errno == ENOMEM);
		/* The reserve: enough to say what happened. */
		text = malloc(4000);
		CHECK(text, "no memory for a report, size %zu", size);
		CHECK(snprintf(text, 4000, "%lu", n) > 0);
		free(text);
		free_blocks(block, n);
	}
	CHECK(got[0] * size <= HARD, "%zu MiB", got[0] * size / MIB);
	CHECK(got[0] * size >= HARD * 7 / 16, "size %zu: only %zu MiB", size,
	      got[0] * size / MIB);
	CHECK(got[1] + got[1] / 20 + 1 >= got[0], "size %zu: %lu, then %lu",
	      size, got[0], got[1]);
	text = malloc(HARD / 2);
	CHECK(text, "size %zu: nothing large after it was freed", size);
	free(text);
}

static unsigned long fill_up(size_t size)
{
	unsigned long n = 0;

	while (n < 1 << 20 && (block[n] = malloc(size)))
		n++;
	return n;
}

/*
 * What was freed of many sizes, each span of which a few cached objects keep,
 * is there for one size.
 */
static void after_many_sizes(void)
{
	unsigned long seed = 3;
	unsigned long n;

	for (unsigned int i = 0; i < 40; i++) {
		n = HARD * 3 / 4 / 40 / next_bin_size(i);
		for (unsigned long k = 0; k < n; k++)
			REQUIRE(block[k] = malloc(next_bin_size(i)));
		for (; n; n--) {
			unsigned long k = next_random(&seed) % n;

			free(block[k]);
			block[k] = block[n - 1];
		}
	}
	n = fill_up(1000);
	CHECK(n * 1000 >= HARD * 3 / 4, "only %lu MiB", n * 1000 / MIB);
	free_blocks(block, n);
}

static void hard(void)
{
	void *p;
	void *q;

	CHECK(!malloc(HARD) && errno == ENOMEM);
	CHECK(!calloc(HARD, 2) && errno == ENOMEM);
	CHECK(!memalign(16 * MIB, HARD) && errno == ENOMEM);
	p = malloc(HARD / 4);
	memset(p, 1, HARD / 4);
	CHECK(!realloc(p, HARD * 2) && errno == ENOMEM);
	CHECK(*(char *)p == 1);
	q = realloc(p, HARD / 2);
	CHECK(q && *(char *)q == 1);
	free(q);
	fill_to_the_limit(100);
	fill_to_the_limit(3000);
	fill_to_the_limit(40000);
	fill_to_the_limit(MIB);
	fill_to_the_limit(3 * MIB);
	after_many_sizes();
}

/* How much of 24 MiB stays when they are free, with a decay of a minute. */
static size_t left_of_24_mib(void)
{
	size_t base = rss();

	take_blocks(block, 24, MIB);
	free_blocks(block, 24);
	/* No purge sooner than an interval after the last one. */
	sleep_ms(300);
	free(malloc(3 * MIB));
	return above(rss(), base);
}

static void above_soft(void)
{
	void *live = malloc(48 * MIB);
	size_t left = left_of_24_mib();

	CHECK(left <= 4 * MIB, "%zu KiB left", left >> 10);
	free(live);
}

static void below_soft(void)
{
	size_t left = left_of_24_mib();

	CHECK(left >= 16 * MIB, "only %zu KiB left", left >> 10);
}

static const struct option_case cases[] = {
	{ "limit_hard:64M", hard },
	{ "limit_hard:65536k,decay_ms:0", hard },
	{ "limit_soft:48M,decay_ms:60s", above_soft },
	{ "limit_soft:1g,decay_ms:60s", below_soft },
	{ NULL, NULL },
};

int main(int argc, char **argv)
{
	selftest_begin(50);
	run_cases(argc, argv, cases);
	return selftest_end();
}
