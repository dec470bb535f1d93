// SPDX-License-Identifier: MIT
/*
 * budget - walk one path of the allocator so many times.
 *
 *	budget PATH OPERATIONS
 *
 * run.sh starts it under an instruction counter, twice, the second time with
 * twice the operations: the difference is what they took. Of a run only what
 * happens below certain functions is counted, here those called measured_*; the
 * rest brings the allocator into the state that the path needs.
 *
 * Everything is the same in every run. Threads take turns. The clock stands
 * still, so no housekeeping falls due. memset is a plain loop: the C library
 * has one for each kind of processor.
 */
#include <dlfcn.h>
#include <malloc.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define __measured __attribute__((noinline, noclone))
#define NR(x)      (sizeof(x) / sizeof((x)[0]))

#define BATCH   2000  /* alive at a time: far more than magazines hold */
#define MOST    20000 /* objects of a path that frees nothing */
#define MIX     16    /* sizes of a mixed batch */
#define PER_MIX 15    /* of each: less than half a magazine, 240 in all */
#define WARM_UP 4     /* rounds after which a path repeats itself */

typedef unsigned long __attribute__((may_alias, aligned(1))) word;

struct path {
	const char *name;
	void (*walk)(size_t size, size_t nr);
	size_t size;
};

static void *objects[MOST];

/* The C library has no such functions. */
static size_t (*alloc_bulk)(size_t size, void **obj, size_t nr);
static void (*free_bulk)(void *const *obj, size_t nr);

int clock_gettime(clockid_t clock, struct timespec *now)
{
	(void)clock;
	now->tv_sec = 1000;
	now->tv_nsec = 0;
	return 0;
}

/* A word at a time, the rest in bytes. */
void *memset(void *to, int byte, size_t nr)
{
	word pattern = (unsigned char)byte * (~0UL / 255);
	unsigned char *p = to;

	for (; nr >= sizeof(word); nr -= sizeof(word), p += sizeof(word))
		*(word *)p = pattern;
	while (nr--)
		*p++ = (unsigned char)byte;
	return to;
}

static void stop(const char *what)
{
	fprintf(stderr, "budget: %s\n", what);
	exit(2);
}

/* --- what is counted */

static inline void take(void **obj, size_t size, size_t nr)
{
	size_t i;

	for (i = 0; i < nr; i++)
		obj[i] = malloc(size);
}

static inline void drop(void **obj, size_t nr)
{
	size_t i;

	for (i = 0; i < nr; i++)
		free(obj[i]);
}

static void __measured measured_take(void **obj, size_t size, size_t nr)
{
	take(obj, size, nr);
}

static void __measured measured_drop(void **obj, size_t nr)
{
	drop(obj, nr);
}

static void __measured measured_pairs(size_t size, size_t nr)
{
	for (; nr; nr--)
		free(malloc(size));
}

static void __measured measured_callocs(size_t size, size_t nr)
{
	for (; nr; nr--)
		free(calloc(1, size));
}

static void *__measured measured_reallocs(void *obj, size_t size, size_t nr)
{
	for (; nr; nr--)
		obj = realloc(obj, size);
	return obj;
}

/* --- another thread, which moves only while this one waits */

static sem_t go, done;
static void (*job)(size_t size);
static size_t job_size;

static void *other_thread(void *unused)
{
	for (;;) {
		sem_wait(&go);
		job(job_size);
		sem_post(&done);
	}
	return unused;
}

static void in_other(void (*what)(size_t size), size_t size)
{
	static pthread_t other;

	if (!other && pthread_create(&other, NULL, other_thread, NULL))
		stop("no thread");
	job = what;
	job_size = size;
	sem_post(&go);
	sem_wait(&done);
}

static void batch_take(size_t size)
{
	take(objects, size, BATCH);
}

static void batch_measured_take(size_t size)
{
	measured_take(objects, size, BATCH);
}

static void batch_drop(size_t size)
{
	(void)size;
	drop(objects, BATCH);
}

static void batch_measured_drop(size_t size)
{
	(void)size;
	measured_drop(objects, BATCH);
}

static void __measured measured_bulk_take(size_t size)
{
	alloc_bulk(size, objects, BATCH);
}

static void __measured measured_bulk_drop(size_t size)
{
	(void)size;
	free_bulk(objects, BATCH);
}

/* Objects of MIX size classes, one after another. */
static void mix_take(size_t size)
{
	size_t i;

	for (i = 0; i < MIX * PER_MIX; i++)
		objects[i] = malloc(size * (1 + i % MIX));
}

