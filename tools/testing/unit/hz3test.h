/* SPDX-License-Identifier: MIT */
/*
 * Unit tests in the manner of KUnit: cases in suites, KTAP on stdout.
 *
 * A suite registers itself by a pointer in the section hz3test_suites, which
 * the runner walks. Each case runs in a child process of its own: it starts
 * with the allocator as the program found it, may leave it in any state, and
 * a crash or a hang is the failure of that case only.
 *
 * EXPECT_x notes a failure and goes on; ASSERT_x leaves the case (from the
 * thread that runs it; helper threads use EXPECT_x only).
 */
#ifndef HZ3TEST_H
#define HZ3TEST_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

/* The case that is running. Written by the runner and through EXPECT_x. */
struct hz3test {
	const char *suite;
	const char *name;
	void *priv; /* the suite's init() may leave something here */
	int failed; /* atomic: threads of a case share it */
	int skipped;
};

struct hz3test_case {
	const char *name;
	void (*run)(struct hz3test *t);
};

struct hz3test_suite {
	const char *name;
	void (*init)(struct hz3test *t);  /* before each case */
	void (*exit)(struct hz3test *t);  /* after each case */
	const struct hz3test_case *cases; /* ends with { } */
};

#define HZ3TEST_CASE(fn)               \
	{                              \
		.name = #fn, .run = fn \
	}

/* The suite of a file: HZ3TEST_SUITE(.name = "ring", .cases = cases); */
#define HZ3TEST_SUITE(...)                                                   \
	static const struct hz3test_suite __hz3test_suite = { __VA_ARGS__ }; \
	static const struct hz3test_suite *const __hz3test_entry             \
		__attribute__((used, section("hz3test_suites"))) =           \
			&__hz3test_suite

void hz3test_fail(struct hz3test *t, const char *file, int line,
		  const char *format, ...)
	__attribute__((format(printf, 4, 5)));
void hz3test_leave(struct hz3test *t) __attribute__((noreturn));
void hz3test_skip(struct hz3test *t, const char *why) __attribute__((noreturn));

/*
 * Runs fn(arg) in a child: true if it ended by SIGABRT (SIGILL, SIGTRAP: our
 * own assertions) after one line on fd 2 that contains @text.
 */
bool hz3test_dies(struct hz3test *t, void (*fn)(void *), void *arg,
		  const char *text);

/* Threads that get their number, from 0 on; a failure leaves the case. */
void hz3test_start(struct hz3test *t, pthread_t *thread, unsigned long n,
		   void *(*fn)(void *));
void hz3test_join(const pthread_t *thread, unsigned long n);

/* A generator for tests: the same sequence on every machine. */
static inline unsigned long hz3test_rand(unsigned long *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

#define EXPECT_TRUE(t, cond)                                              \
	({                                                                \
		bool __ok = (cond);                                       \
		if (!__ok)                                                \
			hz3test_fail(t, __FILE__, __LINE__, "%s", #cond); \
		__ok;                                                     \
	})

/* In 128 bits the sign of either side changes nothing. */
#define __EXPECT_OP(t, a, op, b)                                            \
	({                                                                  \
		__typeof__(a) __a = (a);                                    \
		__typeof__(b) __b = (b);                                    \
		bool __ok = (__int128)__a op(__int128) __b;                 \
		if (!__ok)                                                  \
			hz3test_fail(t, __FILE__, __LINE__,                 \
				     "%s " #op " %s: %#llx, %#llx", #a, #b, \
				     (unsigned long long)__a,               \
				     (unsigned long long)__b);              \
		__ok;                                                       \
	})

#define EXPECT_EQ(t, a, b) __EXPECT_OP(t, a, ==, b)
#define EXPECT_NE(t, a, b) __EXPECT_OP(t, a, !=, b)
#define EXPECT_LT(t, a, b) __EXPECT_OP(t, a, <, b)
#define EXPECT_LE(t, a, b) __EXPECT_OP(t, a, <=, b)
#define EXPECT_GT(t, a, b) __EXPECT_OP(t, a, >, b)
#define EXPECT_GE(t, a, b) __EXPECT_OP(t, a, >=, b)

#define __OR_LEAVE(t, expectation)        \
	do {                              \
		if (!(expectation))       \
			hz3test_leave(t); \
	} while (0)

#define ASSERT_TRUE(t, cond) __OR_LEAVE(t, EXPECT_TRUE(t, cond))
#define ASSERT_EQ(t, a, b)   __OR_LEAVE(t, EXPECT_EQ(t, a, b))
#define ASSERT_NE(t, a, b)   __OR_LEAVE(t, EXPECT_NE(t, a, b))
#define ASSERT_LT(t, a, b)   __OR_LEAVE(t, EXPECT_LT(t, a, b))
#define ASSERT_LE(t, a, b)   __OR_LEAVE(t, EXPECT_LE(t, a, b))
#define ASSERT_GT(t, a, b)   __OR_LEAVE(t, EXPECT_GT(t, a, b))
#define ASSERT_GE(t, a, b)   __OR_LEAVE(t, EXPECT_GE(t, a, b))

#endif
