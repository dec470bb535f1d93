// SPDX-License-Identifier: MIT
/* Holes in spans: which pages go, and that what is out stays as it is. */
#include <string.h>

#include <hz3/mm/os.h>
#include <hz3/mm/segment.h>

#include "hz3test.h"

#define MIB        (1UL << 20)
#define SPAN_BYTES (1UL << CONFIG_HZ3_SPAN_MAX_SHIFT)
#define NR_MAX     ((u32)(SPAN_BYTES / OBJECT_ALIGN))

static struct segment *s;
static void *obj[NR_MAX];
static bool is_out[NR_MAX];

static void setup(struct hz3test *t)
{
	os_boot();
	s = segment_create(3, NULL);
	ASSERT_TRUE(t, s);
	/* Whatever it is here: nothing below asks the system. */
	os_page_size = 4096;
}

static void cleanup(struct hz3test *t)
{
	(void)t;
	os_boot();
}

/* As long a span as there is, so many of its objects out. */
static struct span *make(struct hz3test *t, u32 size, u32 nr_out)
{
	u32 n = SPAN_BYTES >> GRANULE_SHIFT;
	bool zeroed;
	int g = segment_take(s, n, 1, &zeroed);
	struct span *sp;
	u32 i;

	ASSERT_GT(t, g, 0);
	sp = span_create(s, (u32)g, n, 5, size);
	ASSERT_LE(t, nr_out, min((u32)sp->capacity, NR_MAX));
	for (i = 0; i < nr_out; i++) {
		/* One by one: in order of address. */
		ASSERT_EQ(t, span_take(sp, &obj[i], 1), 1U);
		memset(obj[i], 0x77, size);
		is_out[i] = true;
	}
	return sp;
}

static void put(struct hz3test *t, struct span *sp, u32 i)
{
	ASSERT_EQ(t, span_put(sp, &obj[i], 1), 1U);
	is_out[i] = false;
}

/* Only what is out is whole afterwards, and in no hole. */
static size_t purge_all(struct hz3test *t, struct span *sp, u32 nr)
{
	struct span_hole h = { .end = 0 };
	size_t bytes = 0;
	u16 carved = sp->carved;
	u16 used = sp->used;
	u32 i;

	while (span_hole_begin(sp, h.end, &h)) {
		EXPECT_TRUE(t, IS_ALIGNED((uptr)h.addr, os_page_size));
		EXPECT_TRUE(t, IS_ALIGNED(h.bytes, os_page_size));
		EXPECT_TRUE(t, span_contains(sp, h.addr));
		EXPECT_TRUE(t, span_contains(sp, h.addr + h.bytes - 1));
		EXPECT_GT(t, sp->used, used);
		memset(h.addr, 0x55, h.bytes);
		bytes += h.bytes;
		EXPECT_TRUE(t, !span_hole_end(sp, &h));
		EXPECT_EQ(t, sp->used, used);
		EXPECT_EQ(t, sp->carved, carved);
	}
	for (i = 0; i < nr; i++) {
		u8 *p = obj[i];

		EXPECT_EQ(t, span_check(sp, p),
			  is_out[i] ? SPAN_OK : SPAN_DOUBLE);
		if (is_out[i])
			ASSERT_TRUE(t, p[0] == 0x77 &&
					       !memcmp(p, p + 1, sp->size - 1));
	}
	return bytes;
}

/* Every page without an object that is out, counted the slow way. */
static size_t free_bytes(const struct span *sp, u32 nr)
{
	uptr start = ALIGN_UP((uptr)span_base(sp), os_page_size);
	uptr carved = (uptr)span_base(sp) + (uptr)nr * sp->size;
	uptr end = (uptr)span_base(sp) + SPAN_BYTES;
	size_t bytes = 0;
	u32 i;

	for (; start + os_page_size <= end; start += os_page_size) {
		for (i = 0; i < nr; i++)
			if (is_out[i] && (uptr)obj[i] < start + os_page_size &&
			    (uptr)obj[i] + sp->size > start)
				break;
		if (i == nr && !(sp->fresh && start >= carved))
			bytes += os_page_size;
	}
	return bytes;
}

