// SPDX-License-Identifier: MIT
/*
 * The stash, whichever kind is built: everything that goes in comes out once,
 * at its owner, as far as the budget says, less what the thread keeps.
 */
#include <stdlib.h>
#include <string.h>

#include "hz3test.h"
#include "internal.h"

#define NR_OBJECTS 20000

/* Object i is the address 16 * (i + 1); nobody dereferences it. */
static struct {
	u8 dst;
	u8 bin;
	u8 arrived; /* times it came to its owner */
	u8 kept;    /* times it was absorbed */
} object[NR_OBJECTS];

static struct stash stash;
static struct dispatch dispatch;
static struct magazine pool[4000];
static u32 nr_pool;
static u32 nr_posts;
static u32 nr_put;
static u32 nr_delivered;
static bool no_memory;
static u32 absorb_every; /* 0: never */
static u32 nr_asked;
static struct hz3test *test;

static void *address(u32 i)
{
	return (void *)((uptr)(i + 1) * 16);
}

static u32 index_of(const void *p)
{
	return (u32)((uptr)p / 16) - 1;
}

static bool absorb(struct dispatch *d, u8 bin, void __remote *ptr)
{
	u32 i = index_of(block_keep(ptr));

	EXPECT_TRUE(test, d == &dispatch);
	EXPECT_EQ(test, object[i].bin, bin);
	if (!absorb_every || ++nr_asked % absorb_every)
		return false;
	object[i].kept++;
	return true;
}

static struct magazine *get(struct dispatch *d)
{
	struct magazine *m;

	EXPECT_TRUE(test, d == &dispatch);
	if (no_memory || nr_pool == ARRAY_SIZE(pool))
		return NULL;
	m = &pool[nr_pool++];
	m->count = 0;
	m->link = NULL;
	return m;
}

static void put(struct dispatch *d, struct magazine *m)
{
	EXPECT_TRUE(test, d == &dispatch);
	EXPECT_EQ(test, m->count, 0U);
	nr_put++;
}

static void arrive(u8 dst, u32 i)
{
	EXPECT_EQ(test, object[i].dst, dst);
	object[i].arrived++;
}

/* Bytes of an object, in this test. */
static size_t size(u32 bin)
{
	return 16 * (bin + 1);
}

/* Magazines of some bins are sent with less than they could hold. */
static u32 cap(u32 bin)
{
	return bin % 3 ? MAGAZINE_SLOTS : 5;
}

static void post(struct dispatch *d, u8 dst, struct magazine *m, size_t bytes)
{
	size_t sum = 0;
	u32 i;

	EXPECT_TRUE(test, d == &dispatch);
	EXPECT_GT(test, m->count, 0U);
	EXPECT_LE(test, m->count, (u32)MAGAZINE_SLOTS);
	for (i = 0; i < m->count; i++) {
		u32 n = index_of(m->slot[i]);

		arrive(dst, n);
		sum += size(object[n].bin);
		if (m->bin != BIN_MIXED)
			EXPECT_EQ(test, m->bin, object[n].bin);
	}
	EXPECT_EQ(test, bytes, sum);
	nr_posts++;
}

static void deliver(struct dispatch *d, u8 dst, void __remote *ptr)
{
	EXPECT_TRUE(test, d == &dispatch);
	arrive(dst, index_of(block_keep(ptr)));
	nr_delivered++;
}

static void setup(struct hz3test *t)
{
	test = t;
	dispatch = (struct dispatch){ .absorb = absorb,
				      .get = get,
				      .put = put,
				      .post = post,
				      .deliver = deliver,
				      .size = size,
				      .cap = cap };
}

static void push(u32 i, u8 dst, u8 bin)
{
	object[i].dst = dst;
	object[i].bin = bin;
	if (stash_push(&stash, dst, bin, block_send(address(i))))
		return;
	if (!stash_make_room(&stash, dst, bin, &dispatch)) {
		/* No memory: it goes home by itself. */
		deliver(&dispatch, dst, block_send(address(i)));
		return;
	}
	EXPECT_TRUE(test, stash_push(&stash, dst, bin, block_send(address(i))));
}

static void push_random(u32 from, u32 to, unsigned long *rnd)
{
	u32 i;

	for (i = from; i < to; i++)
		push(i, (u8)(hz3test_rand(rnd) % NR_SHARDS + 1),
		     (u8)(hz3test_rand(rnd) % NR_BINS));
}

static void expect_each_once(u32 n)
{
	u32 i;

	for (i = 0; i < n; i++)
		EXPECT_EQ(test, object[i].arrived + object[i].kept, 1);
	EXPECT_EQ(test, stash_pending(&stash), 0U);
}

