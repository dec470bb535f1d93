// SPDX-License-Identifier: MIT
/*
 * Torture: many threads allocate, check, resize and free blocks of all sizes,
 * half of them freed by another thread, while threads come and go and the
 * process forks.
 *
 *	stress [-t threads] [-s seconds] [-S seed] [--max-size bytes]
 *	       [--live MiB] [--remote-pct n] [--churn[=ms]] [--fork[=ms]]
 *	       [--oracle] [--bound percent] [--no-bound]
 *
 * Every block carries contents that depend on its seed and are checked before
 * it is resized or freed. With --oracle a side table knows which addresses
 * are in use, and sees a block handed out twice at once. Resident memory must
 * stay below a percentage of what was live at most (200), and go when all is
 * freed.
 *
 * Works on whatever malloc is there (preload one); built with USE_HZ3_NAMES it
 * calls hz3_malloc() and its family.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "stress.h"

#define BOX_BLOCKS 32
#define SLOTS_MAX  4096

unsigned long nr_errors;
unsigned long live_bytes;

static unsigned long nr_ops;     /* atomic */
static unsigned long nr_threads; /* started in all; atomic */
static unsigned long nr_forks;   /* main only */
static size_t peak_rss;          /* main only */
static size_t peak_live;         /* main only */
static int stop;                 /* atomic */

/* A place in which a thread works; threads that replace it inherit it. */
static struct place {
	pthread_t thread;
	bool running; /* main only */
	int done;     /* atomic: the thread is about to end */
	unsigned int number;
	unsigned long rnd;
	struct block *slot; /* the thread's own; nr_slots of them */

	pthread_mutex_t lock; /* guards what is below: the mailbox */
	unsigned int nr;
	struct block box[BOX_BLOCKS];
} place[MAX_THREADS];
static size_t nr_slots;

void complain(const char *format, ...)
{
	char text[300];
	va_list ap;
	int len;

	if (__atomic_fetch_add(&nr_errors, 1, __ATOMIC_RELAXED) >= 20)
		return;
	len = snprintf(text, sizeof(text), "stress: ");
	va_start(ap, format);
	len += vsnprintf(text + len, sizeof(text) - (size_t)len - 1, format,
			 ap);
	va_end(ap);
	if (len > (int)sizeof(text) - 2)
		len = (int)sizeof(text) - 2;
	text[len++] = '\n';
	if (write(STDERR_FILENO, text, (size_t)len) < 0)
		_exit(1);
}

unsigned long next_random(unsigned long *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

/* Every power of two is as likely as every other. */
size_t random_size(unsigned long *state, size_t max)
{
	unsigned int bits = 64 - (unsigned int)__builtin_clzl(max);
	size_t limit = 1UL << (next_random(state) % bits + 1);
	size_t size = next_random(state) % limit + 1;

	return size > max ? size % max + 1 : size;
}

static unsigned long now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (unsigned long)ts.tv_sec * 1000 +
	       (unsigned long)ts.tv_nsec / 1000000;
}

static size_t rss(void)
{
	char text[100] = "";
	unsigned long pages = 0;
	int fd = open("/proc/self/statm", O_RDONLY);

	if (fd < 0 || read(fd, text, sizeof(text) - 1) <= 0 ||
	    sscanf(text, "%*u %lu", &pages) != 1)
		pages = 0;
	close(fd);
	return pages * (size_t)sysconf(_SC_PAGESIZE);
}

#include "options.c"
#include "block.c"
#include "oracle.c"

/* Put a block into somebody's mailbox; what does not fit comes back. */
static void post(struct place *to, struct block *b)
{
	struct block out = { 0 };

	pthread_mutex_lock(&to->lock);
	if (to->nr == BOX_BLOCKS) {
		out = to->box[0];
		to->box[0] = *b;
	} else {
		to->box[to->nr++] = *b;
	}
	pthread_mutex_unlock(&to->lock);
	b->p = NULL;
	if (out.p)
		block_drop(&out);
}

static void empty_box(struct place *me)
{
	struct block b[BOX_BLOCKS];
	unsigned int nr;
	unsigned int i;

	pthread_mutex_lock(&me->lock);
	nr = me->nr;
	memcpy(b, me->box, nr * sizeof(*b));
	me->nr = 0;
	pthread_mutex_unlock(&me->lock);
	for (i = 0; i < nr; i++)
		block_drop(&b[i]);
}

