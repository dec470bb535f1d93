/* SPDX-License-Identifier: MIT */
/*
 * What the parts of the stress program share: options, blocks with contents
 * that can be checked, the ownership oracle.
 */
#ifndef STRESS_H
#define STRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#ifdef USE_HZ3_NAMES
#include <hz3/hz3.h>
#define heap_alloc(size)        hz3_malloc(size)
#define heap_zalloc(n, size)    hz3_calloc(n, size)
#define heap_resize(p, size)    hz3_realloc(p, size)
#define heap_align(align, size) hz3_aligned_alloc(align, size)
#define heap_release(p)         hz3_free(p)
#define heap_usable(p)          hz3_usable_size(p)
#define heap_trim()
#else
#include <malloc.h>
#define heap_alloc(size)        malloc(size)
#define heap_zalloc(n, size)    calloc(n, size)
#define heap_resize(p, size)    realloc(p, size)
#define heap_align(align, size) memalign(align, size)
#define heap_release(p)         free(p)
#define heap_usable(p)          malloc_usable_size(p)
#define heap_trim()             malloc_trim(0)
#endif

#define MIB         (1UL << 20)
#define MAX_THREADS 1024

struct options {
	unsigned int threads;
	unsigned int seconds;
	unsigned long seed;
	size_t max_size;
	size_t live;             /* bytes all threads together hold, about */
	unsigned int remote_pct; /* blocks freed by another thread */
	unsigned int churn_ms;   /* life of a thread; 0: all along */
	unsigned int fork_ms;    /* between forks; 0: none */
	bool oracle;
	unsigned int bound_pct; /* of live memory, resident; 0: any */
};
extern struct options opt;

void parse_options(int argc, char **argv);

/* A block and what must be in it. Belongs to whoever holds the record. */
struct block {
	unsigned char *p;
	size_t size;
	unsigned long seed;
};

extern unsigned long nr_errors;  /* atomic */
extern unsigned long live_bytes; /* atomic; what the blocks asked for */

void complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

unsigned long next_random(unsigned long *state);
size_t random_size(unsigned long *state, size_t max);

bool block_make(struct block *b, unsigned long *rnd);
bool block_resize(struct block *b, unsigned long *rnd);
void block_check(const struct block *b);
void block_drop(struct block *b);

void oracle_init(void);
void oracle_add(const void *p, size_t size);
void oracle_remove(const void *p, size_t size);
void oracle_fork(int step);

#endif
