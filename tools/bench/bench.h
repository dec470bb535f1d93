/* SPDX-License-Identifier: MIT */
/*
 * What every benchmark needs: a clock, a generator, memory that is not the
 * allocator's, numbers from the command line, and the proof of which
 * allocator answered. A figure without that proof is worth nothing: a library
 * that failed to preload leaves libc's malloc in place without a word.
 */
#ifndef _TOOLS_BENCH_H
#define _TOOLS_BENCH_H

#include <dlfcn.h>
#include <gnu/libc-version.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>

static inline double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* The generator of all benchmarks. */
static inline uint32_t next_random(uint32_t *x)
{
	*x = *x * 1664525u + 1013904223u;
	return *x;
}

/* Memory that the allocator under test does not see. */
static inline void *map(size_t bytes)
{
	void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED) {
		perror("mmap");
		exit(2);
	}
	return p;
}

typedef const char *string_fn(void);
typedef int int_fn(void);
typedef int mallctl_fn(const char *, void *, size_t *, void *, size_t);
typedef const char *tc_fn(int *, int *, const char **);

/* Is this symbol defined by the object that defines malloc? */
static inline void *beside_malloc(const char *name)
{
	void *sym = dlsym(RTLD_DEFAULT, name);
	Dl_info ours, theirs;

	if (!sym || !dladdr(sym, &theirs) ||
	    !dladdr(dlsym(RTLD_DEFAULT, "malloc"), &ours) ||
	    ours.dli_fbase != theirs.dli_fbase)
		return NULL;
	return sym;
}

/* Says which allocator answers, by a symbol that only this one has. */
static inline void allocator_name(char *out, size_t room)
{
	const char *version = NULL;
	size_t len = sizeof(version);
	int number;
	void *sym;

	if ((sym = beside_malloc("hz3_version"))) {
		snprintf(out, room, "hz3 %s", ((string_fn *)sym)());
	} else if ((sym = beside_malloc("mi_version"))) {
		snprintf(out, room, "mimalloc %d", ((int_fn *)sym)());
	} else if ((sym = beside_malloc("mallctl"))) {
		((mallctl_fn *)sym)("version", &version, &len, NULL, 0);
		snprintf(out, room, "jemalloc %s", version ? version : "?");
	} else if ((sym = beside_malloc("tc_version"))) {
		version = ((tc_fn *)sym)(&number, &number, &version);
		snprintf(out, room, "tcmalloc %s", version);
	} else if (beside_malloc("rpmalloc_initialize")) {
		snprintf(out, room, "rpmalloc");
	} else if (beside_malloc("gnu_get_libc_version")) {
		snprintf(out, room, "glibc %s", gnu_get_libc_version());
	} else {
		snprintf(out, room, "unknown");
	}
}

/* The file that defines malloc. */
static inline void allocator_file(char *out, size_t room)
{
	Dl_info info;

	if (dladdr(dlsym(RTLD_DEFAULT, "malloc"), &info))
		snprintf(out, room, "%s", info.dli_fname);
	else
		snprintf(out, room, "unknown");
}

/* A number from the command line, within bounds. */
static inline unsigned long number(const char *text, unsigned long lo,
				   unsigned long hi)
{
	char *end;
	unsigned long n = strtoul(text, &end, 0);

	if (end == text || *end || n < lo || n > hi) {
		fprintf(stderr, "%s: not a number from %lu to %lu\n", text, lo,
			hi);
		exit(2);
	}
	return n;
}

#endif /* _TOOLS_BENCH_H */
