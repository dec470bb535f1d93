// SPDX-License-Identifier: MIT
/*
 * Torture: many threads allocate, check, resize and free blocks of all sizes,
 * half of them freed by another thread, while threads come and go and the
 * process forks.
 *
 *	stress [-t threads] [-s seconds] [-S seed] [--max-size bytes]
 *	       [--live MiB] [--remote-pct n] [--churn[=ms]] [--fork[=ms]]
 *	       [--dest pattern] [--oracle] [--break how] [--bound percent]
 *	       [--no-bound]
 *
 * Every block carries contents that depend on its seed and are checked before
 * it is resized or freed. With --oracle a side table knows who has which
 * addresses, and sees a block handed out twice at once. Resident memory must
 * stay below a percentage of what was live at most (200), and go when all is
 * freed; and then nothing may be left that hz3 takes for in use.
 *
 * Each error is a line on standard error when it is found, and again before
 * the summary on standard output. Exit status: 1 when there were any.
 *
 * Works on whatever malloc is there (preload one); built with USE_HZ3_NAMES it
 * calls hz3_malloc() and its family.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "stress.h"

#define SLOTS_MAX   4096
#define ERRORS_KEPT 20
#define ERROR_LEN   300

unsigned long nr_errors;
unsigned long live_bytes;

static unsigned long nr_ops;     /* atomic */
static unsigned long nr_threads; /* started in all; atomic */
static unsigned long nr_forks;   /* main only */
static size_t peak_rss;          /* main only */
static size_t peak_live;         /* main only */
static int stop;                 /* atomic */

/* The first errors, also those of children: shared memory. */
static struct error_log {
	unsigned long nr; /* atomic */
	char text[ERRORS_KEPT][ERROR_LEN];
} * error_log;

void *pages(size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (p == MAP_FAILED)
		abort();
	return p;
}

