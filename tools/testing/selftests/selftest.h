/* SPDX-License-Identifier: MIT */
/*
 * What the selftests share. A program ends with 0 (pass), 1 (fail) or 4
 * (does not apply here). It must prove which allocator answers: call
 * selftest_begin() first. With SELFTEST_ANY=1 in the environment any allocator
 * will do, to see what a test says about another one.
 *
 * Nothing here allocates, so that the figures are the test's own; hz3_figure()
 * does, and frees it again.
 */
#ifndef SELFTEST_H
#define SELFTEST_H

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MIB           (1UL << 20)
#define SELFTEST_SKIP 4

#pragma GCC diagnostic ignored "-Wunused-function"
#ifdef __clang__
#pragma clang diagnostic ignored "-Wfree-nonheap-object"
#else
#pragma GCC diagnostic ignored "-Wfree-nonheap-object"
#pragma GCC diagnostic ignored "-Wuse-after-free"
#pragma GCC diagnostic ignored "-Walloc-size-larger-than="
#endif

extern const char *hz3_version(void) __attribute__((weak));

static int selftest_failures;

static void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

static void say(const char *format, ...)
{
	char text[512];
	va_list ap;
	int len;

	va_start(ap, format);
	len = vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	if (len >= (int)sizeof(text))
		len = (int)sizeof(text) - 1;
	if (write(STDERR_FILENO, text, (size_t)len) < 0)
		selftest_failures++;
}

/* Note a failure and go on; more than 20 are not worth reading. */
#define CHECK(cond, ...)                                                  \
	({                                                                \
		bool __ok = (cond);                                       \
		if (!__ok && __atomic_fetch_add(&selftest_failures, 1,    \
						__ATOMIC_RELAXED) < 20) { \
			say("%s:%d: %s:", __FILE__, __LINE__, #cond);     \
			say(" " __VA_ARGS__);                             \
			say("\n");                                        \
		}                                                         \
		__ok;                                                     \
	})

/* As CHECK(), but the program cannot go on. */
#define REQUIRE(cond, ...)                     \
	do {                                   \
		if (!CHECK(cond, __VA_ARGS__)) \
			_exit(1);              \
	} while (0)

static void selftest_skip(const char *why)
{
	say("skipped: %s\n", why);
	_exit(SELFTEST_SKIP);
}

static void selftest_begin(unsigned int seconds)
{
	alarm(seconds);
	if (hz3_version)
		return;
#ifndef STATIC
	if (dlsym(RTLD_DEFAULT, "hz3_version"))
		return;
#endif
	if (!getenv("SELFTEST_ANY")) {
		say("hz3 does not answer here\n");
		_exit(1);
	}
}

static int selftest_end(void)
{
	if (selftest_failures)
		say("%d checks failed\n", selftest_failures);
	return selftest_failures != 0;
}

static bool long_form(void)
{
	return getenv("SELFTEST_LONG") != NULL;
}

static bool emulated(void)
{
	return getenv("SELFTEST_EMULATED") != NULL;
}

/* Fewer rounds in an emulator, more in the long form. */
static unsigned long scaled(unsigned long rounds)
{
	if (long_form())
		return rounds * 10;
	return emulated() ? rounds / 10 + 1 : rounds;
}

static unsigned long now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (unsigned long)ts.tv_sec * 1000 +
	       (unsigned long)ts.tv_nsec / 1000000;
}

static unsigned long now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (unsigned long)ts.tv_sec * 1000000000UL +
	       (unsigned long)ts.tv_nsec;
}

static void sleep_ms(unsigned int ms)
{
	struct timespec ts = { ms / 1000, (long)(ms % 1000) * 1000000 };

	while (nanosleep(&ts, &ts) && errno == EINTR)
		;
}

