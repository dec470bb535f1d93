// SPDX-License-Identifier: MIT
/* Bit maps, alignment arithmetic and lists. */
#include <hz3/align.h>
#include <hz3/bits.h>
#include <hz3/list.h>

#include "hz3test.h"

static void single_bits(struct hz3test *t)
{
	u64 map[3] = { 0 };
	unsigned int i;
	unsigned int j;

	for (i = 0; i < 192; i++) {
		set_bit(map, i);
		for (j = 0; j < 192; j++)
			EXPECT_EQ(t, test_bit(map, j), j == i);
		EXPECT_EQ(t, map[i / 64], BIT64(i % 64));
		clear_bit(map, i);
	}
	EXPECT_EQ(t, map[0] | map[1] | map[2], 0ULL);
}

static void bits_are_independent(struct hz3test *t)
{
	u64 map[2] = { ~0ULL, ~0ULL };

	clear_bit(map, 63);
	clear_bit(map, 64);
	EXPECT_EQ(t, map[0], ~0ULL >> 1);
	EXPECT_EQ(t, map[1], ~1ULL);
	set_bit(map, 63);
	EXPECT_EQ(t, map[0], ~0ULL);
	EXPECT_EQ(t, map[1], ~1ULL);
}

static void find_bits(struct hz3test *t)
{
	unsigned int i;

	for (i = 0; i < 64; i++) {
		EXPECT_EQ(t, ctz64(BIT64(i)), i);
		EXPECT_EQ(t, fls64(BIT64(i)), i);
		EXPECT_EQ(t, ctz64(~0ULL << i), i);
		EXPECT_EQ(t, fls64(~0ULL >> (63 - i)), i);
	}
}

static void words(struct hz3test *t)
{
	EXPECT_EQ(t, BITS_TO_WORDS(0U), 0U);
	EXPECT_EQ(t, BITS_TO_WORDS(1U), 1U);
	EXPECT_EQ(t, BITS_TO_WORDS(64U), 1U);
	EXPECT_EQ(t, BITS_TO_WORDS(65U), 2U);
}

static void rounding(struct hz3test *t)
{
	EXPECT_EQ(t, ALIGN_UP((size_t)0, 16), (size_t)0);
	EXPECT_EQ(t, ALIGN_UP((size_t)1, 16), (size_t)16);
	EXPECT_EQ(t, ALIGN_UP((size_t)16, 16), (size_t)16);
	EXPECT_EQ(t, ALIGN_UP((1UL << 40) + 1, 4096), (1UL << 40) + 4096);
	EXPECT_EQ(t, ALIGN_DOWN((1UL << 40) + 4097, 4096), (1UL << 40) + 4096);
	EXPECT_TRUE(t, IS_ALIGNED(1UL << 40, 4096));
	EXPECT_TRUE(t, !IS_ALIGNED((1UL << 40) + 8, 16));
	EXPECT_EQ(t, DIV_ROUND_UP(0, 8), 0);
	EXPECT_EQ(t, DIV_ROUND_UP(9, 8), 2);
	EXPECT_TRUE(t, is_power_of_2(1));
	EXPECT_TRUE(t, is_power_of_2(1UL << 63));
	EXPECT_TRUE(t, !is_power_of_2(0));
	EXPECT_TRUE(t, !is_power_of_2(3));
	EXPECT_TRUE(t, !is_power_of_2(SIZE_MAX));
}

struct item {
	int n;
	struct list_head link;
};

/* The list, forwards and backwards, must hold exactly @want. */
static void expect_list(struct hz3test *t, struct list_head *head,
			const int *want, int nr)
{
	struct list_head *pos;
	int i = 0;

	list_for_each(pos, head) {
		ASSERT_LT(t, i, nr);
		EXPECT_EQ(t, list_entry(pos, struct item, link)->n, want[i]);
		i++;
	}
	EXPECT_EQ(t, i, nr);
	for (pos = head->prev; pos != head; pos = pos->prev) {
		ASSERT_GT(t, i, 0);
		i--;
		EXPECT_EQ(t, list_entry(pos, struct item, link)->n, want[i]);
	}
	EXPECT_EQ(t, i, 0);
}

static void list_order(struct hz3test *t)
{
	struct item item[4] = {
		{ 0, { 0 } }, { 1, { 0 } }, { 2, { 0 } }, { 3, { 0 } }
	};
	struct list_head head;

	list_init(&head);
	EXPECT_TRUE(t, list_is_empty(&head));
	list_add(&item[1].link, &head);
	list_add(&item[0].link, &head);
	list_add_tail(&item[2].link, &head);
	list_add_tail(&item[3].link, &head);
	EXPECT_TRUE(t, !list_is_empty(&head));
	expect_list(t, &head, (const int[]){ 0, 1, 2, 3 }, 4);

	list_del(&item[1].link);
	EXPECT_TRUE(t, list_is_empty(&item[1].link));
	expect_list(t, &head, (const int[]){ 0, 2, 3 }, 3);
	list_del(&item[1].link); /* unlinked: nothing happens */
	list_del(&item[0].link);
	list_del(&item[3].link);
	expect_list(t, &head, (const int[]){ 2 }, 1);
	list_del(&item[2].link);
	EXPECT_TRUE(t, list_is_empty(&head));
}

static void list_removal_while_walking(struct hz3test *t)
{
	struct item item[6];
	struct list_head head;
	struct list_head *pos;
	struct list_head *next;
	int i;

	list_init(&head);
	for (i = 0; i < 6; i++) {
		item[i].n = i;
		list_add_tail(&item[i].link, &head);
	}
	list_for_each_safe(pos, next, &head) {
		if (list_entry(pos, struct item, link)->n % 2)
			list_del(pos);
	}
	expect_list(t, &head, (const int[]){ 0, 2, 4 }, 3);
}

static const struct hz3test_case cases[] = {
	HZ3TEST_CASE(single_bits),
	HZ3TEST_CASE(bits_are_independent),
	HZ3TEST_CASE(find_bits),
	HZ3TEST_CASE(words),
	HZ3TEST_CASE(rounding),
	HZ3TEST_CASE(list_order),
	HZ3TEST_CASE(list_removal_while_walking),
	{ 0 },
};

HZ3TEST_SUITE(.name = "bits", .cases = cases);
