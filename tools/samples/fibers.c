// SPDX-License-Identifier: MIT
/*
 * Fibers that migrate between threads, each with a context of its own: what a
 * fiber allocates on one thread it frees on the next, through the same caches,
 * and no fiber ever asks which thread it is on. Beside it the same fibers with
 * malloc, which is the C library's.
 * needs: !HZ3_OVERRIDE_LIBC
 */
#include <pthread.h>
#include <ucontext.h>

#include "sample.h"

#include <hz3/embed.h>

#define NR_FIBERS   32
#define NR_THREADS  4
#define NR_BLOCKS   64
#define NR_STEPS    2000
#define STACK_BYTES (64 << 10)

struct fiber {
	ucontext_t state;
	ucontext_t *scheduler; /* of the thread that it is on */
	struct hz3_context *context;
	struct fiber *next;
	unsigned int nr_moved;
	int done;
	char stack[STACK_BYTES] __attribute__((aligned(16)));
};

static struct fiber fibers[NR_FIBERS];
static struct fiber *ready; /* lock */
static struct fiber **ready_end = &ready;
static unsigned int nr_live; /* lock */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_barrier_t all_there;
static int with_contexts;

static void *allocate(struct fiber *f, size_t size)
{
	return with_contexts ? hz3_context_malloc(f->context, size) :
			       malloc(size);
}

static void release(struct fiber *f, void *ptr)
{
	if (with_contexts)
		hz3_context_free(f->context, ptr);
	else
		free(ptr);
}

/* A fiber: allocates, lets others run, and frees what it finds. */
static void fiber_main(int number)
{
	struct fiber *f = &fibers[number];
	int *block[NR_BLOCKS] = { 0 };

	for (int i = 0; i < NR_STEPS; i++) {
		for (int j = i % 2; j < NR_BLOCKS; j += 2) {
			MUST(!block[j] || *block[j] == number);
			release(f, block[j]);
			block[j] = allocate(f, 16 + (size_t)(i * j) % 2000);
			MUST(block[j]);
			*block[j] = number;
		}
		/* Back to whichever scheduler runs it now. */
		MUST(!swapcontext(&f->state, f->scheduler));
	}
	for (int j = 0; j < NR_BLOCKS; j++)
		release(f, block[j]);
	f->done = 1;
	setcontext(f->scheduler);
}

static void put_ready(struct fiber *f)
{
	f->next = NULL;
	*ready_end = f;
	ready_end = &f->next;
}

/* The lock also hands the fiber's context from one thread to the next. */
static struct fiber *next_fiber(struct fiber *last)
{
	struct fiber *f;

	pthread_mutex_lock(&lock);
	if (last && last->done)
		nr_live--;
	else if (last)
		put_ready(last);
	f = ready;
	if (f)
		ready = f->next;
	if (!ready)
		ready_end = &ready;
	pthread_mutex_unlock(&lock);
	return f;
}

static void *thread(void *unused)
{
	struct fiber *f = NULL;
	ucontext_t self;

	(void)unused;
	pthread_barrier_wait(&all_there);
	while ((f = next_fiber(f))) {
		f->nr_moved += f->scheduler != &self;
		f->scheduler = &self;
		MUST(!swapcontext(&self, &f->state));
	}
	return NULL;
}

static void prepare(struct fiber *f)
{
	MUST(!getcontext(&f->state));
	f->state.uc_stack.ss_sp = f->stack;
	f->state.uc_stack.ss_size = sizeof(f->stack);
	makecontext(&f->state, (void (*)(void))(void *)fiber_main, 1,
		    (int)(f - fibers));
	if (with_contexts)
		f->context = hz3_context_create();
	MUST(!with_contexts || f->context);
	put_ready(f);
	nr_live++;
}

static void run(void)
{
	unsigned int nr_moved = 0;
	pthread_t id[NR_THREADS];

	for (int i = 0; i < NR_FIBERS; i++)
		prepare(&fibers[i]);
	MUST(!pthread_barrier_init(&all_there, NULL, NR_THREADS));
	for (int i = 0; i < NR_THREADS; i++)
		MUST(!pthread_create(&id[i], NULL, thread, NULL));
	for (int i = 0; i < NR_THREADS; i++)
		MUST(!pthread_join(id[i], NULL));
	MUST(!nr_live);
	for (int i = 0; i < NR_FIBERS; i++) {
		nr_moved += fibers[i].nr_moved;
		hz3_context_destroy(fibers[i].context);
	}
	printf("%u moves between threads\n", nr_moved);
	/* The first time each fiber runs counts as well. */
	MUST(nr_moved > NR_FIBERS);
}

static void run_contexts(void)
{
	struct hz3_stats st = { .size = sizeof(st) };

	with_contexts = 1;
	run();
	hz3_purge_all();
	hz3_get_stats(&st);
	MUST(st.used_bytes < 64 << 10 && st.nr_threads <= 1);
}

int main(void)
{
	measure("malloc", run);
	measure("contexts", run_contexts);
	return 0;
}