/* --- paths */

static void pairs(size_t size, size_t nr)
{
	free(malloc(size));
	measured_pairs(size, nr);
}

static void callocs(size_t size, size_t nr)
{
	free(malloc(size));
	measured_callocs(size, nr);
}

static void reallocs(size_t size, size_t nr)
{
	free(measured_reallocs(malloc(size), size, nr));
}

/* Nothing has ever been freed: all comes out of fresh spans. */
static void carve(size_t size, size_t nr)
{
	take(objects, size, 1);
	measured_take(objects, size, nr);
}

static void batches(void (*taker)(size_t size), void (*dropper)(size_t size),
		    size_t size, size_t nr)
{
	size_t i;

	for (i = 0; i < WARM_UP; i++) {
		batch_take(size);
		batch_drop(size);
	}
	for (i = 0; i < nr / BATCH; i++) {
		taker(size);
		dropper(size);
	}
}

static void refill(size_t size, size_t nr)
{
	batches(batch_measured_take, batch_drop, size, nr);
}

static void overflow(size_t size, size_t nr)
{
	batches(batch_take, batch_measured_drop, size, nr);
}

static void bulk_refill(size_t size, size_t nr)
{
	batches(measured_bulk_take, batch_drop, size, nr);
}

static void bulk_overflow(size_t size, size_t nr)
{
	batches(batch_take, measured_bulk_drop, size, nr);
}

/* The stash has room, and so has what waits for this size in it. */
static void push(size_t size, size_t nr)
{
	free(malloc(size));
	in_other(batch_take, size);
	measured_drop(objects, nr);
}

/* One thread allocates, the other frees. */
static void one_way(void (*taker)(size_t size), void (*dropper)(size_t size),
		    size_t size, size_t nr)
{
	size_t i;

	free(malloc(size));
	for (i = 0; i < WARM_UP; i++) {
		in_other(batch_take, size);
		batch_drop(size);
	}
	for (i = 0; i < nr / BATCH; i++) {
		in_other(taker, size);
		dropper(size);
	}
}

static void send(size_t size, size_t nr)
{
	one_way(batch_take, batch_measured_drop, size, nr);
}

static void receive(size_t size, size_t nr)
{
	one_way(batch_measured_take, batch_drop, size, nr);
}

/* A stash full of this and that is sent at once and taken in at once. */
static void flush(size_t size, size_t nr)
{
	size_t i;

	free(malloc(size));
	for (i = 0; i < nr / (MIX * PER_MIX); i++) {
		in_other(mix_take, size);
		drop(objects, MIX * PER_MIX);
		malloc_trim(0);
	}
}

static const struct path paths[] = {
	{ "pair-16", pairs, 16 },
	{ "pair-64", pairs, 64 },
	{ "pair-256", pairs, 256 },
	{ "pair-1024", pairs, 1024 },
	{ "pair-4096", pairs, 4096 },
	{ "pair-16384", pairs, 16384 },
	{ "pair-32768", pairs, 32768 },
	{ "calloc", callocs, 64 },
	{ "realloc", reallocs, 64 },
	{ "carve", carve, 64 },
	{ "refill", refill, 64 },
	{ "overflow", overflow, 64 },
	{ "bulk-refill", bulk_refill, 64 },
	{ "bulk-overflow", bulk_overflow, 64 },
	{ "push", push, 48 },
	{ "send", send, 48 },
	{ "receive", receive, 48 },
	{ "flush", flush, 48 },
	{ "drain", flush, 48 },
};

/* Ours if the name leads to the same function as our own name does. */
static void prove(const char *name, const char *own_name)
{
	void *own = dlsym(RTLD_DEFAULT, own_name);

	if (!own || dlsym(RTLD_DEFAULT, name) != own)
		stop("malloc is not hz3's");
}

int main(int argc, char **argv)
{
	const struct path *p;
	size_t nr;

	if (argc != 3)
		stop("usage: budget PATH OPERATIONS");
	prove("malloc", "hz3_malloc");
	prove("free", "hz3_free");
	alloc_bulk = dlsym(RTLD_DEFAULT, "hz3_alloc_bulk");
	free_bulk = dlsym(RTLD_DEFAULT, "hz3_free_bulk");
	nr = strtoul(argv[2], NULL, 10);
	sem_init(&go, 0, 0);
	sem_init(&done, 0, 0);
	for (p = paths; p < paths + NR(paths); p++) {
		if (strcmp(p->name, argv[1]))
			continue;
		p->walk(p->size, nr);
		return 0;
	}
	stop("there is no such path");
}
