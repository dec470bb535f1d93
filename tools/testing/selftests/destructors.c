// SPDX-License-Identifier: MIT
/*
 * Thread-specific destructors that allocate, free and arm themselves again,
 * 24 keys for 4 rounds: ours must not depend on running last, and a dead
 * thread must leave nothing behind (TESTING.md class 4).
 * selftest: modes=preload,linked timeout=60
 */
#include "selftest.h"

#define NR_KEYS   24
#define NR_ROUNDS 4

static pthread_key_t key[NR_KEYS];
static unsigned long nr_calls;

struct value {
	int key;
	int round;
	char text[200];
};

static void on_exit_of_thread(void *arg)
{
	struct value *v = arg;
	struct value *next = NULL;
	void *extra = malloc((size_t)v->key * 300 + 1);

	REQUIRE(extra);
	__atomic_fetch_add(&nr_calls, 1, __ATOMIC_RELAXED);
	CHECK(intact(v->text, sizeof(v->text), (unsigned long)v->key));
	if (v->round + 1 < NR_ROUNDS) {
		next = malloc(sizeof(*next));
		REQUIRE(next);
		*next = (struct value){ .key = v->key, .round = v->round + 1 };
		fill(next->text, sizeof(next->text), (unsigned long)v->key);
		pthread_setspecific(key[v->key], next);
	}
	free(v);
	free(realloc(extra, 40000));
}

static void *run(void *arg)
{
	unsigned long seed = (unsigned long)arg + 1;

	for (int i = 0; i < NR_KEYS; i++) {
		struct value *v = malloc(sizeof(*v));

		REQUIRE(v);
		*v = (struct value){ .key = i };
		fill(v->text, sizeof(v->text), (unsigned long)i);
		pthread_setspecific(key[i], v);
	}
	for (int i = 0; i < 200; i++)
		free(malloc(random_size(&seed, 50000)));
	return NULL;
}

/* Four at a time. */
static void generations(unsigned long n)
{
	for (unsigned long i = 0; i < n; i += 4)
		run_threads(4, run, i);
}

int main(void)
{
	unsigned long n = scaled(2000) / 4 * 4;
	size_t warm;
	size_t end;

	selftest_begin(50);
	for (int i = 0; i < NR_KEYS; i++)
		REQUIRE(!pthread_key_create(&key[i], on_exit_of_thread));
	generations(200);
	warm = rss();
	generations(n);
	end = rss();
	CHECK(nr_calls == (n + 200) * NR_KEYS * NR_ROUNDS, "%lu", nr_calls);
	CHECK(emulated() || end <= warm + 2 * MIB, "%zu KiB after %zu KiB",
	      end >> 10, warm >> 10);
	return selftest_end();
}
