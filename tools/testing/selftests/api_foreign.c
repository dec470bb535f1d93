// SPDX-License-Identifier: MIT
/*
 * Blocks of the C library's own malloc, which somebody got past us, are given
 * to its own free() and realloc() in builds that say so.
 * selftest: modes=preload,linked needs=HZ3_FOREIGN_LIBC
 */
#include "selftest.h"

static void *(*their_malloc)(size_t);
static size_t (*their_usable_size)(void *);
static struct mallinfo2 (*their_mallinfo2)(void);

static void *other_thread(void *arg)
{
	(void)arg;
	for (int i = 0; i < 1000; i++)
		free(their_malloc(100));
	return NULL;
}

/* Ours twice: nothing for the C library, which would believe what it reads. */
static void free_twice(void)
{
	static const size_t sizes[] = { 100000, 8 * MIB };

	for (int i = 0; i < 4; i++) {
		char *p = malloc(sizes[i / 2]);
		char said[128] = { 0 };
		int status = 0;
		int fd[2];
		pid_t pid;

		REQUIRE(p && !pipe(fd));
		pid = fork();
		REQUIRE(pid >= 0);
		if (!pid) {
			dup2(fd[1], STDERR_FILENO);
			free(p);
			free(i % 2 ? p + 4096 : p);
			_exit(0);
		}
		close(fd[1]);
		waitpid(pid, &status, 0);
		CHECK(read(fd[0], said, sizeof(said) - 1) > 0);
		close(fd[0]);
		CHECK(!strncmp(said, "hz3: ", 5), "%d: '%s'", i, said);
		CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT,
		      "%d: status %#x", i, (unsigned int)status);
		free(p);
	}
}

int main(void)
{
	void *libc = dlopen("libc.so.6", RTLD_LAZY | RTLD_LOCAL);
	size_t before;
	char *p;

	selftest_begin(20);
	REQUIRE(libc, "%s", dlerror());
	their_malloc = (void *(*)(size_t))dlsym(libc, "malloc");
	their_usable_size =
		(size_t(*)(void *))dlsym(libc, "malloc_usable_size");
	their_mallinfo2 = (struct mallinfo2(*)(void))dlsym(libc, "mallinfo2");
	REQUIRE(their_malloc && their_malloc != malloc);
	REQUIRE(their_usable_size && their_mallinfo2);

	p = their_malloc(3000);
	fill(p, 3000, 1);
	CHECK(malloc_usable_size(p) == their_usable_size(p));
	p = realloc(p, 100000);
	REQUIRE(p);
	CHECK(intact(p, 3000, 1));
	CHECK(malloc_usable_size(p) == their_usable_size(p));
	errno = 77;
	free(p);
	CHECK(errno == 77);

	before = their_mallinfo2().uordblks;
	for (int i = 0; i < 1000; i++)
		free(their_malloc(10000));
	CHECK(their_mallinfo2().uordblks <= before + 20000, "%zu, then %zu",
	      before, their_mallinfo2().uordblks);
	run_threads(4, other_thread, 0);
	free_twice();
	return selftest_end();
}
