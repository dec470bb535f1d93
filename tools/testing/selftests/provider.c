// SPDX-License-Identifier: MIT
/*
 * Memory that the program provides: a static region, in which everything lies
 * and no memory of the kernel's is used, also with a limit; and a table of
 * operations that keeps count of what it gave, of which each call in turn is
 * refused. Each case is a child that starts the program again: the C library
 * allocates before main().
 * selftest: modes=static needs=native timeout=120
 */
#include <hz3/embed.h>
#include <hz3/hz3.h>

#include "selftest.h"

#define REGION_BYTES (64 * MIB)
#define LIMIT_BYTES  (24 * MIB)
#define NR_BLOCKS    (1 << 16)

static char region[REGION_BYTES] __attribute__((aligned(16)));
static void *block[NR_BLOCKS];

/* Blocks of a size until there are no more; returns how many. */
static unsigned long take_all(size_t size)
{
	unsigned long n;

	errno = 0;
	for (n = 0; n < NR_BLOCKS; n++) {
		block[n] = malloc(size);
		if (!block[n])
			break;
		memset(block[n], 0xa5, size);
		CHECK((char *)block[n] >= region &&
			      (char *)block[n] + size <= region + REGION_BYTES,
		      "%p is outside", block[n]);
	}
	CHECK(errno == ENOMEM, "%lu blocks of %zu, and more", n, size);
	return n;
}

/* The whole region twice, and zeros after that. */
static void use_up(size_t size)
{
	unsigned long n = take_all(size);
	unsigned long again;
	char *p;

	CHECK(n * size >= REGION_BYTES / 2, "only %lu of %zu", n, size);
	free_blocks(block, n);
	again = take_all(size);
	CHECK(again + again / 20 + 1 >= n, "%zu: %lu, then %lu", size, n,
	      again);
	free_blocks(block, again);
	for (n = 0; n < NR_BLOCKS; n++) {
		block[n] = p = calloc(1, size);
		if (!p)
			break;
		CHECK(!p[0] && !memcmp(p, p + 1, size - 1), "%zu: no zeros",
		      size);
	}
	CHECK(n > again / 2, "%lu of %zu, then %lu", again, size, n);
	free_blocks(block, n);
}

static void *thread(void *arg)
{
	unsigned long seed = (unsigned long)arg;

	for (unsigned long i = 0; i < scaled(20000); i++) {
		size_t size = random_size(&seed, 200000);
		char *p = malloc(size);

		if (!p)
			continue;
		p[0] = p[size - 1] = 1;
		free(p);
	}
	return NULL;
}

static void in_threads(void)
{
	pthread_t id[4];

	for (unsigned long i = 0; i < 4; i++)
		REQUIRE(!pthread_create(&id[i], NULL, thread, (void *)(i + 1)));
	for (int i = 0; i < 4; i++)
		pthread_join(id[i], NULL);
}

static void in_region(void)
{
	unsigned long before = proc_value("/proc/self/status", "VmSize:");

	CHECK(hz3_set_page_region(region, REGION_BYTES) == EBUSY);
	/* While there are few arenas, these get ranges of their own. */
	use_up(7 * MIB);
	use_up(3000);
	use_up(100000);
	use_up(3 * MIB);
	use_up(20000);
	free(malloc(100));
	CHECK(!fork_children(1, (void (*)(unsigned long))(void *)in_threads));
	/* libc's own are counted in KiB, ours would be in MiB. */
	CHECK(emulated() ||
	      proc_value("/proc/self/status", "VmSize:") < before + 1024);
	in_threads();
}

/*
 * Nothing of it is ever decommitted: what is free serves again, also when all
 * that limit_hard allows is committed. Not all of it at once, in pieces.
 */
static void in_limited_region(void)
{
	static const size_t size[] = { 3000, 3 * MIB, 200000, 3 * MIB };
	unsigned long n;

	for (unsigned int i = 0; i < sizeof(size) / sizeof(*size); i++) {
		n = take_all(size[i]);
		CHECK(n * size[i] >= LIMIT_BYTES / 4 &&
			      n * size[i] <= LIMIT_BYTES,
		      "round %u: %lu of %zu", i, n, size[i]);
		/* What is left to say so with. */
		block[n] = malloc(4000);
		CHECK(block[n], "round %u: no reserve", i);
		free_blocks(block, n + 1);
	}
}

