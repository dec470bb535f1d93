/* SPDX-License-Identifier: MIT */
/*
 * Prototypes of the C library's functions that we define. Its own headers are
 * of no use here: they are incomplete, and say things to the compiler that
 * hold for callers only.
 */
#ifndef INIT_LIBC_NAMES_H
#define INIT_LIBC_NAMES_H

#include <stdio.h>

#include <hz3/types.h>

/* struct mallinfo2 of <malloc.h>. */
struct mallinfo2 {
	size_t arena;    /* bytes from the system, without large blocks */
	size_t ordblks;  /* free chunks; we count spans */
	size_t smblks;   /* chunks in fast bins: 0 */
	size_t hblks;    /* large blocks */
	size_t hblkhd;   /* bytes in large blocks */
	size_t usmblks;  /* 0 */
	size_t fsmblks;  /* bytes in fast bins: thread caches and depots */
	size_t uordblks; /* bytes in use, without large blocks */
	size_t fordblks; /* bytes not in use: arena - uordblks */
	size_t keepcost; /* bytes malloc_trim() could give back */
};

/* struct mallinfo: the same in int, with the upper bits lost. */
struct mallinfo {
	int arena;
	int ordblks;
	int smblks;
	int hblks;
	int hblkhd;
	int usmblks;
	int fsmblks;
	int uordblks;
	int fordblks;
	int keepcost;
};

/* mallopt()'s parameters, in <malloc.h>. */
enum mallopt_param {
	MALLOPT_MXFAST = 1,
	MALLOPT_TRIM_THRESHOLD = -1,
	MALLOPT_TOP_PAD = -2,
	MALLOPT_MMAP_THRESHOLD = -3,
	MALLOPT_MMAP_MAX = -4,
	MALLOPT_CHECK_ACTION = -5,
	MALLOPT_PERTURB = -6,
	MALLOPT_ARENA_TEST = -7,
	MALLOPT_ARENA_MAX = -8,
};

void *memalign(size_t align, size_t size) __public;
int __posix_memalign(void **memptr, size_t align, size_t size) __public;
void *valloc(size_t size) __public;
void *pvalloc(size_t size) __public;
void *reallocarray(void *ptr, size_t nmemb, size_t size) __public;
void free_sized(void *ptr, size_t size) __public;
void free_aligned_sized(void *ptr, size_t align, size_t size) __public;

int malloc_trim(size_t pad) __public;
struct mallinfo2 mallinfo2(void) __public;
struct mallinfo mallinfo(void) __public;
int mallopt(int param, int value) __public;
void malloc_stats(void) __public;
int malloc_info(int options, FILE *fp) __public;

#endif
