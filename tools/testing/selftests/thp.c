// SPDX-License-Identifier: MIT
/*
 * Huge pages must not make a sparse heap resident: one byte in every 64 KiB
 * with transparent huge pages always on (TESTING.md class 26).
 * selftest: modes=preload needs=native,HZ3_THP_NEVER
 */
#include "selftest.h"

int main(void)
{
	size_t before = rss();
	size_t touched = 0;
	char text[100] = "";
	int fd = open("/sys/kernel/mm/transparent_hugepage/enabled", O_RDONLY);

	selftest_begin(20);
	if (fd < 0 || read(fd, text, 99) <= 0 || !strstr(text, "[always]"))
		selftest_skip("transparent huge pages are not always on");
	for (int i = 0; i < 16; i++) {
		char *p = malloc(16 * MIB);

		REQUIRE(p);
		for (size_t j = 0; j < 16 * MIB; j += 65536) {
			p[j] = 1;
			touched += 4096;
		}
	}
	CHECK(rss() - before <= touched + touched / 4 + MIB, "%zu KiB for %zu",
	      (rss() - before) >> 10, touched >> 10);
	return selftest_end();
}
