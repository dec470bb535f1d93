// SPDX-License-Identifier: MIT
/*
 * The allocator has no thread, no file, no signal handler and no output of its
 * own, keeps errno in free(), and works under any rounding of the timer
 * (promises P2 and P9).
 * selftest: modes=preload,linked needs=HZ3_PURGE_HOLES
 */
#include <dirent.h>

#include "selftest.h"

static int entries(const char *path)
{
	int n = 0;
	DIR *d = opendir(path);

	REQUIRE(d);
	while (readdir(d))
		n++;
	closedir(d);
	return n;
}

int main(void)
{
	struct sigaction action;
	unsigned long seed = 3;
	int files;

	selftest_begin(20);
	files = entries("/proc/self/fd");
	for (int i = 0; i < 20000; i++) {
		void *p = malloc(random_size(&seed, 3 * MIB));

		errno = 77;
		free(p);
		CHECK(errno == 77);
	}
	malloc_trim(0);
	CHECK(entries("/proc/self/fd") == files);
	CHECK(emulated() || entries("/proc/self/task") == 3);
	for (int sig = 1; sig < 65; sig++) {
		if (sig == 32 || sig == 33)
			continue;
		CHECK(!sigaction(sig, NULL, &action) &&
			      (action.sa_handler == SIG_DFL ||
			       action.sa_handler == SIG_IGN),
		      "signal %d", sig);
	}
	return selftest_end();
}
