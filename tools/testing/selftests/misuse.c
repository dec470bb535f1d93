// SPDX-License-Identifier: MIT
/*
 * Bad pointers: one line on fd 2 with the pointer, then SIGABRT; also with fd
 * 2 closed (TESTING.md classes 8, 37 and 38).
 * selftest: modes=preload,linked,static needs=HZ3_FOREIGN_ABORT
 */
#include "selftest.h"

static char in_bss[100];

/* Every misuse says which pointer it is about before it commits it. */
static int tell = -1;

static void *about(void *p)
{
	if (write(tell, &p, sizeof(p)) != sizeof(p))
		_exit(2);
	return p;
}

static void twice_at_once(void)
{
	void *p = malloc(100);

	free(p);
	free(about(p));
}

static void twice_large(void)
{
	void *p = malloc(10 * MIB);

	free(p);
	free(about(p));
}

static void twice_medium(void)
{
	void *p = malloc(200000);
	void *q = malloc(200000);

	free(p);
	free(about(p));
	free(q);
}

static void *other_frees(void *arg)
{
	free(arg);
	return NULL;
}

static void twice_large_across_threads(void)
{
	pthread_t thread;
	void *p = malloc(10 * MIB);

	start_thread(&thread, other_frees, p);
	pthread_join(thread, NULL);
	free(about(p));
}

/*
 * Freed twice with others in between: seen when the second one gets back to
 * its span, at the latest when all caches are emptied.
 */
static void twice_later(void)
{
	void *p[200];

	for (int i = 0; i < 200; i++)
		p[i] = malloc(1000);
	about(p[77]);
	for (int i = 0; i < 200; i++)
		free(p[i]);
	free(p[77]);
	malloc_trim(0);
	for (int i = 0; i < 200; i++)
		free(malloc(1000));
	malloc_trim(0);
}

static void interior_small(void)
{
	char *p = malloc(1000);

	free(about(p + 16));
	malloc_trim(0);
}

static void interior_medium(void)
{
	char *p = malloc(300000);

	free(about(p + 8192));
}

static void interior_large(void)
{
	char *p = malloc(20 * MIB);

	free(about(p + 4096));
}

static void interior_large_segment(void)
{
	char *p = malloc(40 * MIB);

	free(about(p + 16 * MIB));
}

static void misaligned(void)
{
	char *p = malloc(1000);

	free(about(p + 1));
}

static void misaligned_by_8(void)
{
	char *p = malloc(1000);

	free(about(p + 8));
}

static void on_stack(void)
{
	char text[100];
	void *volatile p = text;

	free(about(p));
}

static void in_data(void)
{
	void *volatile p = in_bss;

	free(about(p));
}

static void in_code(void)
{
	free(about((void *)((uintptr_t)in_code & ~15UL)));
}

static void of_mmap(void)
{
	free(about(map_pages(4096)));
}

static void wild_low(void)
{
	free(about((void *)16));
}

static void wild_high(void)
{
	free(about((void *)0xFFFFFFFFFFFFFFF0UL));
}

static void wild_noncanonical(void)
{
	free(about((void *)0x4141414141414140UL));
}

static void unused_part_of_heap(void)
{
	char *p = malloc(100);

	free(about((void *)(((uintptr_t)p + (1UL << 30)) & ~0xFFFUL)));
}

static void segment_header(void)
{
	char *p = malloc(100);

	free(about((void *)((uintptr_t)p & ~(2 * MIB - 1))));
}

static void realloc_freed(void)
{
	void *p = malloc(10 * MIB);

	free(p);
	about(p);
	p = realloc(p, 20 * MIB);
}

static void realloc_wild(void)
{
	void *volatile p = in_bss + 16;

	about(p);
	p = realloc(p, 20);
}

static void usable_of_wild(void)
{
	void *volatile p = in_bss;

	about(p);
	in_bss[0] = (char)malloc_usable_size(p);
}

static const struct {
	const char *name;
	void (*run)(void);
} misuse[] = {
#define MISUSE(fn)      \
	{               \
#fn, fn \
	}
	MISUSE(twice_at_once),
	MISUSE(twice_large),
	MISUSE(twice_medium),
	MISUSE(twice_large_across_threads),
	MISUSE(twice_later),
	MISUSE(interior_small),
	MISUSE(interior_medium),
	MISUSE(interior_large),
	MISUSE(interior_large_segment),
	MISUSE(misaligned),
	MISUSE(misaligned_by_8),
	MISUSE(on_stack),
	MISUSE(in_data),
	MISUSE(in_code),
	MISUSE(of_mmap),
	MISUSE(wild_low),
	MISUSE(wild_high),
	MISUSE(wild_noncanonical),
	MISUSE(unused_part_of_heap),
	MISUSE(segment_header),
	MISUSE(realloc_freed),
	MISUSE(realloc_wild),
	MISUSE(usable_of_wild),
};

static void commit(void (*run)(void), bool closed, int err_fd, int tell_fd)
{
	alarm(20);
	tell = tell_fd;
	if (closed)
		close(STDERR_FILENO);
	else
		dup2(err_fd, STDERR_FILENO);
	run();
	_exit(0);
}

static void expect(size_t i, bool closed)
{
	const char *name = misuse[i].name;
	char text[600] = "";
	char pointer[32];
	void *p = NULL;
	int status;
	int err[2];
	int said[2];
	ssize_t n;
	pid_t pid;

	REQUIRE(!pipe(err) && !pipe(said));
	pid = fork();
	REQUIRE(pid >= 0);
	if (!pid)
		commit(misuse[i].run, closed, err[1], said[1]);
	close(err[1]);
	close(said[1]);
	status = child_status(pid);
	n = read(err[0], text, sizeof(text) - 1);
	text[n > 0 ? n : 0] = '\0';
	/* An emulator adds a line of its own. */
	if (strstr(text, "\nqemu: "))
		strstr(text, "\nqemu: ")[1] = '\0';
	CHECK(read(said[0], &p, sizeof(p)) == sizeof(p), "%s", name);
	close(err[0]);
	close(said[0]);
	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT,
	      "%s%s: status %#x", name, closed ? ", fd 2 closed" : "",
	      (unsigned int)status);
	if (closed)
		return;
	/* The library takes a mark off before it looks at a pointer. */
	if (getenv("SELFTEST_ARM64_TBI"))
		p = (void *)((uintptr_t)p & ~0UL >> 8);
	snprintf(pointer, sizeof(pointer), "0x%lx", (unsigned long)p);
	CHECK(!strncmp(text, "hz3: ", 5), "%s: '%s'", name, text);
	CHECK(strstr(text, pointer), "%s: '%s' lacks %s", name, text, pointer);
	CHECK(strchr(text, '\n') == text + strlen(text) - 1,
	      "%s: not one line: '%s'", name, text);
}

int main(void)
{
	selftest_begin(55);
	for (size_t i = 0; i < sizeof(misuse) / sizeof(*misuse); i++) {
		expect(i, false);
		expect(i, true);
	}
	return selftest_end();
}
