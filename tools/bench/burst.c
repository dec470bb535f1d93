// SPDX-License-Identifier: MIT
/*
 * burst - does a program that has become quiet give its memory back?
 *
 * In each cycle the threads together allocate 200,000 objects of 256 to 4096
 * bytes, free them all, and sleep. The time is that of the bursts alone; a
 * line for each cycle says what was resident before and after the sleep.
 *
 *   --idle=100   milliseconds to sleep (issue the real question with 10000)
 *   --cycles=3
 *   --other=0    1: one more thread is awake all the time and now and then
 *                allocates and frees a hundred objects
 */
#include <stdatomic.h>

#include "program.h"

#define MAX_CYCLES 100
#define VISIT      100 /* objects of the thread that is awake */
#define VISIT_US   10000

static unsigned long idle = 100, cycles = 3, other;
static struct {
	long before, after;
} kib[MAX_CYCLES];
static pthread_barrier_t quiet;
static pthread_t awake;
static atomic_bool over;

static void *stay_awake(void *arg)
{
	uint32_t rng = 1;
	void *objects[VISIT];
	unsigned int i;

	while (!over) {
		for (i = 0; i < VISIT; i++)
			objects[i] = take(skewed(&rng, 4, 13));
		drop_all(objects, VISIT);
		usleep(VISIT_US);
	}
	return arg;
}

static void setup(void)
{
	pthread_barrier_init(&quiet, NULL, (unsigned int)threads);
	if (other)
		start_thread(&awake, stay_awake, NULL);
}

/* One thread sleeps and looks, the others wait for it at the barrier. */
static void rest(struct worker *w, unsigned long cycle)
{
	double begin;

	pthread_barrier_wait(&quiet);
	if (w->id == 0) {
		begin = now();
		kib[cycle].before = status_kib("VmRSS");
		usleep((useconds_t)idle * 1000);
		kib[cycle].after = status_kib("VmRSS");
		w->idle += now() - begin;
	}
	pthread_barrier_wait(&quiet);
}

static void work(struct worker *w)
{
	uint64_t nr = share(2000), i;
	void **objects = map(nr * sizeof(*objects));
	unsigned long cycle;

	for (cycle = 0; cycle < cycles; cycle++) {
		for (i = 0; i < nr; i++)
			objects[i] = take(between(&w->rng, 256, 4096));
		drop_all(objects, nr);
		rest(w, cycle);
	}
	w->ops = nr * cycles;
	munmap(objects, nr * sizeof(*objects));
}

static void finish(void)
{
	unsigned long i;

	over = true;
	if (other)
		pthread_join(awake, NULL);
	for (i = 0; i < cycles; i++)
		printf("[BURST] cycle=%lu before=%ld after=%ld\n", i + 1,
		       kib[i].before, kib[i].after);
}

static const struct setting settings[] = {
	{ "idle", &idle, 0, 1000000 },
	{ "cycles", &cycles, 1, MAX_CYCLES },
	{ "other", &other, 0, 1 },
	{ NULL, NULL, 0, 0 },
};

static const struct program self = {
	.name = "burst",
	.threads = 4,
	.settings = settings,
	.setup = setup,
	.work = work,
	.finish = finish,
};