static void one_op(struct place *me)
{
	struct block *b = &me->slot[next_random(&me->rnd) % nr_slots];
	unsigned int what = next_random(&me->rnd) % 100;

	if (!b->p) {
		if (!block_make(b, &me->rnd))
			complain("out of memory for %zu bytes", b->size);
		return;
	}
	if (what < opt.remote_pct) {
		post(&place[next_random(&me->rnd) % opt.threads], b);
		return;
	}
	if (next_random(&me->rnd) % 4 == 0) {
		if (!block_resize(b, &me->rnd))
			complain("out of memory in realloc");
		return;
	}
	block_drop(b);
}

static void *work(void *arg)
{
	struct place *me = arg;
	unsigned long until = ~0UL;
	unsigned long ops = 0;
	size_t i;

	if (opt.churn_ms)
		until = now_ms() + next_random(&me->rnd) % (2 * opt.churn_ms);
	while (!__atomic_load_n(&stop, __ATOMIC_RELAXED)) {
		one_op(me);
		if (++ops % 16)
			continue;
		__atomic_fetch_add(&nr_ops, 16, __ATOMIC_RELAXED);
		empty_box(me);
		if (now_ms() >= until)
			break;
	}
	/* The successor finds half of the blocks, and frees them. */
	for (i = 0; i < nr_slots; i += 2)
		if (me->slot[i].p)
			block_drop(&me->slot[i]);
	__atomic_store_n(&me->done, 1, __ATOMIC_RELEASE);
	return NULL;
}

static void start(struct place *p)
{
	int err;

	p->done = 0;
	err = pthread_create(&p->thread, NULL, work, p);
	if (err) {
		complain("pthread_create: %s", strerror(err));
		return;
	}
	p->running = true;
	__atomic_fetch_add(&nr_threads, 1, __ATOMIC_RELAXED);
}

static void replace_the_dead(void)
{
	unsigned int i;

	for (i = 0; i < opt.threads; i++) {
		struct place *p = &place[i];

		if (p->running && __atomic_load_n(&p->done, __ATOMIC_ACQUIRE)) {
			pthread_join(p->thread, NULL);
			p->running = false;
			start(p);
		}
	}
}

/* What a child does in each of its threads. */
static void *work_in_child(void *arg)
{
	unsigned long rnd = *(unsigned long *)arg;
	struct block b[50] = { 0 };
	int i;

	for (i = 0; i < 500; i++) {
		struct block *x = &b[next_random(&rnd) % 50];

		if (x->p)
			block_drop(x);
		else if (!block_make(x, &rnd))
			complain("out of memory in a child");
	}
	for (i = 0; i < 50; i++)
		if (b[i].p)
			block_drop(&b[i]);
	return NULL;
}

static void fork_one(struct block *mine, int nr, unsigned long *rnd)
{
	unsigned long seed = next_random(rnd);
	unsigned long before = nr_errors;
	pthread_t thread;
	int status = -1;
	pid_t pid;
	int i;

	if (opt.oracle)
		oracle_fork(0);
	pid = fork();
	if (opt.oracle)
		oracle_fork(1);
	if (pid < 0) {
		complain("fork: %s", strerror(errno));
		return;
	}
	if (!pid) {
		alarm(60);
		before = nr_errors;
		for (i = 0; i < nr; i++)
			if (mine[i].p)
				block_drop(&mine[i]);
		work_in_child(&seed);
		if (!pthread_create(&thread, NULL, work_in_child, &seed))
			pthread_join(thread, NULL);
		_exit(nr_errors != before);
	}
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (status)
		complain("a child ended with status %#x%s", (unsigned)status,
			 WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM ?
				 " (it hung)" :
				 "");
	(void)before;
	nr_forks++;
}

/* Resident memory against what is live; stacks and buffers of ours apart. */
static void check_memory(unsigned long since_start, bool warm)
{
	size_t live = __atomic_load_n(&live_bytes, __ATOMIC_RELAXED);
	size_t now = rss();
	size_t bound;

	if (live > peak_live)
		peak_live = live;
	if (now > peak_rss)
		peak_rss = now;
	bound = peak_live / 100 * opt.bound_pct + 96 * MIB +
		opt.threads * MIB / 2;
	if (opt.bound_pct && warm && !opt.oracle && now > bound)
		complain("after %lu s: %zu MiB resident, %zu live at most",
			 since_start / 1000, now / MIB, peak_live / MIB);
}

