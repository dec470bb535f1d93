// SPDX-License-Identifier: MIT
/*
 * Before our constructor and after main: blocks from .preinit_array, from a
 * constructor, from atexit handlers and from a destructor, each freed later
 * (TESTING.md classes 2 and 5).
 * selftest: modes=preload,linked,static
 */
#include "selftest.h"

static char *from_preinit[64];
static char *from_constructor;
static char *for_atexit;
static char *for_destructor;
static int rounds;

static void preinit(int argc, char **argv, char **envp)
{
	(void)argc;
	(void)argv;
	(void)envp;
	for (size_t i = 0; i < 64; i++) {
		from_preinit[i] = malloc(i * 37 + 1);
		if (!from_preinit[i])
			_exit(1);
		from_preinit[i] = realloc(from_preinit[i], i * 99 + 1);
		if (!from_preinit[i])
			_exit(1);
		fill(from_preinit[i], i * 99 + 1, i);
		free(malloc(1UL << (i % 22)));
		free(calloc(3, i));
	}
	rounds++;
}

#ifndef STATIC
__attribute__((section(".preinit_array"),
	       used)) static void (*hook)(int, char **, char **) = preinit;
#endif

__attribute__((constructor(101))) static void construct(void)
{
#ifdef STATIC
	preinit(0, NULL, NULL);
#endif
	from_constructor = malloc(1000);
	fill(from_constructor, 1000, 7);
}

__attribute__((destructor(101))) static void destruct(void)
{
	char *p = malloc(5000);

	if (!p || !intact(for_destructor, 3000, 9))
		_exit(1);
	free(for_destructor);
	free(realloc(p, 50000));
}

static void at_exit(void)
{
	CHECK(intact(for_atexit, 100, 8));
	free(for_atexit);
	free(malloc(3 * MIB));
	if (selftest_failures)
		_exit(1);
}

int main(void)
{
	selftest_begin(20);
	CHECK(rounds == 1, "%d", rounds);
	for (size_t i = 0; i < 64; i++) {
		CHECK(intact(from_preinit[i], i * 99 + 1, i), "%zu", i);
		free(from_preinit[i]);
	}
	CHECK(intact(from_constructor, 1000, 7));
	free(from_constructor);
	for_atexit = malloc(100);
	fill(for_atexit, 100, 8);
	for_destructor = malloc(3000);
	fill(for_destructor, 3000, 9);
	atexit(at_exit);
	return selftest_end();
}