static void error_log_init(void)
{
	error_log = mmap(NULL, sizeof(*error_log), PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (error_log == MAP_FAILED)
		abort();
}

/* No stdio: it may allocate, and nothing may stay in a buffer. */
void complain(const char *format, ...)
{
	unsigned long nr;
	char *text;
	va_list ap;
	int len;

	__atomic_fetch_add(&nr_errors, 1, __ATOMIC_RELAXED);
	nr = __atomic_fetch_add(&error_log->nr, 1, __ATOMIC_RELAXED);
	if (nr >= ERRORS_KEPT)
		return;
	text = error_log->text[nr];
	len = snprintf(text, ERROR_LEN, "stress: error: ");
	va_start(ap, format);
	len += vsnprintf(text + len, ERROR_LEN - (size_t)len - 1, format, ap);
	va_end(ap);
	if (len > ERROR_LEN - 2)
		len = ERROR_LEN - 2;
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
#include "broken.c"
#include "block.c"
#include "oracle.c"
#include "place.c"
#include "child.c"

static void *work(void *arg)
{
	struct place *me = arg;
	unsigned long until = ~0UL;
	size_t i;

	self = me->number + 1;
	if (opt.churn_ms)
		until = now_ms() + next_random(&me->rnd) % (2 * opt.churn_ms);
	while (!__atomic_load_n(&stop, __ATOMIC_RELAXED)) {
		__atomic_fetch_add(&nr_ops, place_turn(me), __ATOMIC_RELAXED);
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

#define MINE 32 /* blocks of the main thread, live all along */

/* A minute without an operation is a standstill. */
static void watch_progress(unsigned long now)
{
	static unsigned long progress;
	static unsigned long progress_at;
	unsigned long ops = __atomic_load_n(&nr_ops, __ATOMIC_RELAXED);

	if (ops != progress || !progress_at) {
		progress = ops;
		progress_at = now;
	} else if (now > progress_at + 60000) {
		complain("no operation for 60 s: deadlock");
		abort();
	}
}

static void watch(void)
{
	unsigned long begin = now_ms();
	unsigned long next_report = begin + 10000;
	unsigned long next_fork = begin + opt.fork_ms;
	unsigned long rnd = opt.seed * 31 + 7;
	struct block mine[MINE] = { 0 };
	unsigned long now;
	unsigned int turn = 0;
	int i;

	for (i = 0; i < MINE; i++)
		if (!block_make(&mine[i], &rnd))
			complain("out of memory");
	while ((now = now_ms()) < begin + opt.run_ms) {
		usleep(20000);
		replace_the_dead();
		if (++turn % 8 == 0)
			heap_trim(); /* beside whatever the others do */
		if (opt.fork_ms && now >= next_fork) {
			fork_one(mine, MINE, &rnd);
			next_fork = now_ms() + opt.fork_ms;
		}
		check_memory(now - begin, now > begin + 2000);
		if (now >= next_report) {
			report(now - begin);
			next_report += 10000;
		}
		watch_progress(now);
	}
	block_drop_all(mine, MINE);
}

/*
 * What hz3 believes the program to have; 0 when it does not tell. Objects that
 * are on their way home count, so that at the end the way must be empty.
 */
static size_t in_use(void)
{
#ifndef USE_HZ3_NAMES
	struct mallinfo2 m;

	if (dlsym(RTLD_DEFAULT, "hz3_version")) {
		m = mallinfo2();
		return m.uordblks + m.hblkhd;
	}
#endif
	return 0;
}

/* The C library keeps 40 MiB of stacks, each with a record of 320 bytes. */
#define IN_USE_SLACK (16UL << 10)

static void check_all_is_back(size_t rss_at_start, size_t used_at_start)
{
	size_t left;
	size_t used;

	heap_trim();
	used = in_use();
	left = rss() > rss_at_start ? rss() - rss_at_start : 0;
	if (live_bytes)
		complain("%lu bytes of blocks were lost by this program",
			 live_bytes);
	if (used > used_at_start + IN_USE_SLACK)
		complain("%zu bytes were lost by the allocator: freed, but in "
			 "use for it",
			 used - used_at_start);
	fprintf(stderr, "stress: %zu MiB resident after freeing everything\n",
		left / MIB);
#ifndef USE_HZ3_NAMES
	if (opt.bound_pct && !opt.oracle && left > peak_rss / 10 + 32 * MIB)
		complain("%zu of %zu MiB stay resident", left / MIB,
			 peak_rss / MIB);
#endif
}

static void hung(int sig)
{
	(void)sig;
	complain("a thread does not end: deadlock");
	abort();
}

/* Ends the threads and frees for each of them what it had. */
static void release_all(void)
{
	unsigned int i;

	signal(SIGALRM, hung);
	alarm(60);
	__atomic_store_n(&stop, 1, __ATOMIC_RELAXED);
	for (i = 0; i < opt.threads; i++)
		if (place[i].running)
			pthread_join(place[i].thread, NULL);
	for (i = 0; i < opt.threads; i++) {
		self = i + 1;
		place_empty_box(&place[i]);
		block_drop_all(place[i].slot, nr_slots);
	}
	self = OWNER_MAIN;
	alarm(0);
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

static void make_places(void)
{
	unsigned int i;

	size_slots();
	for (i = 0; i < opt.threads; i++) {
		place[i].number = i;
		place[i].rnd = opt.seed * 0x9E3779B97F4A7C15UL + i * 77 + 1;
		place[i].slot = pages(nr_slots * sizeof(struct block));
		pthread_mutex_init(&place[i].lock, NULL);
	}
}

static void summary(void)
{
	unsigned long i;

	for (i = 0; i < error_log->nr && i < ERRORS_KEPT; i++)
		fputs(error_log->text[i], stdout);
	if (error_log->nr > ERRORS_KEPT)
		printf("stress: error: and %lu more\n",
		       error_log->nr - ERRORS_KEPT);
	printf("stress: %lu ops, %lu errors, peak RSS %zu MiB, peak live %zu "
	       "MiB, %lu threads, %lu forks, dest %s, seed %lu\n",
	       nr_ops, nr_errors, peak_rss / MIB, peak_live / MIB, nr_threads,
	       nr_forks, dest_name(), opt.seed);
}

int main(int argc, char **argv)
{
	size_t used_at_start;
	size_t rss_at_start;
	unsigned int i;

	parse_options(argc, argv);
	error_log_init();
	make_places();
	oracle_init();
	broken_init();
	rss_at_start = rss();
	used_at_start = in_use();
	for (i = 0; i < opt.threads; i++)
		start(&place[i]);
	watch();
	release_all();
	check_all_is_back(rss_at_start, used_at_start);
	summary();
	return nr_errors != 0;
}
