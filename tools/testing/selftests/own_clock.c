// SPDX-License-Identifier: MIT
/*
 * A program with a clock_gettime() of its own, which allocates: we look at the
 * clock with our locks held, and must not come there.
 * selftest: modes=preload,linked,static needs=native
 */
#include <sys/auxv.h>
#include <sys/syscall.h>

#include "selftest.h"

static unsigned long nr_calls;
static void *block[1000];

int clock_gettime(clockid_t clock, struct timespec *now)
{
	/* The compiler believes that malloc() does not come back here. */
	static __thread volatile bool inside;

	if (!inside) {
		inside = true;
		nr_calls++;
		free(malloc(nr_calls * 97 % 3000 + 1));
		free(malloc(50000));
		inside = false;
	}
	return (int)syscall(SYS_clock_gettime, clock, now);
}

int main(void)
{
	struct timespec now;

	selftest_begin(10);
	if (!getauxval(AT_SYSINFO_EHDR))
		selftest_skip("the kernel has no clock to call");
	for (size_t i = 0; i < 1000; i++) {
		block[i] = malloc(i * 1000);
		free(malloc(i));
	}
	free_blocks(block, 1000);
	malloc_trim(0);
	CHECK(!nr_calls, "%lu calls", nr_calls);
	CHECK(!clock_gettime(CLOCK_MONOTONIC, &now) && nr_calls == 1);
	return selftest_end();
}
