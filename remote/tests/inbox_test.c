// SPDX-License-Identifier: MIT
/* The inbox: many post, somebody takes all; nothing is lost or doubled. */
#include <sched.h>

#include <hz3/remote/inbox.h>

#include "hz3test.h"

#define NR_PRODUCERS 6
#define NR_MAGAZINES 5000

#define UNIT (1UL << INBOX_UNIT_SHIFT)

static struct magazine magazine[NR_PRODUCERS][NR_MAGAZINES];
static int nr_done;
/* Nobody's: what is in a shard's own may be taken at any malloc. */
static u8 shard;

/* One message weighs what it should, to a unit. */
static bool is_about(size_t got, size_t bytes)
{
	return got + UNIT > bytes && got < bytes + UNIT;
}

static void posts_and_takes(struct hz3test *t)
{
	struct magazine *m;

	EXPECT_TRUE(t, inbox_is_empty(shard));
	EXPECT_TRUE(t, !inbox_take(shard));
	EXPECT_TRUE(t, is_about(inbox_post(shard, &magazine[0][0], 0),
				MAGAZINE_BYTES));
	EXPECT_TRUE(t, !inbox_is_empty(shard));
	EXPECT_TRUE(t,
		    inbox_post(shard, &magazine[0][1], 5 * UNIT) >= 5 * UNIT);
	m = inbox_take(shard);
	EXPECT_TRUE(t, m == &magazine[0][1]);
	EXPECT_TRUE(t, m->link == &magazine[0][0]);
	EXPECT_TRUE(t, !m->link->link);
	EXPECT_TRUE(t, inbox_is_empty(shard));
	/* What was taken weighs nothing any more. */
	EXPECT_TRUE(t, is_about(inbox_post(shard, &magazine[0][0], 0),
				MAGAZINE_BYTES));
	EXPECT_TRUE(t, inbox_take(shard) == &magazine[0][0]);
}

/* Many messages, each lighter than a unit: the sum is right to a tenth. */
static void small_ones_add_up(struct hz3test *t)
{
	size_t bytes = 0;
	size_t got = 0;
	u32 i;

	for (i = 0; i < NR_MAGAZINES && bytes < 256 * UNIT; i++) {
		got = inbox_post(shard, &magazine[0][i], UNIT / 8);
		bytes += UNIT / 8 + MAGAZINE_BYTES;
	}
	EXPECT_GT(t, got, bytes - bytes / 10);
	EXPECT_LT(t, got, bytes + bytes / 10);
	/* It ends at eight times the bound, 64 units. */
	for (; i < NR_MAGAZINES && got < 511 * UNIT; i++)
		got = inbox_post(shard, &magazine[0][i], 64 * UNIT);
	EXPECT_EQ(t, got, 511 * UNIT);
	EXPECT_TRUE(t, inbox_take(shard));
}

static void shards_are_apart(struct hz3test *t)
{
	u32 i;

	if (NR_SHARDS > NR_MAGAZINES)
		hz3test_skip(t, "more shards than magazines");
	for (i = 1; i <= NR_SHARDS; i++)
		EXPECT_TRUE(t, is_about(inbox_post((u8)i, &magazine[0][i],
						   i * UNIT),
					i * UNIT + MAGAZINE_BYTES));
	for (i = 1; i <= NR_SHARDS; i++) {
		EXPECT_TRUE(t, inbox_take((u8)i) == &magazine[0][i]);
		EXPECT_TRUE(t, inbox_is_empty((u8)i));
	}
}

static void *produce(void *arg)
{
	struct magazine *m = magazine[(size_t)arg];
	u32 i;

	for (i = 0; i < NR_MAGAZINES; i++) {
		/* Plain stores: post must publish them. */
		m[i].count = i + 1;
		m[i].slot[0] = arg;
		m[i].slot[MAGAZINE_SLOTS - 1] = &m[i];
		(void)inbox_post(shard, &m[i], 1);
		if (i % 256 == 0)
			sched_yield();
	}
	/* Release: the consumer's last look must see all posts. */
	__atomic_fetch_add(&nr_done, 1, __ATOMIC_RELEASE);
	return NULL;
}

static void many_producers(struct hz3test *t)
{
	u32 last[NR_PRODUCERS] = { 0 };
	pthread_t thread[NR_PRODUCERS];
	u32 total = 0;
	bool done;
	size_t i;

	hz3test_start(t, thread, NR_PRODUCERS, produce);
	do {
		u32 top[NR_PRODUCERS] = { 0 };
		struct magazine *m;

		done = __atomic_load_n(&nr_done, __ATOMIC_ACQUIRE) ==
		       NR_PRODUCERS;
		/* Newest first: each producer's numbers fall, then jump. */
		for (m = inbox_take(shard); m; m = m->link) {
			size_t p = (size_t)m->slot[0];

			ASSERT_LT(t, p, (size_t)NR_PRODUCERS);
			EXPECT_TRUE(t, m->slot[MAGAZINE_SLOTS - 1] == m);
			EXPECT_GT(t, m->count, last[p]);
			if (!top[p])
				top[p] = m->count;
			total++;
		}
		for (i = 0; i < NR_PRODUCERS; i++)
			if (top[i])
				last[i] = top[i];
	} while (!done);
	hz3test_join(thread, NR_PRODUCERS);
	for (i = 0; i < NR_PRODUCERS; i++)
		EXPECT_EQ(t, last[i], (u32)NR_MAGAZINES);
	EXPECT_EQ(t, total, (u32)NR_PRODUCERS * NR_MAGAZINES);
}

static void setup(struct hz3test *t)
{
	struct magazine *m;

	(void)t;
	/* The runner itself may have used the allocator, and so the first. */
	do
		m = inbox_take(1);
	while (m);
}

static const struct hz3test_case cases[] = {
	HZ3TEST_CASE(posts_and_takes),
	HZ3TEST_CASE(small_ones_add_up),
	HZ3TEST_CASE(shards_are_apart),
	HZ3TEST_CASE(many_producers),
	{ 0 },
};

HZ3TEST_SUITE(.name = "inbox", .init = setup, .cases = cases);