/* All sizes, all mixtures of what is out, free and never handed out. */
static size_t whole_pages_of(struct hz3test *t, size_t page)
{
	static const u32 size[] = { 16,   48,   112,  256,  1792,
				    2048, 4096, 5120, 9216, 32768 };
	unsigned long rnd = 7;
	size_t total = 0;
	u32 i;

	os_page_size = page;
	for (i = 0; i < 200; i++) {
		u32 object = size[i % ARRAY_SIZE(size)];
		u32 max_nr = min((u32)(SPAN_BYTES / object), NR_MAX);
		u32 nr = (u32)(hz3test_rand(&rnd) % max_nr) + 1;
		struct span *sp = make(t, object, nr);
		u32 stays = (u32)(hz3test_rand(&rnd) % 20) + 1;
		size_t bytes;
		u32 j;

		for (j = 0; j < nr; j++)
			if (hz3test_rand(&rnd) % stays)
				put(t, sp, j);
		/* As if its pages were new, or not. */
		sp->fresh = hz3test_rand(&rnd) % 2;
		bytes = purge_all(t, sp, nr);
		EXPECT_EQ(t, bytes, free_bytes(sp, nr));
		total += bytes;
		/* All objects can be had, each once. */
		j = span_take(sp, obj, sp->capacity);
		EXPECT_EQ(t, sp->used, sp->capacity);
		EXPECT_EQ(t, span_take(sp, obj + j, 1), 0U);
		span_destroy(sp);
	}
	return total;
}

static void whole_pages(struct hz3test *t)
{
	EXPECT_GT(t, whole_pages_of(t, 4096), MIB);
	EXPECT_GT(t, whole_pages_of(t, 16384), MIB);
	/* As long as a span, which need not begin with one. */
	whole_pages_of(t, 65536);
}

/* What is put back while pages go is not lost, nor handed out from them. */
static void meanwhile(struct hz3test *t)
{
	u32 size = (u32)os_page_size / 4;
	struct span *sp = make(t, size, 30);
	struct span_hole h;
	void *more[64];
	u32 i;

	for (i = 4; i < 12; i++)
		put(t, sp, i);
	put(t, sp, 20);
	ASSERT_TRUE(t, span_hole_begin(sp, 0, &h));
	EXPECT_TRUE(t, h.addr == (u8 *)obj[4]);
	EXPECT_EQ(t, h.bytes, 2 * os_page_size);
	put(t, sp, 25);
	EXPECT_EQ(t, span_take(sp, more, 2), 2U);
	EXPECT_TRUE(t, more[1] == obj[20] && more[0] == obj[25]);
	EXPECT_TRUE(t, !span_hole_end(sp, &h));
	EXPECT_EQ(t, sp->used, 22);
	/* The rest, which was never handed out: nobody gets that either. */
	EXPECT_TRUE(t, !span_hole_begin(sp, h.end, &h));
	sp->fresh = 0;
	ASSERT_TRUE(t, span_hole_begin(sp, h.end, &h));
	EXPECT_TRUE(t, h.addr == (u8 *)span_base(sp) + 8 * os_page_size);
	EXPECT_EQ(t, span_take(sp, more, 64), 8U);
	EXPECT_EQ(t, span_take(sp, more, 64), 0U);
	EXPECT_TRUE(t, !span_hole_end(sp, &h));
	EXPECT_EQ(t, span_take(sp, more, 34), 34U);
	span_destroy(sp);
}

static void freed_twice(struct hz3test *t)
{
	struct span *sp = make(t, (u32)os_page_size, 4);
	struct span_hole h;

	put(t, sp, 1);
	ASSERT_TRUE(t, span_hole_begin(sp, 0, &h));
	/* By the program, for the second time, while the lock is free. */
	put(t, sp, 1);
	EXPECT_TRUE(t, span_hole_end(sp, &h) == obj[1]);
	span_destroy(sp);
}

/* What was looked through once need not be again, until something is freed. */
static void forgets_on_put(struct hz3test *t)
{
	struct span *sp = make(t, 64, 3);

	EXPECT_TRUE(t, !sp->purged);
	sp->purged = 1;
	EXPECT_EQ(t, span_take(sp, &obj[3], 1), 1U);
	EXPECT_TRUE(t, sp->purged);
	put(t, sp, 0);
	EXPECT_TRUE(t, !sp->purged);
	span_destroy(sp);
}

static const struct hz3test_case cases[] = {
	HZ3TEST_CASE(whole_pages),
	HZ3TEST_CASE(meanwhile),
	HZ3TEST_CASE(freed_twice),
	HZ3TEST_CASE(forgets_on_put),
	{ 0 },
};

HZ3TEST_SUITE(.name = "hole", .init = setup, .exit = cleanup, .cases = cases);
