// SPDX-License-Identifier: MIT
/*
 * Small address spaces: a trivial program runs in 64 MiB; below that it works
 * or says ENOMEM, it does not crash; blocks are intact when the limit is hit,
 * and memory that was freed serves again (TESTING.md class 21). With an
 * argument it is the trivial program.
 * selftest: modes=preload,linked timeout=60 needs=native
 */
#include <sys/resource.h>

#include "selftest.h"

static int trivial(void)
{
	char *text = malloc(1000);
	char *more = calloc(100, 100);
	void *p[100];

	if (!text || !more)
		return 3;
	strcpy(text, "works");
	for (int i = 0; i < 100; i++)
		p[i] = malloc((size_t)i * 100);
	for (int i = 0; i < 100; i++)
		free(p[i]);
	free(text);
	free(more);
	return 0;
}

static int run_under(size_t limit)
{
	pid_t pid = fork();

	if (!pid) {
		struct rlimit r = { limit, limit };
		char *argv[] = { (char *)"self", (char *)"trivial", NULL };

		close(STDERR_FILENO);
		setrlimit(RLIMIT_AS, &r);
		execv("/proc/self/exe", argv);
		_exit(99);
	}
	return child_status(pid);
}

/* Fill all there is, thrice; the third time must get as much as the first. */
static void fill_up(size_t size)
{
	static void *p[100000];
	unsigned long got[3];
	struct rlimit r = { 256 * MIB, 256 * MIB };

	setrlimit(RLIMIT_AS, &r);
	for (int round = 0; round < 3; round++) {
		unsigned long n = 0;

		while (n < 100000 && (p[n] = malloc(size))) {
			memset(p[n], (int)n, size < 5000 ? size : 5000);
			n++;
		}
		CHECK(n == 100000 || errno == ENOMEM);
		got[round] = n;
		for (unsigned long i = 0; i < n; i++) {
			CHECK(*(unsigned char *)p[i] == (i & 0xFF));
			free(p[i]);
		}
	}
	CHECK(got[2] + got[2] / 20 + 1 >= got[0], "%zu: %lu, then %lu", size,
	      got[0], got[2]);
	CHECK(got[0] * size >= 120 * MIB || got[0] == 100000,
	      "only %lu times %zu", got[0], size);
	/* A large one after the small ones were freed, and the reverse. */
	free(malloc(32 * MIB));
	free(malloc(64));
	_exit(selftest_end());
}

int main(int argc, char **argv)
{
	static const size_t sizes[] = { 100, 3000, 40000, 300000, 3 * MIB };
	size_t least = 0;

	(void)argv;
	if (argc > 1)
		return trivial();
	selftest_begin(55);
	for (size_t limit = 64; limit >= 2; limit -= limit > 16 ? 4 : 1) {
		int status = run_under(limit * MIB);

		if (limit == 64)
			CHECK(!status, "status %#x under 64 MiB",
			      (unsigned int)status);
		if (!status)
			least = limit;
		/* 127: the loader could not map us or libc. */
		CHECK(WIFEXITED(status) || WTERMSIG(status) == SIGKILL ||
			      limit < 6,
		      "signal %d under %zu MiB", WTERMSIG(status), limit);
	}
	say("runs in %zu MiB\n", least);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		pid_t pid = fork();

		selftest_failures = 0;
		if (!pid)
			fill_up(sizes[i]);
		CHECK(!child_status(pid), "size %zu", sizes[i]);
	}
	return selftest_end();
}
