// SPDX-License-Identifier: MIT
/*
 * A fully static program that refers to every name of glibc's malloc.o: if the
 * library lacked one, the linker would take that object too, and malloc would
 * be defined twice. That this links is half of the test.
 * selftest: modes=static
 */
#include "selftest.h"

/* Names that no header declares; their types do not matter here. */
/* clang-format off */
#define NAMES(X) \
	X(__libc_malloc) X(__libc_calloc) X(__libc_realloc) \
	X(__libc_free) X(__libc_memalign) X(__libc_valloc) \
	X(__libc_pvalloc) X(__libc_mallinfo) X(__libc_mallinfo2) \
	X(__libc_mallopt) X(__malloc) X(__calloc) X(__realloc) \
	X(__free) X(__memalign) X(__valloc) X(__pvalloc) \
	X(__posix_memalign) X(__malloc_usable_size) X(__malloc_trim) \
	X(__malloc_stats) X(__malloc_info) X(__mallinfo) \
	X(__mallinfo2) X(__mallopt) X(malloc) X(calloc) X(realloc) \
	X(free) X(memalign) X(valloc) X(pvalloc) X(posix_memalign) \
	X(aligned_alloc) X(reallocarray) X(malloc_usable_size) \
	X(malloc_trim) X(malloc_stats) X(malloc_info) X(mallinfo) \
	X(mallinfo2) X(mallopt)
/* clang-format on */

#define DECLARE(name) extern char address_of_##name __asm__(#name);
NAMES(DECLARE)

#define ADDRESS(name) &address_of_##name,
static char *const addresses[] = { NAMES(ADDRESS) };

static int keys_run;

static void key_end(void *p)
{
	free(p);
	__atomic_fetch_add(&keys_run, 1, __ATOMIC_RELAXED);
}

static pthread_key_t key;

/* One block in each of the ways that there are. */
static void *take(unsigned long way, size_t size)
{
	size_t alignment = 16UL << way % 10;
	void *p = NULL;

	switch (way % 4) {
	case 0:
		return malloc(size);
	case 1:
		p = calloc(1, size);
		CHECK(!p || all_zero(p, size));
		return p;
	case 2:
		CHECK(!posix_memalign(&p, alignment, size));
		break;
	default:
		p = aligned_alloc(alignment, size);
	}
	CHECK((uintptr_t)p % alignment == 0, "%p, %zu", p, alignment);
	return p;
}

static void *work(void *arg)
{
	unsigned long seed = (unsigned long)arg;

	pthread_setspecific(key, malloc(100));
	for (unsigned long i = 0; i < 20000; i++) {
		size_t size = random_size(&seed, 100000);
		size_t less = size < 1000 ? size : 1000;
		char *p = take(i, size);

		REQUIRE(p);
		fill(p, less, i);
		p[size - 1] = pattern(i, size - 1);
		p = realloc(p, random_size(&seed, 100000) + less);
		CHECK(p && intact(p, less, i));
		free(p);
	}
	return strdup("a block for another thread to free");
}

static void threads(void)
{
	pthread_t thread[8];
	void *text;

	keys_run = 0;
	pthread_key_create(&key, key_end);
	start_threads(thread, 8, work, 1);
	for (int i = 0; i < 8; i++) {
		pthread_join(thread[i], &text);
		CHECK(!strncmp(text, "a block", 7));
		free(text);
	}
	CHECK(keys_run == 8, "%d", keys_run);
}

/* Parts of the C library that allocate on their own. */
static void library(void)
{
	char *line = NULL;
	char *text;
	size_t size = 0;
	FILE *fp = fopen("/proc/self/maps", "r");
	int lines = 0;

	REQUIRE(fp);
	while (getline(&line, &size, fp) > 0)
		lines++;
	fclose(fp);
	free(line);
	CHECK(lines > 3, "%d", lines);
	REQUIRE(asprintf(&text, "%*d", 5000, 1) == 5000);
	CHECK(malloc_usable_size(text) >= 5001);
	free(text);
	setenv("HZ3_SELFTEST", "1", 1);
	CHECK(!strcmp(getenv("HZ3_SELFTEST"), "1"));
}

int main(void)
{
	pid_t pid;

	selftest_begin(60);
	for (size_t i = 0; i < sizeof(addresses) / sizeof(*addresses); i++)
		CHECK(addresses[i]);
	CHECK(&address_of_malloc == &address_of___libc_malloc);
	CHECK(&address_of_free == &address_of___libc_free);
	threads();
	library();
	pid = fork();
	if (!pid) {
		threads();
		_exit(selftest_end());
	}
	CHECK(!child_status(pid));
	return selftest_end();
}
