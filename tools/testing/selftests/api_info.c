// SPDX-License-Identifier: MIT
/*
 * malloc_trim, mallinfo2, mallinfo, mallopt, malloc_stats and malloc_info tell
 * the truth: their figures follow what the program does.
 * selftest: modes=preload,linked,static
 */
#include "selftest.h"

#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

#define NR_BLOCKS 1000
#define BLOCK     5000

static void *block[NR_BLOCKS];

static void figures(void)
{
	struct mallinfo2 before = mallinfo2();
	struct mallinfo2 full;
	struct mallinfo2 after;
	struct mallinfo small;
	void *large = malloc(64 * MIB);

	for (int i = 0; i < NR_BLOCKS; i++) {
		block[i] = malloc(BLOCK);
		memset(block[i], 1, BLOCK);
	}
	full = mallinfo2();
	CHECK(full.uordblks >= before.uordblks + NR_BLOCKS * BLOCK,
	      "%zu, then %zu in use", before.uordblks, full.uordblks);
	CHECK(full.uordblks <= before.uordblks + NR_BLOCKS * BLOCK * 2,
	      "%zu, then %zu in use", before.uordblks, full.uordblks);
	CHECK(full.hblkhd >= before.hblkhd + 64 * MIB);
	CHECK(full.hblks == before.hblks + 1);
	CHECK(full.arena == full.uordblks + full.fordblks);
	small = mallinfo();
	CHECK(small.uordblks == (int)mallinfo2().uordblks);
	CHECK(small.hblkhd == (int)full.hblkhd);
	for (int i = 0; i < NR_BLOCKS; i++)
		free(block[i]);
	free(large);
	after = mallinfo2();
	CHECK(after.uordblks + NR_BLOCKS * BLOCK <= full.uordblks + 1 * MIB,
	      "%zu, then %zu in use", full.uordblks, after.uordblks);
	CHECK(after.hblks == before.hblks, "%zu", after.hblks);
}

static void trim(void)
{
	size_t full;
	size_t left;

	for (int i = 0; i < NR_BLOCKS; i++) {
		block[i] = malloc(20 * BLOCK);
		memset(block[i], 1, 20 * BLOCK);
	}
	full = rss();
	for (int i = 0; i < NR_BLOCKS; i++)
		free(block[i]);
	CHECK(malloc_trim(0) == 1);
	left = rss();
	CHECK(left + NR_BLOCKS * 20 * BLOCK / 10 * 9 < full,
	      "%zu MiB resident, then %zu", full / MIB, left / MIB);
}

static void options(void)
{
	CHECK(mallopt(M_TRIM_THRESHOLD, 128 << 10) == 1);
	CHECK(mallopt(M_TOP_PAD, 0) == 1);
	CHECK(mallopt(M_MMAP_THRESHOLD, 1 << 20) == 1);
	CHECK(mallopt(M_MMAP_MAX, 0) == 1);
	CHECK(mallopt(M_ARENA_MAX, 1) == 1);
	CHECK(mallopt(M_MXFAST, 64) == 1);
	CHECK(mallopt(M_MXFAST, 100000) == 0);
	CHECK(mallopt(M_MXFAST, -1) == 0);
}

/* The number behind @name="..." */
static size_t attribute(const char *text, const char *name)
{
	const char *p = strstr(text, name);

	return p ? strtoul(p + strlen(name), NULL, 10) : 0;
}

static void xml(void)
{
	char *text = NULL;
	size_t len = 0;
	FILE *fp = open_memstream(&text, &len);
	void *large = malloc(32 * MIB);
	const char *p;
	int open = 0;

	REQUIRE(fp);
	CHECK(malloc_info(1, fp) == EINVAL);
	CHECK(malloc_info(0, fp) == 0);
	fclose(fp);
	CHECK(!strncmp(text, "<malloc version=\"1\">\n", 21), "%s", text);
	CHECK(len > 10 && !strcmp(text + len - 10, "</malloc>\n"));
	/* Every element is closed, either way. */
	for (p = text; (p = strchr(p, '<')); p++) {
		if (p[1] == '/')
			open--;
		else if (strchr(p, '>')[-1] != '/')
			open++;
		CHECK(open >= 0);
	}
	CHECK(!open, "%d elements not closed", open);
	p = strstr(text, "</heap>");
	REQUIRE(p);
	p = strstr(p, "<total type=\"mmap\"");
	REQUIRE(p);
	CHECK(attribute(p, "count=\"") >= 1);
	CHECK(attribute(p, "size=\"") >= 32 * MIB);
	p = strstr(p, "<system type=\"current\"");
	REQUIRE(p);
	CHECK(attribute(p, "size=\"") > 4096);
	free(large);
	free(text);
}

static void stats(void)
{
	static char text[8192];
	int keep = dup(2);
	int fd[2];
	ssize_t len;

	REQUIRE(!pipe(fd));
	dup2(fd[1], 2);
	malloc_stats();
	dup2(keep, 2);
	close(fd[1]);
	len = read(fd[0], text, sizeof(text) - 1);
	close(fd[0]);
	CHECK(len > 0 && strstr(text, "system bytes     =") &&
		      strstr(text, "in use bytes     ="),
	      "%s", text);
}

int main(void)
{
	selftest_begin(30);
	figures();
	trim();
	xml();
	stats();
	options();
	return selftest_end();
}
