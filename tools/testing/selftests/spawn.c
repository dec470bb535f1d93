// SPDX-License-Identifier: MIT
/*
 * vfork() and posix_spawn() while threads allocate: the child runs in our
 * memory until it execs (TESTING.md class 12).
 * selftest: modes=preload,linked
 */
#include <spawn.h>

#include "selftest.h"

extern char **environ;

static void *busy(void *arg)
{
	keep_busy((unsigned long)arg, 64, 2000);
	return NULL;
}

int main(void)
{
	char *argv[] = { (char *)"true", NULL };
	unsigned long n = scaled(250);
	pthread_t thread[3];
	pid_t pid;

	selftest_begin(30);
	start_threads(thread, 3, busy, 1);
	for (unsigned long i = 0; i < n; i++) {
		REQUIRE(!posix_spawn(&pid, "/bin/true", NULL, NULL, argv,
				     environ));
		CHECK(child_status(pid) == 0);
		pid = vfork();
		if (!pid) {
			execv("/bin/true", argv);
			_exit(1);
		}
		CHECK(child_status(pid) == 0);
	}
	stop_threads(thread, 3);
	return selftest_end();
}
