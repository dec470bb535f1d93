// SPDX-License-Identifier: MIT
/*
 * Threads that live and die before our constructor has run, here from
 * .preinit_array, otherwise from the constructor of a library: their caches
 * must go home as everybody's do (TESTING.md classes 2 and 31).
 * selftest: modes=preload,linked,static
 */
#include "selftest.h"

#define NR_THREADS 20

static void *work(void *arg)
{
	void *block[100];

	for (size_t i = 0; i < 100; i++)
		block[i] = malloc(50 + i * 10);
	for (size_t i = 0; i < 100; i++)
		free(block[i]);
	return arg;
}

static void early_threads(int argc, char **argv, char **envp)
{
	pthread_t thread;

	(void)argc;
	(void)argv;
	(void)envp;
	for (int i = 0; i < NR_THREADS; i++) {
		start_thread(&thread, work, NULL);
		pthread_join(thread, NULL);
	}
}

__attribute__((section(".preinit_array"),
	       used)) static void (*hook)(int, char **,
					  char **) = early_threads;

int main(void)
{
	char *text = NULL;
	size_t len = 0;
	FILE *fp = open_memstream(&text, &len);
	const char *p;

	selftest_begin(20);
	REQUIRE(fp && !malloc_info(0, fp));
	fclose(fp);
	p = strstr(text, " threads=\"");
	REQUIRE(p, "%s", text);
	CHECK(atoi(p + 10) == 1, "%d threads are still attached", atoi(p + 10));
	free(text);
	return selftest_end();
}
