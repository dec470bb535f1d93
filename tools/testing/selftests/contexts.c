// SPDX-License-Identifier: MIT
/*
 * Contexts that any thread may use, one at a time: every function, blocks that
 * pass between contexts, threads and the heap, contexts that migrate while
 * others free their blocks, also across a fork. Attached and detached threads;
 * what flush and idle give back.
 * selftest: modes=linked,static timeout=120
 */
#include <hz3/embed.h>
#include <hz3/hz3.h>

#include "selftest.h"

#define NR_CONTEXTS 12
#define NR_THREADS  4
#define NR_SLOTS    64

static size_t nr_own; /* threads with caches: 0 in a build without TLS */

static struct hz3_stats stats(void)
{
	struct hz3_stats st = { .size = sizeof(st) };

	hz3_get_stats(&st);
	return st;
}

static struct hz3_context *new_context(void)
{
	struct hz3_context *c = hz3_context_create();

	REQUIRE(c);
	return c;
}

/* One block through all that can be done with it. */
static void life_of(struct hz3_context *c, size_t size)
{
	char *p = hz3_context_malloc(c, size);

	REQUIRE(p && hz3_usable_size(p) >= size);
	fill(p, size, size);
	p = hz3_context_realloc(c, p, size * 3);
	CHECK(p && intact(p, size, size));
	p = hz3_realloc(p, size * 2);
	CHECK(p && intact(p, size, size));
	p = hz3_context_realloc(c, p, size / 2 + 1);
	CHECK(p && intact(p, size / 2 + 1, size));
	CHECK(!hz3_context_realloc(c, p, 0));
	p = hz3_context_calloc(c, 3, size);
	REQUIRE(p);
	CHECK(!p[0] && !memcmp(p, p + 1, 3 * size - 1));
	fill(p, 3 * size, 1);
	hz3_context_free(c, p);
	p = hz3_context_aligned_alloc(c, 4096, size);
	CHECK(p && !((uintptr_t)p % 4096));
	free(p);
	p = hz3_context_realloc(c, NULL, size);
	hz3_context_free(c, p);
	hz3_context_free(c, malloc(size));
}

static void every_function(void)
{
	struct hz3_context *c = new_context();
	size_t huge = SIZE_MAX / 2;

	for (size_t size = 1; size < 8 * MIB; size = size * 3 + 1)
		life_of(c, size);
	hz3_context_free(c, NULL);
	hz3_context_destroy(NULL);
	errno = 0;
	CHECK(!hz3_context_malloc(c, huge) && errno == ENOMEM);
	errno = 0;
	CHECK(!hz3_context_calloc(c, huge, 4) && errno == ENOMEM);
	errno = 0;
	CHECK(!hz3_context_aligned_alloc(c, 48, 100) && errno == EINVAL);
	hz3_context_destroy(c);
}

/* Contexts and blocks that change hands. */
static struct {
	pthread_mutex_t lock;
	struct hz3_context *context;
} fiber[NR_CONTEXTS];
static char *_Atomic slot[NR_SLOTS];

static void step(struct hz3_context *c, unsigned long *seed)
{
	for (int i = 0; i < 50; i++) {
		unsigned long n = next_random(seed) % NR_SLOTS;
		size_t size = random_size(seed, 50000);
		char *p = hz3_context_malloc(c, size);
		char *old;

		REQUIRE(p);
		*(size_t *)p = size;
		p[size - 1 + !!(size < 9) * 8] = (char)size;
		old = __atomic_exchange_n((char **)&slot[n], p,
					  __ATOMIC_ACQ_REL);
		if (!old)
			continue;
		size = *(size_t *)old;
		CHECK(old[size - 1 + !!(size < 9) * 8] == (char)size);
		hz3_context_free(c, old);
	}
}

static void *scheduler(void *arg)
{
	unsigned long seed = (unsigned long)arg;

	for (unsigned long i = 0; i < scaled(2000); i++) {
		unsigned long n = next_random(&seed) % NR_CONTEXTS;

		pthread_mutex_lock(&fiber[n].lock);
		step(fiber[n].context, &seed);
		pthread_mutex_unlock(&fiber[n].lock);
	}
	return NULL;
}

static void drop_all(void)
{
	for (int i = 0; i < NR_SLOTS; i++) {
		free(slot[i]);
		slot[i] = NULL;
	}
	for (int i = 0; i < NR_CONTEXTS; i++)
		hz3_context_destroy(fiber[i].context);
}