static void starts_empty(struct hz3test *t)
{
	EXPECT_EQ(t, stash_pending(&stash), 0U);
	stash_flush(&stash, STASH_FLUSH_ALL, &dispatch);
	EXPECT_EQ(t, nr_posts, 0U);
}

static void one_object(struct hz3test *t)
{
	push(0, NR_SHARDS, 3);
	EXPECT_EQ(t, stash_pending(&stash), 1U);
	EXPECT_EQ(t, object[0].arrived, 0);
	stash_flush(&stash, STASH_FLUSH_ALL, &dispatch);
	EXPECT_EQ(t, nr_posts, 1U);
	expect_each_once(1);
}

static void all_come_home(struct hz3test *t)
{
	unsigned long rnd = 1;

	(void)t;
	push_random(0, NR_OBJECTS, &rnd);
	stash_flush(&stash, STASH_FLUSH_ALL, &dispatch);
	expect_each_once(NR_OBJECTS);
}

/* To one owner and of one bin: the fewest magazines. */
static void batches_are_full(struct hz3test *t)
{
	u32 i;

	for (i = 0; i < 1000; i++)
		push(i, 1, 7);
	stash_flush(&stash, STASH_FLUSH_ALL, &dispatch);
	expect_each_once(1000);
	EXPECT_LE(t, nr_posts, 1000U / MAGAZINE_SLOTS * 3 + 64);
}

static void some_are_kept(struct hz3test *t)
{
	unsigned long rnd = 2;
	u32 kept = 0;
	u32 i;

	absorb_every = 3;
	push_random(0, 10000, &rnd);
	stash_flush(&stash, STASH_FLUSH_ALL, &dispatch);
	expect_each_once(10000);
	for (i = 0; i < 10000; i++)
		kept += object[i].kept;
	EXPECT_GT(t, kept, 0U);
}

static void all_are_kept(struct hz3test *t)
{
	unsigned long rnd = 3;

	absorb_every = 1;
	push_random(0, 10000, &rnd);
	stash_flush(&stash, STASH_FLUSH_ALL, &dispatch);
	expect_each_once(10000);
	EXPECT_EQ(t, nr_posts + nr_delivered, 0U);
}

static void without_memory(struct hz3test *t)
{
	unsigned long rnd = 4;

	no_memory = true;
	push_random(0, 5000, &rnd);
	stash_flush(&stash, STASH_FLUSH_ALL, &dispatch);
	expect_each_once(5000);
	EXPECT_EQ(t, nr_posts, 0U);
	/* Memory comes and goes. */
	no_memory = false;
	push_random(5000, 7000, &rnd);
	no_memory = true;
	stash_flush(&stash, STASH_FLUSH_ALL, &dispatch);
	expect_each_once(7000);
}

/* A budget makes progress, ends, and loses nothing. */
static void budget(struct hz3test *t)
{
	unsigned long rnd = 5;
	u32 next = 0;
	u32 round;

	for (round = 0; round < 500; round++) {
		u32 before;

		push_random(next, next + 13, &rnd);
		next += 13;
		before = stash_pending(&stash);
		stash_flush(&stash, 8, &dispatch);
		if (before)
			EXPECT_LT(t, stash_pending(&stash), before);
		stash_flush(&stash, 0, &dispatch);
	}
	for (round = 0; stash_pending(&stash) && round < 100000; round++)
		stash_flush(&stash, 8, &dispatch);
	expect_each_once(next);
}

/* Bytes of the first @n objects that have not come out again. */
static size_t bytes_held(u32 n)
{
	size_t sum = 0;
	u32 i;

	for (i = 0; i < n; i++)
		if (!object[i].arrived && !object[i].kept)
			sum += size(object[i].bin);
	return sum;
}

static void push_many(u32 from, u32 n, u8 dst, u8 bin)
{
	u32 i;

	for (i = from; i < from + n; i++)
		push(i, dst, bin);
}

/* The worst a thread can do, and then more of it. */
static void bytes_are_bounded(struct hz3test *t)
{
	u32 nr_dst = min(NR_SHARDS, 3U);
	size_t most = 0;
	u32 next = 0;
	u32 dst;
	u32 bin;
	u32 i;

	for (dst = 1; dst <= nr_dst; dst++) {
		for (bin = 0; bin < NR_BINS; bin++) {
			push_many(next, room(&dispatch, bin), (u8)dst, (u8)bin);
			next += room(&dispatch, bin);
			most = max(most, bytes_held(next));
			EXPECT_LE(t, bytes_held(next),
				  bytes_max(&dispatch, nr_dst));
		}
	}
	ASSERT_LT(t, next + 2000, (u32)NR_OBJECTS);
	/* So much, nearly, it can be. */
	EXPECT_GT(t, most, bytes_max(&dispatch, nr_dst) / 8 * 7);
	for (i = 0; i < 1000; i++) {
		bin = i % 2 ? NR_BINS - 1 : i / 2 % NR_BINS;
		push(next++, (u8)(i % nr_dst + 1), (u8)bin);
		EXPECT_LE(t, bytes_held(next), bytes_max(&dispatch, nr_dst));
	}
	stash_flush(&stash, STASH_FLUSH_ALL, &dispatch);
	expect_each_once(next);
}

