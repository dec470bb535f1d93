// SPDX-License-Identifier: MIT
/*
 * The system refuses memory calls, all of them, each kind alone, or as good as
 * at random: no crash, NULL with ENOMEM at worst, contents intact, and what
 * was freed is reused (TESTING.md classes 22 and 23).
 * selftest: modes=preload,linked timeout=60 needs=native
 */
#include "refuse.h"
#include "selftest.h"

#define NR_SLOTS 400

static struct {
	unsigned char *p;
	size_t size;
} slot[NR_SLOTS];

static unsigned long nr_refused;
static unsigned long nr_served;

static void one_step(unsigned long *seed, size_t max)
{
	unsigned long i = next_random(seed) % NR_SLOTS;
	size_t size = random_size(seed, max);
	unsigned char *p;
	size_t kept;

	if (slot[i].p && !CHECK(intact(slot[i].p, slot[i].size, i)))
		_exit(1);
	errno = 0;
	switch (next_random(seed) % 4) {
	case 0:
		p = realloc(slot[i].p, size);
		if (!p)
			break;
		kept = size < slot[i].size ? size : slot[i].size;
		CHECK(intact(p, kept, i));
		slot[i].p = NULL;
		break;
	case 1:
		p = calloc(1, size);
		if (p && !CHECK(all_zero(p, size)))
			_exit(1);
		break;
	case 2:
		p = memalign(1UL << (next_random(seed) % 16), size);
		break;
	default:
		p = malloc(size);
	}
	if (!p) {
		CHECK(errno == ENOMEM, "errno %d", errno);
		nr_refused++;
		return;
	}
	nr_served++;
	free(slot[i].p);
	slot[i].p = p;
	slot[i].size = size;
	fill(p, size, i);
}

static void *in_thread(void *arg)
{
	unsigned long seed = (unsigned long)arg;

	for (int i = 0; i < 2000; i++)
		free(malloc(random_size(&seed, 200000)));
	return NULL;
}

static void scenario(unsigned int what, unsigned int bits, bool warm)
{
	unsigned long seed = what * 77 + bits + 1;
	unsigned long before;
	pthread_t thread;

	if (warm)
		for (int i = 0; i < 800; i++)
			one_step(&seed, i % 16 ? 9000 : 2 * MIB);
	nr_refused = 0;
	if (!refuse_calls(what, bits))
		_exit(SELFTEST_SKIP);
	for (int i = 0; i < 1200; i++)
		one_step(&seed, i % 16 ? 9000 : 4 * MIB);
	if (!pthread_create(&thread, NULL, in_thread, (void *)seed))
		pthread_join(thread, NULL);
	malloc_trim(0);
	for (int i = 0; i < NR_SLOTS; i++) {
		if (slot[i].p)
			CHECK(intact(slot[i].p, slot[i].size,
				     (unsigned long)i));
		free(slot[i].p);
		slot[i].p = NULL;
		slot[i].size = 0;
	}
	/* What was free before is there again, also without the system. */
	before = nr_refused;
	if (warm) {
		for (int i = 0; i < 200; i++)
			one_step(&seed, 1000);
		CHECK(nr_refused == before, "%lu", nr_refused - before);
	}
	/* Huge: where it is not refused, its tags take a call a page. */
	if ((what & REFUSE_MMAP) && bits == REFUSE_ALL)
		CHECK(!malloc((size_t)1 << 40));
	else
		free(malloc((size_t)1 << (long_form() ? 40 : 34)));
	_exit(selftest_end());
}

int main(void)
{
	static const unsigned int bits[] = { REFUSE_ALL, 1U << 21, 1U << 16,
					     3U << 12 };
	static const unsigned int what[] = {
		REFUSE_MMAP,    REFUSE_MUNMAP,
		REFUSE_MREMAP,  REFUSE_MPROTECT,
		REFUSE_MADVISE, REFUSE_OTHER,
		REFUSE_MEMORY,  REFUSE_MEMORY & ~REFUSE_MMAP,
	};
	size_t i;
	size_t j;
	int warm;

	selftest_begin(55);
	for (i = 0; i < sizeof(bits) / sizeof(*bits); i++)
		for (j = 0; j < sizeof(what) / sizeof(*what); j++)
			for (warm = 0; warm < 2; warm++) {
				pid_t pid = fork();
				int status;

				if (!pid) {
					selftest_failures = 0;
					scenario(what[j], bits[i], warm);
				}
				status = child_status(pid);
				if (status == SELFTEST_SKIP << 8)
					selftest_skip("no seccomp filter");
				CHECK(!status,
				      "calls %#x bits %#x warm %d: "
				      "status %#x",
				      what[j], bits[i], warm,
				      (unsigned int)status);
			}
	return selftest_end();
}