/* In the child nobody was using them: they go on, and end. */
static void forked(unsigned long unused)
{
	unsigned long seed = 7;

	(void)unused;
	CHECK(stats().nr_threads == NR_CONTEXTS + nr_own, "%zu",
	      stats().nr_threads);
	for (int i = 0; i < NR_CONTEXTS; i++)
		step(fiber[i].context, &seed);
	drop_all();
	CHECK(stats().nr_threads == nr_own, "%zu", stats().nr_threads);
	_exit(selftest_end());
}

static void migrate(void)
{
	pthread_t id[NR_THREADS];
	size_t before;

	hz3_purge_all();
	before = stats().used_bytes;
	for (int i = 0; i < NR_CONTEXTS; i++) {
		fiber[i].context = new_context();
		pthread_mutex_init(&fiber[i].lock, NULL);
	}
	for (unsigned long i = 0; i < NR_THREADS; i++)
		REQUIRE(!pthread_create(&id[i], NULL, scheduler,
					(void *)(i + 1)));
	for (int i = 0; i < NR_THREADS; i++)
		pthread_join(id[i], NULL);
	CHECK(!fork_children(1, forked));
	drop_all();
	hz3_purge_all();
	CHECK(stats().used_bytes <= before + 4096, "%zu bytes are lost",
	      stats().used_bytes - before);
	CHECK(stats().nr_threads == nr_own);
}

static unsigned int nr_shards;

static void read_config(void *arg, const char *name, const char *value)
{
	(void)arg;
	if (!strcmp(name, "CONFIG_HZ3_NUM_SHARDS"))
		nr_shards = (unsigned int)atoi(value);
}

/* Fewer than fill a message. */
#define NR_SENT 40

/* What waits with one context for the shard of another. */
static void flush(void)
{
	struct hz3_context *a = new_context();
	struct hz3_context *b = new_context();
	void *p[NR_SENT];
	size_t before;

	hz3_purge_all();
	before = stats().used_bytes;
	for (int i = 0; i < NR_SENT; i++)
		p[i] = hz3_context_malloc(a, 48);
	for (int i = 0; i < NR_SENT; i++)
		hz3_context_free(b, p[i]);
	hz3_purge_all();
	CHECK(stats().used_bytes >= before + NR_SENT / 2 * 48 || nr_shards < 3,
	      "nothing was waiting");
	hz3_context_flush(b);
	hz3_purge_all();
	CHECK(stats().used_bytes <= before, "%zu bytes are still waiting",
	      stats().used_bytes - before);
	hz3_context_destroy(a);
	hz3_context_destroy(b);
}

static void idle(void)
{
	struct hz3_context *c = new_context();
	void *p[16];

	for (int i = 0; i < 16; i++)
		p[i] = hz3_context_malloc(c, 1000);
	for (int i = 0; i < 16; i++)
		hz3_context_free(c, p[i]);
	hz3_purge_all();
	CHECK(stats().cached_bytes >= 16 * 1000, "nothing is cached");
	hz3_context_idle(c);
	hz3_purge_all();
	CHECK(!stats().cached_bytes, "%zu bytes", stats().cached_bytes);
	free(hz3_context_malloc(c, 1000));
	hz3_context_destroy(c);
}

static void *attached(void *arg)
{
	size_t before = stats().nr_threads;

	if (!nr_own)
		return arg;
	CHECK(!hz3_thread_attach() && stats().nr_threads == before + 1);
	free(malloc(100));
	hz3_thread_idle();
	hz3_thread_flush();
	CHECK(stats().nr_threads == before + 1);
	hz3_thread_detach();
	CHECK(stats().nr_threads == before);
	hz3_thread_detach();
	hz3_thread_flush();
	hz3_thread_idle();
	CHECK(stats().nr_threads == before);
	free(malloc(100));
	CHECK(stats().nr_threads == before + 1);
	return arg;
}

int main(void)
{
	pthread_t id;

	selftest_begin(100);
	hz3_config(read_config, NULL);
	free(malloc(1));
	nr_own = stats().nr_threads;
	CHECK(nr_own == !hz3_thread_attach());
	every_function();
	REQUIRE(!pthread_create(&id, NULL, attached, NULL));
	pthread_join(id, NULL);
	CHECK(stats().nr_threads == nr_own);
	flush();
	idle();
	migrate();
	return selftest_end();
}
