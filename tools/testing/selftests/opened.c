// SPDX-License-Identifier: MIT
/*
 * The library is opened at run time, RTLD_LOCAL and without preloading, next
 * to forty libraries with thread-local storage; its functions work in every
 * thread, before and after dlclose() and a second dlopen() (class 1).
 * Arguments: the library, then the others.
 * selftest: modes=none
 */
#include "selftest.h"

static void *(*take)(size_t);
static void (*give)(void *);
static void *(*resize)(void *, size_t);

static void *run(void *arg)
{
	unsigned long seed = (unsigned long)arg + 1;
	unsigned char *p;

	for (int i = 0; i < 1000; i++) {
		size_t size = random_size(&seed, 100000);

		p = take(size);
		REQUIRE(p);
		fill(p, size, (unsigned long)i);
		p = resize(p, size * 2);
		CHECK(intact(p, size, (unsigned long)i));
		give(p);
	}
	return NULL;
}

static void *open_it(const char *path)
{
	void *lib = dlopen(path, RTLD_NOW | RTLD_LOCAL);

	REQUIRE(lib, "%s", dlerror());
	take = (void *(*)(size_t))dlsym(lib, "hz3_malloc");
	give = (void (*)(void *))dlsym(lib, "hz3_free");
	resize = (void *(*)(void *, size_t))dlsym(lib, "hz3_realloc");
	REQUIRE(take && give && resize);
	return lib;
}

int main(int argc, char **argv)
{
	void *kept;
	void *lib;
	pid_t pid;

	alarm(30);
	REQUIRE(argc > 1);
	REQUIRE(!dlsym(RTLD_DEFAULT, "hz3_version"), "already there");
	for (int i = 2; i < argc; i++)
		REQUIRE(dlopen(argv[i], RTLD_NOW), "%s", dlerror());
	lib = open_it(argv[1]);
	run_threads(8, run, 0);
	kept = take(500);
	for (int i = 0; i < 20; i++) {
		dlclose(lib);
		lib = open_it(argv[1]);
		run_threads(8, run, 0);
	}
	give(kept);
	pid = fork();
	if (!pid) {
		run_threads(8, run, 0);
		_exit(selftest_end());
	}
	CHECK(child_status(pid) == 0);
	dlclose(lib);
	return selftest_end();
}
