// SPDX-License-Identifier: MIT
/*
 * Threads with the smallest legal stack allocate everything, and what the
 * allocator uses of it is at most 4 KiB (TESTING.md class 1).
 * selftest: modes=preload,linked ldflags=-Wl,-z,now
 */
#include <limits.h>

#include "selftest.h"

#define STACK_LIMIT 4096
#define PAINT       0xA5

static size_t deepest;

/* Paints below the frame, lets @fn run there, counts what it overwrote. */
static __attribute__((noinline)) size_t stack_used(void (*fn)(void))
{
	volatile unsigned char *here = __builtin_frame_address(0);
	volatile unsigned char *low = here - STACK_LIMIT - 1024;
	volatile unsigned char *p;

	for (p = low; p < here - 256; p++)
		*p = PAINT;
	fn();
	for (p = low; p < here - 256 && *p == PAINT; p++)
		;
	return (size_t)(here - p);
}

static void *slot[40];

static void allocate(void)
{
	for (int i = 0; i < 40; i++)
		slot[i] = malloc(1UL << (i % 24));
}

static void resize(void)
{
	for (int i = 0; i < 40; i++)
		slot[i] = realloc(slot[i], 3000UL << (i % 12));
}

static void release(void)
{
	for (int i = 0; i < 40; i++)
		free(slot[i]);
}

static void align(void)
{
	void *p;

	free(memalign(1UL << 20, 100));
	free(calloc(1000, 1000));
	if (!posix_memalign(&p, 4096, 5))
		free(p);
}

static void note(size_t used)
{
	if (used > deepest)
		deepest = used;
}

static void *run(void *arg)
{
	(void)arg;
	note(stack_used(allocate));
	note(stack_used(resize));
	note(stack_used(release));
	note(stack_used(align));
	return NULL;
}

int main(void)
{
	pthread_attr_t attr;
	pthread_t thread;

	selftest_begin(20);
	pthread_attr_init(&attr);
	REQUIRE(!pthread_attr_setstacksize(&attr, (size_t)PTHREAD_STACK_MIN));
	for (int i = 0; i < 50; i++) {
		REQUIRE(!pthread_create(&thread, &attr, run, NULL));
		pthread_join(thread, NULL);
	}
	CHECK(deepest <= STACK_LIMIT, "%zu bytes of stack", deepest);
	say("stack used: %zu bytes\n", deepest);
	return selftest_end();
}
