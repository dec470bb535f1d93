// SPDX-License-Identifier: MIT
/*
 * Option guard_large: the byte behind a large block cannot be written, after
 * malloc(), in place and moved resizes, and memory that was behind a block
 * serves again; without the option it can (the control).
 * selftest: modes=preload,linked,static needs=native,HZ3_RUNTIME_CONF
 */
#include "selftest.h"

#define NR 40

static struct {
	unsigned char *p;
	size_t size;
} slot[NR];

/* How a child ends that writes there. */
static bool may_write(unsigned char *p)
{
	pid_t pid = fork();

	if (!pid) {
		*(volatile unsigned char *)p = 1;
		_exit(0);
	}
	return child_status(pid) == 0;
}

static void check_end(unsigned char *p, bool guarded)
{
	size_t usable = malloc_usable_size(p);

	CHECK(may_write(p + usable - 1), "%zu bytes", usable);
	CHECK(may_write(p + usable) != guarded, "%zu bytes", usable);
}

static void unguarded(void)
{
	check_end(malloc(3 * MIB), false);
}

static void each_kind(void)
{
	unsigned char *p = malloc(3 * MIB);
	void *next;

	check_end(p, true);
	p = realloc(p, 2 * MIB); /* a guard at the end of its segment */
	check_end(p, true);
	p = realloc(p, 15 * MIB);
	check_end(p, true);
	next = malloc(2 * MIB);
	p = realloc(p, 80 * MIB);
	check_end(p, true);
	free(p);
	free(next);
	p = memalign(16 * MIB, 4 * MIB);
	check_end(p, true);
	free(p);
}

/* Contents, and that no guard stays where it is not wanted. */
static void walk(void)
{
	unsigned long seed = 9;

	each_kind();
	for (unsigned long i = 0; i < scaled(800); i++) {
		unsigned long n = next_random(&seed) % NR;
		size_t size = random_size(&seed, 9 * MIB);
		size_t kept = size < slot[n].size ? size : slot[n].size;
		unsigned char *p;

		if (i % 3) {
			p = realloc(slot[n].p, size);
			REQUIRE(p);
			CHECK(intact(p, kept, n));
		} else {
			free(slot[n].p);
			p = calloc(1, size);
			REQUIRE(p);
			CHECK(all_zero(p, size));
		}
		fill(p, size, n);
		slot[n].p = p;
		slot[n].size = size;
		if (i % 100 == 0)
			malloc_trim(0);
	}
	for (unsigned long n = 0; n < NR; n++) {
		CHECK(intact(slot[n].p, slot[n].size, n));
		free(slot[n].p);
	}
	each_kind();
}

static const struct option_case cases[] = {
	{ "guard_large:false", unguarded },
	{ "guard_large:true", walk },
	{ "guard_large:true,decay_ms:0,background:true", walk },
	{ NULL, NULL },
};

int main(int argc, char **argv)
{
	selftest_begin(50);
	run_cases(argc, argv, cases);
	return selftest_end();
}
