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
#include <fcntl.h>
#include <gnu/libc-version.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define CACHE_LINE 64

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

/*
 * A figure of this process: VmRSS, or VmHWM for the largest. (What getrusage
 * calls the largest includes that of the program that started this one.)
 */
static inline long status_kib(const char *field)
{
	char text[4096], *at;
	int fd = open("/proc/self/status", O_RDONLY);
	ssize_t len = read(fd, text, sizeof(text) - 1);

	close(fd);
	text[len > 0 ? len : 0] = '\0';
	at = strstr(text, field);
	return at ? strtol(at + strlen(field) + 1, NULL, 10) : 0;
}

typedef const char *string_fn(void);
typedef int int_fn(void);
typedef void void_fn(void);
typedef void collect_fn(bool);
typedef int trim_fn(size_t);
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
	} else if (beside_malloc("__malloc_end_pointer")) {
		snprintf(out, room, "snmalloc");
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

/* Asks the allocator for all the memory it can spare, each in its own way. */
static inline void give_back(void)
{
	void *sym;

	if ((sym = beside_malloc("malloc_trim")))
		((trim_fn *)sym)(0);
	else if ((sym = beside_malloc("mi_collect")))
		((collect_fn *)sym)(true);
	else if ((sym = beside_malloc("mallctl"))) /* 4096: of all arenas */
		((mallctl_fn *)sym)("arena.4096.purge", NULL, NULL, NULL, 0);
	else if ((sym = beside_malloc("MallocExtension_ReleaseFreeMemory")))
		((void_fn *)sym)();
}

/* The first line of the text, or the first fields of the JSON object. */
static inline void print_allocator(bool json)
{
	char name[128], file[512];

	allocator_name(name, sizeof(name));
	allocator_file(file, sizeof(file));
	printf(json ? "\"allocator\": \"%s\", \"library\": \"%s\", " :
		      "[ALLOCATOR] %s (%s)\n",
	       name, file);
}

static inline long peak_rss_kib(void)
{
	return status_kib("VmHWM");
}

/* What a program does at least with an object: both ends are written. */
static inline void touch(volatile char *p, size_t size)
{
	p[0] = 1;
	p[size - 1] = 1;
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
