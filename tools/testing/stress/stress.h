/* SPDX-License-Identifier: MIT */
/*
 * What the parts of the stress program share: options, blocks with contents
 * that can be checked, the ownership oracle, places in which threads work.
 */
#ifndef STRESS_H
#define STRESS_H

#include <pthread.h>
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
#define heap_trim()             hz3_purge_all()
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

/* Who frees what a thread allocated; see dest.c. */
enum dest {
	DEST_RANDOM,
	DEST_RING,
	DEST_ALL_TO_ONE,
	DEST_ONE_TO_ALL,
	DEST_BURST,
};

/* What a deliberately wrong allocator does; see broken.c. */
enum broken {
	BREAK_NOTHING,
	BREAK_DUP,
	BREAK_OVERLAP,
	BREAK_LOST,
};

struct options {
	unsigned int threads;
	unsigned int run_ms;
	unsigned long seed;
	size_t max_size;
	size_t live;             /* bytes all threads together hold, about */
	unsigned int remote_pct; /* blocks freed by another thread */
	enum dest dest;
	unsigned int churn_ms; /* life of a thread; 0: all along */
	unsigned int fork_ms;  /* between forks; 0: none */
	bool oracle;
	enum broken broken;
	unsigned int bound_pct; /* of live memory, resident; 0: any */
};
extern struct options opt;

void parse_options(int argc, char **argv);
const char *dest_name(void);

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
void *pages(size_t size);

bool block_make(struct block *b, unsigned long *rnd);
bool block_resize(struct block *b, unsigned long *rnd);
void block_check(const struct block *b);
void block_drop(struct block *b);
void block_drop_all(struct block *b, size_t nr);

/*
 * Who a thread is to the oracle: the number of its place (from 1), or one of
 * these. A thread that cleans up for another takes its number meanwhile.
 */
#define OWNER_MAIN  (MAX_THREADS + 1)
#define OWNER_CHILD (MAX_THREADS + 2)
extern __thread unsigned int self;

void oracle_init(void);
bool oracle_add(const void *p, size_t size);
bool oracle_remove(const void *p, size_t size);
void oracle_pass(const void *p, unsigned int from, unsigned int to);
void oracle_fork(int step);

void broken_init(void);
void *broken_alloc(size_t size);
bool broken_release(void);

#define BOX_BLOCKS 32

/* A place in which a thread works; threads that replace it inherit it. */
struct place {
	pthread_t thread;
	bool running; /* main only */
	int done;     /* atomic: the thread is about to end */
	unsigned int number;
	unsigned long rnd;
	struct block *slot; /* the thread's own; nr_slots of them */

	pthread_mutex_t lock; /* guards what is below: the mailbox */
	unsigned int nr;
	struct block box[BOX_BLOCKS];
};
extern struct place place[MAX_THREADS];
extern size_t nr_slots;

unsigned int place_turn(struct place *me);
unsigned int place_empty_box(struct place *me);

#endif
