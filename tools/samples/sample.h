/* SPDX-License-Identifier: MIT */
/* What the samples share: time, memory, and a comparison of two allocators. */
#ifndef SAMPLE_H
#define SAMPLE_H

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <hz3/hz3.h>

/* Stop here unless it is so. */
#define MUST(cond)                                                         \
	do {                                                               \
		if (!(cond)) {                                             \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, \
				#cond);                                    \
			exit(1);                                           \
		}                                                          \
	} while (0)

static inline double now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec * 1e3 + (double)ts.tv_nsec / 1e6;
}

/*
 * What the process wrote and still has. Not all that is resident: pages of code
 * come as they are run. And counted page by page, where the figures of statm
 * are sums that may lag behind.
 */
static inline long anonymous_kib(void)
{
	FILE *fp = fopen("/proc/self/smaps_rollup", "r");
	char line[128];
	long kib = -1;

	MUST(fp);
	while (kib < 0 && fgets(line, sizeof(line), fp))
		sscanf(line, "Anonymous: %ld", &kib);
	fclose(fp);
	MUST(kib >= 0);
	return kib;
}

/* Are the heaps that there were all gone, with what they had? */
static inline void must_be_gone(void)
{
	struct hz3_heap_stats st;

	st.size = sizeof(st);
	hz3_heap_get_stats(NULL, &st);
	MUST(!st.nr_heaps && !st.nr_blocks && !st.used_bytes && !st.held_bytes);
}

/* Run it in a process of its own, and say what it took. */
static inline void measure(const char *what, void (*run)(void))
{
	struct rusage usage;
	double begin = now_ms();
	int status = 1;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (!pid) {
		run();
		exit(0);
	}
	MUST(pid > 0 && wait4(pid, &status, 0, &usage) == pid && !status);
	printf("%-16s %8.1f ms %8ld KiB\n", what, now_ms() - begin,
	       usage.ru_maxrss);
}

#endif