/* Push to shard 1, from object @from, while there is room; returns how many. */
static u32 fill_up(u8 bin, u32 from)
{
	u32 n = 0;

	for (;; n++) {
		u32 i = (from + n) % NR_OBJECTS;

		if (!stash_push(&stash, 1, bin, block_send(address(i))))
			return n;
		object[i].dst = 1;
		object[i].bin = bin;
	}
}

/* Room for so much, at least, is made in a ring that is larger. */
#define ROOM_MADE (4 * MAGAZINE_SLOTS)

/* A push that finds no room has written nothing, wherever the ring begins. */
static void full_is_seen_first(struct hz3test *t)
{
	struct magazine m_before = { .link = NULL };
	static struct stash before;
	u32 pushed = 0;
	u32 round;

	/* More than 65536 in all: the ring's positions wrap. */
	for (round = 0; pushed < 70000; round++) {
		u8 bin = (u8)(round % NR_BINS);
		struct magazine *m;
		u32 n = fill_up(bin, pushed);

		pushed += n;
		/* None: the bank had no magazine of it yet. */
		EXPECT_LE(t, n, room_alone(&dispatch, bin));
		EXPECT_TRUE(t, !n || n >= min(room_alone(&dispatch, bin),
					      ROOM_MADE));
		m = in_the_way(&stash, bin);
		memcpy(&before, &stash, sizeof(stash));
		if (m)
			m_before = *m;
		EXPECT_TRUE(t, !stash_push(&stash, 1, bin,
					   block_send(address(0))));
		EXPECT_TRUE(t, !memcmp(&before, &stash, sizeof(stash)));
		EXPECT_TRUE(t, !m || !memcmp(&m_before, m, sizeof(*m)));
		ASSERT_TRUE(t, stash_make_room(&stash, 1, bin, &dispatch));
	}
}

/*
 * A budgeted flush that leaves something goes on there the next time: new
 * objects for the first destination do not keep the others waiting.
 */
static void hint_is_kept(struct hz3test *t)
{
	u32 n = NR_SHARDS;
	u32 i;

	for (i = 0; i < n; i++)
		push(i, (u8)(i + 1), 3);
	for (i = 0; i < n; i++) {
		push(n + i, 1, 3);
		stash_flush(&stash, 1, &dispatch);
		EXPECT_EQ(t, hint_is_clear(&stash), !stash_pending(&stash));
	}
	for (i = 0; i < n; i++)
		EXPECT_EQ(t, object[i].arrived, 1);
	stash_flush(&stash, STASH_FLUSH_ALL, &dispatch);
	expect_each_once(2 * n);
}

static void full_flush_clears_hint(struct hz3test *t)
{
	unsigned long rnd = 7;
	u32 i;

	for (i = 0; i < 30; i++) {
		push_random(i * 100, i * 100 + 100, &rnd);
		/* Somewhere in the middle */
		stash_flush(&stash, i, &dispatch);
		EXPECT_EQ(t, hint_is_clear(&stash), !stash_pending(&stash));
		stash_flush(&stash, STASH_FLUSH_ALL, &dispatch);
		EXPECT_TRUE(t, hint_is_clear(&stash));
		expect_each_once(i * 100 + 100);
	}
}

static const struct hz3test_case cases[] = {
	HZ3TEST_CASE(starts_empty),
	HZ3TEST_CASE(one_object),
	HZ3TEST_CASE(all_come_home),
	HZ3TEST_CASE(batches_are_full),
	HZ3TEST_CASE(some_are_kept),
	HZ3TEST_CASE(all_are_kept),
	HZ3TEST_CASE(without_memory),
	HZ3TEST_CASE(budget),
	HZ3TEST_CASE(bytes_are_bounded),
	HZ3TEST_CASE(full_is_seen_first),
	HZ3TEST_CASE(hint_is_kept),
	HZ3TEST_CASE(full_flush_clears_hint),
	{ 0 },
};

HZ3TEST_SUITE(.name = "stash", .init = setup, .cases = cases);
