// SPDX-License-Identifier: MIT
/*
 * The library is opened at run time, RTLD_LOCAL and without preloading, next
 * to forty libraries with thread-local storage; its functions work in every
 * thread, before and after dlclose() and a second dlopen() (class 1). Then
 * eight threads open and close it all the time, and it takes no more memory,
 * no more mappings and no more of the static TLS.
 * Arguments: the library, then the others.
 * selftest: modes=none
 */
#include "selftest.h"

static const char *path;

struct functions {
	void *(*take)(size_t);
	void (*give)(void *);
	void *(*resize)(void *, size_t);
};

static void *open_it(struct functions *fn)
{
	void *lib = dlopen(path, RTLD_NOW | RTLD_LOCAL);

	REQUIRE(lib, "%s", dlerror());
	fn->take = (void *(*)(size_t))dlsym(lib, "hz3_malloc");
	fn->give = (void (*)(void *))dlsym(lib, "hz3_free");
	fn->resize = (void *(*)(void *, size_t))dlsym(lib, "hz3_realloc");
	REQUIRE(fn->take && fn->give && fn->resize);
	return lib;
}

/* Resident blocks of all sizes, each intact after it was resized. */
static void use(const struct functions *fn, unsigned long seed,
		unsigned long rounds)
{
	for (unsigned long i = 0; i < rounds; i++) {
		size_t size = random_size(&seed, 100000);
		unsigned char *p = fn->take(size);

		REQUIRE(p);
		fill(p, size, i);
		p = fn->resize(p, size * 2);
		CHECK(p && intact(p, size, i));
		fn->give(p);
	}
}

static void *run(void *arg)
{
	use(arg, (unsigned long)pthread_self(), scaled(1000));
	return NULL;
}

static void run_eight(struct functions *fn)
{
	pthread_t thread[8];

	for (int i = 0; i < 8; i++)
		start_thread(&thread[i], run, fn);
	join_threads(thread, 8);
}

/* A block lives on while the library is closed and opened again. */
static void *open_and_close(void *arg)
{
	struct functions fn;
	void *kept;
	void *lib = open_it(&fn);

	for (unsigned long i = 0; i < scaled(1000); i++) {
		kept = fn.take(500);
		REQUIRE(kept);
		fill(kept, 500, i);
		dlclose(lib);
		lib = open_it(&fn);
		CHECK(intact(kept, 500, i));
		fn.give(kept);
		use(&fn, (unsigned long)arg + 1, 4);
	}
	dlclose(lib);
	return NULL;
}

/*
 * What is there after the first eight threads is there after all. An emulator
 * grows with the code it has translated.
 */
static void storm(void)
{
	size_t room = emulated() ? 32 * MIB : MIB;
	unsigned long mappings;
	size_t base;

	run_threads(8, open_and_close, 0);
	base = rss();
	mappings = nr_mappings();
	for (int i = 0; i < 4; i++)
		run_threads(8, open_and_close, 0);
	CHECK(above(rss(), base) < room, "%zu KiB more",
	      above(rss(), base) / 1024);
	CHECK(nr_mappings() < mappings + 16, "%lu mappings after %lu",
	      nr_mappings(), mappings);
}

int main(int argc, char **argv)
{
	struct functions fn;
	void *kept;
	void *lib;
	pid_t pid;

	alarm(60);
	REQUIRE(argc > 1);
	REQUIRE(!dlsym(RTLD_DEFAULT, "hz3_version"), "already there");
	path = argv[1];
	for (int i = 2; i < argc; i++)
		REQUIRE(dlopen(argv[i], RTLD_NOW), "%s", dlerror());
	lib = open_it(&fn);
	run_eight(&fn);
	kept = fn.take(500);
	for (int i = 0; i < 20; i++) {
		dlclose(lib);
		lib = open_it(&fn);
		run_eight(&fn);
	}
	fn.give(kept);
	storm();
	pid = fork();
	if (!pid) {
		run_eight(&fn);
		_exit(selftest_end());
	}
	CHECK(child_status(pid) == 0);
	dlclose(lib);
	return selftest_end();
}
