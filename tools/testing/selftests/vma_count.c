// SPDX-License-Identifier: MIT
/*
 * The number of mappings: at most one per 2 MiB of heap and 200 more after
 * much freeing in odd order; and no crash when the kernel's limit on mappings
 * is used up (TESTING.md class 24).
 * selftest: modes=preload timeout=60
 */
#include "selftest.h"

#define NR 20000

static void *block[NR];
static size_t peak;

static void churn(unsigned long rounds)
{
	unsigned long seed = 31;
	size_t live = 0;

	for (unsigned long i = 0; i < rounds; i++) {
		unsigned long n = next_random(&seed) % NR;
		size_t size = random_size(&seed, i % 32 ? 60000 : 5 * MIB);

		if (block[n]) {
			live -= malloc_usable_size(block[n]);
			free(block[n]);
			block[n] = NULL;
		}
		if (live > 600 * MIB)
			continue;
		block[n] = malloc(size);
		if (!block[n])
			continue;
		*(char *)block[n] = 1;
		live += malloc_usable_size(block[n]);
		if (live > peak)
			peak = live;
		if (i % 20000 == 0)
			sleep_ms(60);
	}
}

static void at_the_limit(void)
{
	unsigned long max = proc_value("/proc/sys/vm/max_map_count", "");
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *area;

	if (!max || max > 300000)
		_exit(SELFTEST_SKIP);
	area = mmap(NULL, (max + 100) * 2 * page, PROT_NONE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	REQUIRE(area != MAP_FAILED);
	for (unsigned long i = 0; i < max; i++)
		if (mprotect(area + i * 2 * page, page, PROT_READ))
			break;
	for (int i = 0; i < 4; i++)
		churn(3000);
	for (int i = 0; i < NR; i++) {
		free(block[i]);
		block[i] = NULL;
	}
	malloc_trim(0);
	free(malloc(100));
	_exit(0);
}

int main(void)
{
	unsigned long at_start;
	unsigned long worst = 0;
	pid_t pid;

	selftest_begin(55);
	at_start = nr_mappings();
	/* Without mappings an emulator cannot go on itself. */
	pid = emulated() ? -1 : fork();
	if (!pid) {
		/* Out of mappings, NULL is a legal answer. */
		at_the_limit();
	}
	if (pid > 0) {
		int status = child_status(pid);

		CHECK(!WIFSIGNALED(status), "signal %d at the limit",
		      WTERMSIG(status));
	}
	for (int i = 0; i < 6; i++) {
		churn(scaled(15000));
		if (nr_mappings() > worst)
			worst = nr_mappings();
	}
	CHECK(worst <= at_start + peak / (2 * MIB) + 200,
	      "%lu mappings (%lu at start), %zu MiB", worst, at_start,
	      peak / MIB);
	say("%lu mappings for %zu MiB\n", worst - at_start, peak / MIB);
	return selftest_end();
}
