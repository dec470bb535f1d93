// SPDX-License-Identifier: MIT
/* Formatting without stdio, against stdio. */
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <hz3/lib/fmt.h>

#include "hz3test.h"

/* Both must print the same. */
#define SAME(t, ...)                                               \
	do {                                                       \
		char ours[200];                                    \
		char theirs[200];                                  \
		size_t len;                                        \
		len = fmt_format(ours, sizeof(ours), __VA_ARGS__); \
		snprintf(theirs, sizeof(theirs), __VA_ARGS__);     \
		EXPECT_TRUE(t, !strcmp(ours, theirs));             \
		EXPECT_EQ(t, len, strlen(theirs));                 \
	} while (0)

static void numbers(struct hz3test *t)
{
	SAME(t, "%d %d %d", 0, INT_MIN, INT_MAX);
	SAME(t, "%u %u", 0U, UINT_MAX);
	SAME(t, "%lu %lu", 0UL, ULONG_MAX);
	SAME(t, "%ld %ld %ld", 0L, LONG_MIN, LONG_MAX);
	SAME(t, "%zu", SIZE_MAX);
	SAME(t, "%x %lx %zx", 0xabcdef01U, ULONG_MAX, (size_t)0x10);
	SAME(t, "%10zu|%3u|%2u", (size_t)12345, 7U, 12345U);
	SAME(t, "%8d|%1d", -42, -42);
}

static void pointers(struct hz3test *t)
{
	SAME(t, "%p", (void *)0x7f19ebe09000);
	SAME(t, "%p", (void *)UINTPTR_MAX);
}

static void strings(struct hz3test *t)
{
	const char *volatile none = NULL; /* gcc would warn of a plain one */
	char text[40];

	SAME(t, "plain");
	SAME(t, "%s and %s%c", "one", "", '!');
	SAME(t, "%5s|%2s", "abc", "abc");
	SAME(t, "100%%");
	fmt_format(text, sizeof(text), "%s", none);
	EXPECT_TRUE(t, !strcmp(text, "(null)"));
}

/* Cut off, terminated, and nothing written behind the end. */
static void cut_off(struct hz3test *t)
{
	char text[20];
	size_t size;

	for (size = 1; size < 15; size++) {
		memset(text, '#', sizeof(text));
		EXPECT_EQ(t, fmt_format(text, size, "%s%d", "abcdefg", 123456),
			  min(size - 1, (size_t)13));
		EXPECT_TRUE(t, !strncmp(text, "abcdefg123456", size - 1));
		EXPECT_EQ(t, text[min(size - 1, (size_t)13)], '\0');
		EXPECT_EQ(t, text[size], '#');
	}
}

static void unknown_conversions_show(struct hz3test *t)
{
	const char *const wrong[] = { "%q", "%", "a %5", "%lk." };
	char text[20];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(wrong); i++) {
		const char *volatile format = wrong[i];

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
#pragma GCC diagnostic ignored "-Wformat-security"
		fmt_format(text, sizeof(text), format);
#pragma GCC diagnostic pop
		EXPECT_TRUE(t, !strcmp(text, wrong[i]));
	}
}

static void lines_end(struct hz3test *t)
{
	char text[FMT_LINE_MAX * 2];
	char longer[FMT_LINE_MAX * 2];
	ssize_t len;
	int fd[2];

	ASSERT_EQ(t, pipe(fd), 0);
	fmt_print(fd[1], "%s=%d\n", "x", 5);
	len = read(fd[0], text, sizeof(text));
	EXPECT_EQ(t, len, 4L);
	EXPECT_TRUE(t, !memcmp(text, "x=5\n", 4));
	memset(longer, 'y', sizeof(longer));
	longer[sizeof(longer) - 1] = '\0';
	fmt_print(fd[1], "%s\n", longer);
	len = read(fd[0], text, sizeof(text));
	EXPECT_EQ(t, len, (ssize_t)FMT_LINE_MAX - 1);
	EXPECT_EQ(t, text[len - 1], '\n');
	/* Nobody there: no signal, no endless loop. */
	close(fd[1]);
	fmt_print(fd[1], "lost\n");
	close(fd[0]);
}

static const struct hz3test_case cases[] = {
	HZ3TEST_CASE(numbers),
	HZ3TEST_CASE(pointers),
	HZ3TEST_CASE(strings),
	HZ3TEST_CASE(cut_off),
	HZ3TEST_CASE(unknown_conversions_show),
	HZ3TEST_CASE(lines_end),
	{ 0 },
};

HZ3TEST_SUITE(.name = "fmt", .cases = cases);
