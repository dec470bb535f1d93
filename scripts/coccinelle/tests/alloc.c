// SPDX-License-Identifier: MIT
/* Planted bugs for libc/alloc.cocci; never compiled. */

static void *bad_plain(size_t n)
{
	return malloc(n);
}

static void bad_hidden(const char *name)
{
	void *(*next)(size_t) = dlsym(RTLD_NEXT, name);
	FILE *f = fopen(getenv("X"), "r");

	fprintf(f, "%p\n", next);
}

static void bad_thread(pthread_t *t)
{
	pthread_create(t, NULL, bad_plain, NULL);
}

static void *good(size_t n)
{
	memset(arena_start, 0, n);
	return arena_alloc(n);
}