static void report(unsigned long since_start)
{
	fprintf(stderr,
		"stress: %3lu s  live %4lu MiB  rss %4zu MiB  %lu ops  "
		"%lu threads  %lu forks  %lu errors\n",
		since_start / 1000,
		__atomic_load_n(&live_bytes, __ATOMIC_RELAXED) / MIB,
		rss() / MIB, __atomic_load_n(&nr_ops, __ATOMIC_RELAXED),
		nr_threads, nr_forks, nr_errors);
}

static void watch(void)
{
	unsigned long begin = now_ms();
	unsigned long next_report = begin + 10000;
	unsigned long next_fork = begin + opt.fork_ms;
	unsigned long progress_at = begin;
	unsigned long progress = 0;
	unsigned long rnd = opt.seed * 31 + 7;
	struct block mine[32] = { 0 };
	unsigned long now;
	int i;

	for (i = 0; i < 32; i++)
		if (!block_make(&mine[i], &rnd))
			complain("out of memory");
	while ((now = now_ms()) < begin + opt.seconds * 1000UL) {
		unsigned long ops;

		usleep(20000);
		replace_the_dead();
		if (opt.fork_ms && now >= next_fork) {
			fork_one(mine, 32, &rnd);
			next_fork = now_ms() + opt.fork_ms;
		}
		check_memory(now - begin, now > begin + 2000);
		if (now >= next_report) {
			report(now - begin);
			next_report += 10000;
		}
		ops = __atomic_load_n(&nr_ops, __ATOMIC_RELAXED);
		if (ops != progress) {
			progress = ops;
			progress_at = now;
		} else if (now > progress_at + 60000) {
			complain("no operation for 60 s: deadlock");
			abort();
		}
	}
	for (i = 0; i < 32; i++)
		block_drop(&mine[i]);
}

static void release_all(size_t rss_at_start)
{
	unsigned int i;
	size_t left;
	size_t j;

	for (i = 0; i < opt.threads; i++) {
		if (place[i].running)
			pthread_join(place[i].thread, NULL);
		empty_box(&place[i]);
		for (j = 0; j < nr_slots; j++)
			if (place[i].slot[j].p)
				block_drop(&place[i].slot[j]);
	}
	heap_trim();
	left = rss() > rss_at_start ? rss() - rss_at_start : 0;
	if (live_bytes)
		complain("%lu bytes of blocks were lost by this program",
			 live_bytes);
	fprintf(stderr, "stress: %zu MiB resident after freeing everything\n",
		left / MIB);
#ifndef USE_HZ3_NAMES
	if (opt.bound_pct && !opt.oracle && left > peak_rss / 10 + 32 * MIB)
		complain("%zu of %zu MiB stay resident", left / MIB,
			 peak_rss / MIB);
#endif
}

/* How many blocks a thread holds, so that all hold about opt.live bytes. */
static void size_slots(void)
{
	unsigned long rnd = 88172645463325252UL;
	size_t sum = 0;
	int i;

	for (i = 0; i < 10000; i++)
		sum += random_size(&rnd, opt.max_size);
	/* A slot is empty half of the time. */
	nr_slots = opt.live / opt.threads * 2 / (sum / 10000 + 1);
	if (nr_slots < 4)
		nr_slots = 4;
	if (nr_slots > SLOTS_MAX)
		nr_slots = SLOTS_MAX;
}

int main(int argc, char **argv)
{
	size_t rss_at_start;
	unsigned int i;

	parse_options(argc, argv);
	size_slots();
	if (opt.oracle)
		oracle_init();
	for (i = 0; i < opt.threads; i++) {
		place[i].number = i;
		place[i].rnd = opt.seed * 0x9E3779B97F4A7C15UL + i * 77 + 1;
		place[i].slot = pages(nr_slots * sizeof(struct block));
		pthread_mutex_init(&place[i].lock, NULL);
	}
	rss_at_start = rss();
	for (i = 0; i < opt.threads; i++)
		start(&place[i]);
	watch();
	__atomic_store_n(&stop, 1, __ATOMIC_RELAXED);
	release_all(rss_at_start);
	printf("stress: %lu ops, %lu errors, peak RSS %zu MiB, peak live %zu "
	       "MiB, %lu threads, %lu forks, seed %lu\n",
	       nr_ops, nr_errors, peak_rss / MIB, peak_live / MIB, nr_threads,
	       nr_forks, opt.seed);
	return nr_errors != 0;
}
