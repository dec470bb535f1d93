// SPDX-License-Identifier: MIT
/*
 * <hz3/hz3.h>: every function, and that its blocks and malloc()'s are of one
 * kind.
 * selftest: modes=linked,static
 */
#include <hz3/hz3.h>

#include "selftest.h"

static volatile size_t n;
static int nr_options;
static char shards[32];

static void option(void *arg, const char *name, const char *value)
{
	CHECK(arg == &nr_options);
	CHECK(!strncmp(name, "CONFIG_", 7), "%s", name);
	if (!strcmp(name, "CONFIG_HZ3_NUM_SHARDS"))
		snprintf(shards, sizeof(shards), "%s", value);
	nr_options++;
}

static void identity(void)
{
	const char *version = hz3_version();

	CHECK(version[0] >= '0' && version[0] <= '9' && strchr(version, '.'),
	      "%s", version);
	hz3_config(option, &nr_options);
	CHECK(nr_options > 10, "%d options", nr_options);
	CHECK(atoi(shards) >= 1 && atoi(shards) <= 255, "'%s'", shards);
}

static void blocks(void)
{
	char *p = hz3_malloc(100);
	char *q = hz3_calloc(10, 10);

	REQUIRE(p && q);
	CHECK(all_zero(q, 100));
	CHECK(hz3_usable_size(p) >= 100 && hz3_usable_size(NULL) == 0);
	fill(p, 100, 5);
	p = hz3_realloc(p, 100000);
	CHECK(intact(p, 100, 5));
	p = realloc(p, 50);
	CHECK(intact(p, 50, 5));
	free(p);
	hz3_free(q);
	hz3_free(malloc(10));
	hz3_free(NULL);
	CHECK(!hz3_realloc(hz3_realloc(NULL, 10), 0));
	p = hz3_malloc(8 * MIB);
	REQUIRE(p);
	memset(p, 1, 8 * MIB);
	hz3_free(p);
	CHECK(hz3_purge_all() >= 8 * MIB);
	for (n = 1; n <= 1 << 24; n *= 2) {
		p = hz3_aligned_alloc(n, n / 2 + 1);
		CHECK(p && !((uintptr_t)p % n), "%zu", n);
		free(p);
	}
}

#define FAILS(error, call)                                             \
	do {                                                           \
		errno = 0;                                             \
		CHECK(!(call) && errno == (error), "errno %d", errno); \
	} while (0)

static void failures(void)
{
	n = SIZE_MAX - 4096;
	FAILS(ENOMEM, hz3_malloc(n));
	FAILS(ENOMEM, hz3_calloc(n, 2));
	FAILS(ENOMEM, hz3_calloc(1, n));
	FAILS(ENOMEM, hz3_realloc(NULL, n));
	FAILS(ENOMEM, hz3_aligned_alloc(64, n));
	FAILS(EINVAL, hz3_aligned_alloc(0, 10));
	FAILS(EINVAL, hz3_aligned_alloc(48, 10));
}

int main(void)
{
	selftest_begin(20);
	identity();
	blocks();
	failures();
	return selftest_end();
}
