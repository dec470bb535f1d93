// SPDX-License-Identifier: MIT
/*
 * free_sized() and free_aligned_sized() with the right sizes always work; with
 * a wrong one a debug build stops (TESTING.md class 40).
 * selftest: modes=preload
 */
#include "selftest.h"

static void (*give_sized)(void *, size_t);
static void (*give_aligned)(void *, size_t, size_t);

static bool dies(size_t size, size_t said)
{
	int status;
	pid_t pid = fork();

	if (!pid) {
		close(STDERR_FILENO);
		give_sized(malloc(size), said);
		_exit(0);
	}
	status = child_status(pid);
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

int main(void)
{
	selftest_begin(30);
	give_sized =
		(void (*)(void *, size_t))dlsym(RTLD_DEFAULT, "free_sized");
	give_aligned = (void (*)(void *, size_t, size_t))dlsym(
		RTLD_DEFAULT, "free_aligned_sized");
	REQUIRE(give_sized && give_aligned);
	give_sized(NULL, 10);
	give_aligned(NULL, 16, 10);
	for (size_t size = 0; size < 3 * MIB; size += size / 7 + 1) {
		give_sized(malloc(size), size);
		give_sized(calloc(1, size), size);
		give_sized(realloc(malloc(10), size ? size : 1),
			   size ? size : 1);
		for (size_t align = 16; align <= 8192; align *= 8)
			give_aligned(aligned_alloc(align, size), align, size);
	}
	if (!getenv("SELFTEST_HZ3_DEBUG"))
		return selftest_end();
	CHECK(dies(1000, 10));
	CHECK(dies(1000, 100000));
	CHECK(dies(100000, 1000));
	CHECK(dies(10 * MIB, MIB));
	return selftest_end();
}
