// SPDX-License-Identifier: MIT
/*
 * Reservations cost no commit charge: Committed_AS grows by what is live and
 * 64 MiB at most, whatever was reserved; and after freeing everything the
 * charge goes as well (TESTING.md class 22).
 * selftest: modes=preload
 */
#include "selftest.h"

/* Bytes of private writable mappings: what strict overcommit counts. */
static size_t charged(void)
{
	static char text[1 << 20];
	size_t len = 0;
	size_t sum = 0;
	ssize_t n;
	int fd = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);

	while (len < sizeof(text) - 1 &&
	       (n = read(fd, text + len, sizeof(text) - 1 - len)) > 0)
		len += (size_t)n;
	close(fd);
	text[len] = '\0';
	for (char *p = text; *p; p = strchr(p, '\n') + 1) {
		unsigned long from = strtoul(p, &p, 16);
		unsigned long to = strtoul(p + 1, &p, 16);

		if (p[2] == 'w' && p[4] == 'p')
			sum += to - from;
		if (!strchr(p, '\n'))
			break;
	}
	return sum;
}

int main(void)
{
	size_t before = charged();
	size_t live = 0;
	char *p[400];
	unsigned long seed = 5;

	selftest_begin(20);
	CHECK(before <= 64 * MIB + 16 * MIB, "%zu MiB at start", before / MIB);
	for (int i = 0; i < 400; i++) {
		size_t size = random_size(&seed, 2 * MIB);

		p[i] = malloc(size);
		REQUIRE(p[i]);
		live += size;
	}
	CHECK(charged() <= before + live + 64 * MIB, "%zu MiB for %zu",
	      (charged() - before) / MIB, live / MIB);
	for (int i = 0; i < 400; i++)
		free(p[i]);
	malloc_trim(0);
	CHECK(charged() <= before + 64 * MIB, "%zu MiB left",
	      (charged() - before) / MIB);
	return selftest_end();
}
