// SPDX-License-Identifier: MIT
/*
 * What a program hears and sets: the out-of-memory handler is asked before a
 * request fails, whoever makes it, and may free, or leave; the error handler
 * is told of the mistake; options set in code hold over others; the figures
 * are of this program.
 * selftest: modes=linked,static
 */
#include <hz3/embed.h>
#include <hz3/hz3.h>
#include <setjmp.h>

#include "selftest.h"

#define LIMIT (64 * MIB)

/* Read by the library's constructor, after early() and without effect. */
const char *hz3_conf = "limit_hard:64G,decay_ms:1000";

static void early(void)
{
	hz3_option_set("limit_hard", "64M");
}

static void (*const at_start)(void)
	__attribute__((used, section(".preinit_array"))) = early;

static void *block[1 << 16];
static unsigned long nr_blocks;
static unsigned long nr_calls;
static unsigned long nr_first; /* blocks when the handler was first called */
static size_t last_size;
static bool freed; /* what the handler does: once, it frees half of them */
static jmp_buf out;

static int on_oom(void *arg, size_t size)
{
	CHECK(arg == &block);
	nr_calls++;
	last_size = size;
	if (freed)
		return 0;
	freed = true;
	nr_first = nr_blocks;
	for (unsigned long i = 0; i < nr_blocks / 2; i++) {
		free(block[i]);
		block[i] = NULL;
	}
	free(malloc(100));
	return 1;
}

static int on_oom_leave(void *arg, size_t size)
{
	(void)arg;
	(void)size;
	longjmp(out, 1);
}

/* One block is enough, wherever it went. */
static int on_oom_one(void *arg, size_t size)
{
	(void)arg;
	(void)size;
	free(block[0]);
	block[0] = NULL;
	return nr_calls++ == 0;
}

static void *from_heap(size_t size)
{
	static struct hz3_heap *heap;

	if (!heap)
		heap = hz3_heap_create();
	REQUIRE(heap);
	return hz3_heap_malloc(heap, size);
}

static void *by_realloc(size_t size)
{
	return realloc(NULL, size);
}

static void *zeroed(size_t size)
{
	return calloc(1, size);
}

/* To the limit, where the handler makes room once, and again. */
static void exhaust(void *(*alloc)(size_t size), size_t size)
{
	hz3_set_oom_handler(on_oom, &block);
	nr_calls = 0;
	freed = false;
	errno = 0;
	for (nr_blocks = 0; nr_blocks < 1 << 16; nr_blocks++) {
		block[nr_blocks] = alloc(size);
		if (!block[nr_blocks])
			break;
	}
	CHECK(errno == ENOMEM && nr_calls == 2, "size %zu: %lu calls", size,
	      nr_calls);
	CHECK(last_size >= size, "%zu for %zu", last_size, size);
	/* It must have helped: half of them again, of odd sizes fewer. */
	CHECK(nr_blocks >= nr_first + nr_first / 3, "size %zu: %lu, then %lu",
	      size, nr_first, nr_blocks);
	/* The first refusal has opened the reserve for small blocks. */
	hz3_set_oom_handler(on_oom_leave, NULL);
	if (!setjmp(out)) {
		while ((block[nr_blocks] = alloc(size)))
			nr_blocks++;
		CHECK(false, "the handler came back");
	}
	hz3_set_oom_handler(NULL, NULL);
	CHECK(!alloc(size));
	nr_calls = 0;
	hz3_set_oom_handler(on_oom_one, NULL);
	block[0] = block[nr_blocks - 1];
	block[nr_blocks - 1] = alloc(size);
	CHECK(block[nr_blocks - 1] && nr_calls == 1);
	hz3_set_oom_handler(NULL, NULL);
	free_blocks(block, nr_blocks);
}

static void oom(void)
{
	nr_calls = 0;
	hz3_set_oom_handler(on_oom, &block);
	/* What could never be is not worth asking. */
	CHECK(!malloc(LIMIT) && !calloc(SIZE_MAX / 2, 4) && !nr_calls);
	exhaust(malloc, 4000);
	exhaust(by_realloc, 20000);
	exhaust(malloc, 100000);
	exhaust(zeroed, 5 * MIB);
	exhaust(from_heap, 4000);
	exhaust(from_heap, 3 * MIB);
}

static int told[2]; /* a pipe */

static void on_error(void *arg, const char *reason, const void *ptr)
{
	CHECK(arg == told && ptr);
	write(told[1], reason, strlen(reason));
}

/* Freed twice, first with a lock held, then at its own size class. */
static void free_twice(unsigned long size)
{
	void *p = malloc(size ? size : 100000);

	close(2);
	hz3_set_error_handler(on_error, told);
	free(p);
	free(p);
}

static void errors(void)
{
	char text[100] = "";
	int status;
	pid_t pid;

	REQUIRE(!pipe(told));
	for (unsigned long size = 0; size <= 100; size += 100) {
		pid = fork();
		REQUIRE(pid >= 0);
		if (!pid) {
			free_twice(size);
			_exit(0);
		}
		status = child_status(pid);
		CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
		memset(text, 0, sizeof(text));
		CHECK(read(told[0], text, sizeof(text) - 1) > 0);
		CHECK(strstr(text, size ? "double free" : "allocated") ||
			      strstr(text, "double free"),
		      "\"%s\"", text);
	}
}

static void options(void)
{
	CHECK(hz3_option_set("no_such", "1") == ENOENT);
	CHECK(hz3_option_set("decay_ms", "soon") == EINVAL);
	CHECK(hz3_option_set("decay_ms", "50") == 0);
	CHECK(hz3_option_set("limit_hard", "1024G") == 0);
	block[0] = malloc(2 * LIMIT);
	CHECK(block[0], "the limit is still there");
	free(block[0]);
}

static void figures(void)
{
	struct hz3_stats st = { .size = sizeof(st) };
	struct hz3_stats old = { .size = 16, .cached_bytes = 77 };
	size_t before;
	void *p;

	hz3_get_stats(&st);
	CHECK(st.size == sizeof(st) && st.version == 1);
	before = st.used_bytes;
	p = malloc(10 * MIB);
	st.size = sizeof(st) + 100; /* of a later release than ours */
	hz3_get_stats(&st);
	CHECK(st.size == sizeof(st) && st.used_bytes >= before + 10 * MIB &&
	      st.nr_large && st.large_bytes >= 10 * MIB && st.nr_threads <= 1);
	free(p);
	hz3_get_stats(&old);
	CHECK(old.size == 16 && old.version == 1 && old.cached_bytes == 77);
}

int main(void)
{
	selftest_begin(60);
	figures();
	errors();
	oom();
	options();
	return selftest_end();
}