static unsigned long next_random(unsigned long *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

/* A size in [1, max], every order of magnitude equally likely. */
static size_t random_size(unsigned long *state, size_t max)
{
	unsigned int bits = 64 - (unsigned int)__builtin_clzl(max);
	size_t limit = 1UL << (next_random(state) % bits + 1);
	size_t size = next_random(state) % limit + 1;

	return size > max ? max : size;
}

/* Sizes of 48 bins, 64 to 15872 bytes, one after the other. */
static size_t next_bin_size(unsigned int i)
{
	static const size_t step[] = { 16, 19, 22, 25, 28, 31 };

	return step[i % 6] << (i / 6 % 8 + 2);
}

/* The number behind @name in a file of /proc/self, in its own unit. */
static unsigned long proc_value(const char *file, const char *name)
{
	static char text[65536];
	size_t len = 0;
	ssize_t n;
	char *p;
	int fd = open(file, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return 0;
	while (len < sizeof(text) - 1 &&
	       (n = read(fd, text + len, sizeof(text) - 1 - len)) > 0)
		len += (size_t)n;
	close(fd);
	text[len] = '\0';
	p = strstr(text, name);
	return p ? strtoul(p + strlen(name), NULL, 10) : 0;
}

/* Resident bytes now. */
static size_t rss(void)
{
	unsigned long kib = proc_value("/proc/self/smaps_rollup", "\nRss:");

	if (!kib)
		kib = proc_value("/proc/self/status", "VmRSS:");
	return kib << 10;
}

/* What hz3 takes for the program's: its live blocks, and those on their way. */
static size_t in_use(void)
{
	return mallinfo2().uordblks;
}

/* How far a figure is above what it was: what falls below counts as nothing. */
static size_t above(size_t now, size_t base)
{
	return now > base ? now - base : 0;
}

/* One of the figures that only hz3 has: an attribute of malloc_info()'s. */
static size_t hz3_figure(const char *name)
{
	static char text[4096];
	FILE *fp = fmemopen(text, sizeof(text), "w");
	char *p;

	REQUIRE(fp && !malloc_info(0, fp));
	fclose(fp);
	p = strstr(text, "<hz3 ");
	p = p ? strstr(p, name) : NULL;
	return p ? strtoul(p + strlen(name) + 2, NULL, 10) : 0;
}

/* Mappings of the process; the file may be long. */
static unsigned long nr_mappings(void)
{
	char text[4096];
	unsigned long lines = 0;
	ssize_t n;
	int fd = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);

	while (fd >= 0 && (n = read(fd, text, sizeof(text))) > 0)
		for (ssize_t i = 0; i < n; i++)
			lines += text[i] == '\n';
	close(fd);
	return lines;
}

/* Memory that the allocator knows nothing of. */
static void *map_pages(size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	REQUIRE(p != MAP_FAILED);
	return p;
}

/* Blocks of one size that are resident to their last byte. */
static void take_blocks(void **block, size_t n, size_t size)
{
	for (size_t i = 0; i < n; i++) {
		block[i] = malloc(size);
		REQUIRE(block[i]);
		memset(block[i], 1, size);
	}
}

static void free_blocks(void **block, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(block[i]);
}

/* A byte that depends on where it stands and on @seed. */
static unsigned char pattern(unsigned long seed, size_t i)
{
	return (unsigned char)((seed * 0x9E3779B97F4A7C15UL +
				i * 0x45D9F3BUL) >>
			       13);
}

static void fill(void *block, size_t size, unsigned long seed)
{
	unsigned char *p = block;

	for (size_t i = 0; i < size; i++)
		p[i] = pattern(seed, i);
}

static bool intact(const void *block, size_t size, unsigned long seed)
{
	const unsigned char *p = block;

	for (size_t i = 0; i < size; i++)
		if (p[i] != pattern(seed, i))
			return false;
	return true;
}

static bool all_zero(const void *block, size_t size)
{
	const unsigned char *p = block;

	for (size_t i = 0; i < size; i++)
		if (p[i])
			return false;
	return true;
}

static void start_thread(pthread_t *thread, void *(*fn)(void *), void *arg)
{
	int err = pthread_create(thread, NULL, fn, arg);

	REQUIRE(!err, "pthread_create: %s", strerror(err));
}

/* So many threads; each gets a number of its own, from @first on. */
static void start_threads(pthread_t *thread, unsigned long n,
			  void *(*fn)(void *), unsigned long first)
{
	for (unsigned long i = 0; i < n; i++)
		start_thread(&thread[i], fn, (void *)(first + i));
}

static void join_threads(const pthread_t *thread, unsigned long n)
{
	for (unsigned long i = 0; i < n; i++)
		pthread_join(thread[i], NULL);
}

/* Starts up to 64 threads and waits until they have ended. */
static void run_threads(unsigned long n, void *(*fn)(void *),
			unsigned long first)
{
	pthread_t thread[64];

	start_threads(thread, n, fn, first);
	join_threads(thread, n);
}

/* For threads that go on until the main thread has seen enough. */
static int threads_stop;

static bool threads_stopped(void)
{
	return __atomic_load_n(&threads_stop, __ATOMIC_RELAXED);
}

static void stop_threads(const pthread_t *thread, unsigned long n)
{
	__atomic_store_n(&threads_stop, 1, __ATOMIC_RELAXED);
	join_threads(thread, n);
}

/*
 * Until the threads are stopped: blocks of up to @max bytes in up to 256
 * slots, at random, each with its content intact when it is freed.
 */
static void keep_busy(unsigned long seed, unsigned long nr_slots, size_t max)
{
	unsigned char *slot[256] = { 0 };
	size_t size[256] = { 0 };

	while (!threads_stopped()) {
		unsigned long i = next_random(&seed) % nr_slots;

		if (slot[i])
			CHECK(intact(slot[i], size[i], i));
		free(slot[i]);
		size[i] = random_size(&seed, max);
		slot[i] = malloc(size[i]);
		REQUIRE(slot[i]);
		fill(slot[i], size[i], i);
	}
	for (unsigned long i = 0; i < nr_slots; i++)
		free(slot[i]);
}

/* Wait for a child and say how it ended; 0 is well. */
static int child_status(pid_t pid)
{
	int status = -1;

	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return status;
}

/*
 * Children one after the other, each with its number. @child() ends them;
 * returns how many did not end well.
 */
static int fork_children(unsigned long n, void (*child)(unsigned long))
{
	int bad = 0, status;

	for (unsigned long i = 0; i < n; i++) {
		pid_t pid = fork();

		REQUIRE(pid >= 0);
		if (!pid) {
			child(i);
			_exit(0);
		}
		status = child_status(pid);
		if (!status)
			continue;
		bad++;
		say("child %lu: status %#x\n", i, (unsigned int)status);
	}
	return bad;
}

/* Something to be seen with run-time options. */
struct option_case {
	const char *options;
	void (*fn)(void);
};

static pid_t start_case(char **argv, const struct option_case *c, int number)
{
	char text[12];
	pid_t pid = fork();

	REQUIRE(pid >= 0);
	if (pid)
		return pid;
	snprintf(text, sizeof(text), "%d", number);
	setenv("HZ3_CONF", c->options, 1);
	execl("/proc/self/exe", argv[0], text, NULL);
	_exit(99);
}

/*
 * All cases at a time, each in a child that starts the program again with the
 * options and the number of the case; there, this does not return.
 */
static void run_cases(int argc, char **argv, const struct option_case *cases)
{
	pid_t pid[16];
	int status;

	if (argc > 1) {
		cases[atoi(argv[1])].fn();
		_exit(selftest_end());
	}
	for (int i = 0; cases[i].fn; i++)
		pid[i] = start_case(argv, &cases[i], i);
	for (int i = 0; cases[i].fn; i++) {
		status = child_status(pid[i]);
		CHECK(!status, "case %d (%s): status %#x", i, cases[i].options,
		      (unsigned int)status);
	}
}

#endif