/* What the provider gave, and which of its calls it refuses. */
#define PAGE_BYTES 4096UL
#define NR_RANGES  64
static struct {
	char *start;
	size_t size;
	unsigned char *is_committed; /* by page */
} range[NR_RANGES];
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static unsigned long nr_calls;
static unsigned long refuse_at;
static unsigned long nr_ops[5]; /* by operation */

static bool is_refused(int op)
{
	unsigned long n = __atomic_add_fetch(&nr_calls, 1, __ATOMIC_RELAXED);

	__atomic_add_fetch(&nr_ops[op], 1, __ATOMIC_RELAXED);
	return n == refuse_at;
}

static void *map(size_t size, int prot)
{
	void *p = mmap(NULL, size, prot,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

static void *my_reserve(void *arg, size_t size, size_t align)
{
	char *p;
	int i;

	CHECK(arg == range && size && !(size % PAGE_BYTES));
	/* A big arena would only cost its tag map. */
	if (is_refused(0) || size > 256 * MIB)
		return NULL;
	p = map(size + align, PROT_NONE);
	if (!p)
		return NULL;
	p = (char *)(((uintptr_t)p + align - 1) & ~(align - 1));
	pthread_mutex_lock(&mutex);
	for (i = 0; i < NR_RANGES && range[i].start; i++)
		;
	REQUIRE(i < NR_RANGES, "more ranges than expected");
	range[i].start = p;
	range[i].size = size;
	range[i].is_committed =
		map(size / PAGE_BYTES + 1, PROT_READ | PROT_WRITE);
	pthread_mutex_unlock(&mutex);
	return p;
}

/* Its pages are, or are not, committed now; it must lie in one range. */
static void note(char *addr, size_t size, bool is_committed)
{
	int i;

	pthread_mutex_lock(&mutex);
	for (i = 0; i < NR_RANGES; i++)
		if (addr >= range[i].start &&
		    addr + size <= range[i].start + range[i].size)
			break;
	REQUIRE(i < NR_RANGES, "%p: nobody reserved that", (void *)addr);
	memset(range[i].is_committed + (addr - range[i].start) / PAGE_BYTES,
	       is_committed, size / PAGE_BYTES);
	pthread_mutex_unlock(&mutex);
}

static bool all_committed(char *addr, size_t size)
{
	bool all = false;

	for (int i = 0; i < NR_RANGES; i++)
		if (addr >= range[i].start &&
		    addr + size <= range[i].start + range[i].size)
			all = !memchr(range[i].is_committed +
					      (addr - range[i].start) /
						      PAGE_BYTES,
				      0, size / PAGE_BYTES);
	return all;
}

static int my_commit(void *arg, void *addr, size_t size)
{
	(void)arg;
	if (is_refused(1))
		return -1;
	note(addr, size, true);
	return mprotect(addr, size, PROT_READ | PROT_WRITE);
}

static int my_decommit(void *arg, void *addr, size_t size)
{
	(void)arg;
	if (is_refused(2))
		return -1;
	CHECK(all_committed(addr, size));
	note(addr, size, false);
	CHECK(!madvise(addr, size, MADV_DONTNEED));
	return mprotect(addr, size, PROT_NONE);
}

static int my_purge(void *arg, void *addr, size_t size)
{
	(void)arg;
	if (is_refused(3))
		return 1;
	CHECK(all_committed(addr, size), "purged, but not in use");
	return madvise(addr, size, MADV_DONTNEED);
}

static void my_release(void *arg, void *addr, size_t size)
{
	(void)arg;
	is_refused(4);
	pthread_mutex_lock(&mutex);
	for (int i = 0; i < NR_RANGES; i++) {
		if (range[i].start != addr)
			continue;
		CHECK(range[i].size == size, "released in part");
		range[i].start = NULL;
		range[i].size = 0;
		addr = NULL;
		break;
	}
	pthread_mutex_unlock(&mutex);
	CHECK(!addr, "released, but nobody reserved it");
}

static const struct hz3_page_ops ops = {
	.size = sizeof(ops),
	.reserve = my_reserve,
	.commit = my_commit,
	.decommit = my_decommit,
	.purge = my_purge,
	.release = my_release,
};

static const size_t sizes[] = { 24,      1000,     30000,     200000,
				3 * MIB, 30 * MIB, 150 * MIB, 200 * MIB };
#define NR_SIZES (sizeof(sizes) / sizeof(sizes[0]))

/* A life in which one call is refused: malloc may fail then, and not later. */
static unsigned long live(void)
{
	unsigned long nr_failed = 0;
	char *p[NR_SIZES];

	for (int round = 0; round < 3; round++) {
		for (unsigned int i = 0; i < NR_SIZES; i++) {
			p[i] = calloc(1, sizes[i]);
			nr_failed += !p[i];
			if (!p[i])
				continue;
			CHECK(!p[i][0] && !p[i][sizes[i] - 1]);
			memset(p[i], 1, sizes[i] < MIB ? sizes[i] : MIB);
			p[i][sizes[i] - 1] = 1;
		}
		for (unsigned int i = 0; i < NR_SIZES; i++)
			free(p[i]);
		hz3_purge_all();
	}
	return nr_failed;
}

static void provided(void)
{
	unsigned long nr_failed = live();

	CHECK(nr_failed <= (refuse_at != 0), "%lu failed", nr_failed);
	if (!refuse_at)
		for (int op = 0; op < 5; op++)
			CHECK(nr_ops[op], "operation %d was not called", op);
	CHECK(hz3_set_page_provider(&ops, range) == EBUSY);
	if (nr_calls < refuse_at)
		_exit(2);
}

#define CASE "SELFTEST_PROVIDER"

/* What hz3 calls before it takes any memory. */
void hz3_setup(void)
{
	struct hz3_page_ops newer = { .size = sizeof(ops) + 8 };
	struct hz3_page_ops none = { .size = sizeof(ops) };
	const char *name = getenv(CASE);

	if (name && !strcmp(name, "region")) {
		CHECK(hz3_set_page_region(region, 100) == EINVAL);
		CHECK(!hz3_set_page_region(region + 1, REGION_BYTES - 1));
	} else if (name && !strcmp(name, "limited")) {
		CHECK(!hz3_set_page_region(region, REGION_BYTES));
		CHECK(!hz3_option_set("limit_hard", "24M"));
	} else if (name) {
		CHECK(hz3_set_page_provider(&newer, range) == EINVAL);
		CHECK(hz3_set_page_provider(&none, range) == EINVAL);
		CHECK(!hz3_set_page_provider(&ops, range));
		refuse_at = strtoul(name, NULL, 10);
	}
}

static int status_of(const char *name)
{
	pid_t pid = fork();

	REQUIRE(pid >= 0);
	if (!pid) {
		setenv(CASE, name, 1);
		execl("/proc/self/exe", "provider", NULL);
		_exit(99);
	}
	return child_status(pid);
}

int main(void)
{
	const char *name = getenv(CASE);
	unsigned long n = 0;
	char text[24];
	int status;

	selftest_begin(100);
	if (name) {
		if (!strcmp(name, "region"))
			in_region();
		else if (!strcmp(name, "limited"))
			in_limited_region();
		else
			provided();
		return selftest_end();
	}
	CHECK(!status_of("region"));
	CHECK(!status_of("limited"));
	/* Until there are not as many calls: exit status 2. */
	do {
		snprintf(text, sizeof(text), "%lu", n);
		status = status_of(text);
		CHECK(!status || status == 2 << 8, "call %lu: %#x", n, status);
		n++;
	} while (!status && n < 500);
	CHECK(n > 10 && n < 500, "%lu calls", n);
	return selftest_end();
}
