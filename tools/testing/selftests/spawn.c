// SPDX-License-Identifier: MIT
/*
 * vfork() and posix_spawn() while threads allocate: the child runs in our
 * memory until it execs (TESTING.md class 12).
 * selftest: modes=preload,linked
 */
#include <spawn.h>

#include "selftest.h"

extern char **environ;
static int stop;

static void *busy(void *arg)
{
	unsigned long seed = (unsigned long)arg;
	unsigned char *slot[64] = { 0 };
	size_t size[64] = { 0 };

	while (!__atomic_load_n(&stop, __ATOMIC_RELAXED)) {
		unsigned long i = next_random(&seed) % 64;

		if (slot[i])
			CHECK(intact(slot[i], size[i], i));
		free(slot[i]);
		size[i] = random_size(&seed, 2000);
		slot[i] = malloc(size[i]);
		REQUIRE(slot[i]);
		fill(slot[i], size[i], i);
	}
	for (int i = 0; i < 64; i++)
		free(slot[i]);
	return NULL;
}

int main(void)
{
	char *argv[] = { (char *)"true", NULL };
	unsigned long n = scaled(250);
	pthread_t thread[3];
	pid_t pid;

	selftest_begin(30);
	for (unsigned long i = 0; i < 3; i++)
		start_thread(&thread[i], busy, (void *)(i + 1));
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
	__atomic_store_n(&stop, 1, __ATOMIC_RELAXED);
	for (int i = 0; i < 3; i++)
		pthread_join(thread[i], NULL);
	return selftest_end();
}
