// SPDX-License-Identifier: MIT
/*
 * A plug-in is opened, and blocks stay on their side or cross to the other.
 * Arguments: the plug-in, deep or plain for how it is opened, and who frees
 * whose: own, host (frees the plug-in's), plugin (frees the host's) or resize
 * (the host reallocates the plug-in's).
 * selftest: modes=none
 */
#include "selftest.h"

static void *(*take)(size_t);
static void (*give)(void *);

/* Each side with what is its own, at the same time. */
static void *run(void *arg)
{
	unsigned long seed = (unsigned long)arg + 1;
	unsigned char *ours;
	unsigned char *theirs;

	for (unsigned long i = 0; i < scaled(1000); i++) {
		size_t size = random_size(&seed, 300000);

		ours = malloc(size);
		theirs = take(size);
		REQUIRE(ours && theirs && ours != theirs);
		fill(ours, size, i);
		fill(theirs, size, i + 1);
		CHECK(intact(ours, size, i));
		CHECK(intact(theirs, size, i + 1));
		free(ours);
		give(theirs);
	}
	return NULL;
}

/* The bytes in front of it are 0, wherever it lies: no size, for glibc. */
static void *block_among_zeros(void)
{
	char *block[64];

	for (int i = 0; i < 64; i++) {
		block[i] = calloc(1, 48);
		REQUIRE(block[i]);
	}
	return block[32];
}

static void cross(const char *way)
{
	char *p;

	if (!strcmp(way, "own")) {
		run_threads(8, run, 0);
	} else if (!strcmp(way, "plugin")) {
		give(block_among_zeros());
	} else if (!strcmp(way, "host")) {
		free(take(100));
	} else {
		p = take(100);
		fill(p, 100, 1);
		p = realloc(p, 100000);
		CHECK(p && intact(p, 100, 1));
		free(p);
	}
}

int main(int argc, char **argv)
{
	void *plugin;
	int flags = RTLD_NOW | RTLD_LOCAL;

	REQUIRE(argc == 4);
	selftest_begin(30);
	if (!strcmp(argv[2], "deep"))
		flags |= RTLD_DEEPBIND;
	plugin = dlopen(argv[1], flags);
	REQUIRE(plugin, "%s", dlerror());
	take = (void *(*)(size_t))dlsym(plugin, "plugin_take");
	give = (void (*)(void *))dlsym(plugin, "plugin_give");
	REQUIRE(take && give);
	cross(argv[3]);
	return selftest_end();
}
