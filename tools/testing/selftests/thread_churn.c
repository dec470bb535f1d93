// SPDX-License-Identifier: MIT
/*
 * Threads come and go, and parcels pass between them: 10 000 (100 000 in the
 * long form) leave nothing behind, and the records of their caches are used
 * again (TESTING.md classes 6 and 31).
 * selftest: modes=preload,linked timeout=60
 */
#include "selftest.h"

#define NR_PARCELS   256
#define RECORD_BYTES MIB

static void *parcel[NR_PARCELS];

static void *run(void *arg)
{
	unsigned long seed = (unsigned long)arg * 7919 + 1;
	void *own[32];

	for (int i = 0; i < 32; i++) {
		size_t size = random_size(&seed, 20000);

		own[i] = malloc(size);
		REQUIRE(own[i]);
		memset(own[i], 1, size);
	}
	/* Half goes to somebody who may outlive us, or not. */
	for (int i = 0; i < 16; i++)
		own[i] = __atomic_exchange_n(
			&parcel[next_random(&seed) % NR_PARCELS], own[i],
			__ATOMIC_ACQ_REL);
	for (int i = 0; i < 32; i++)
		free(own[i]);
	return NULL;
}

/* Eight at a time. */
static void generations(unsigned long n)
{
	for (unsigned long i = 0; i < n; i += 8)
		run_threads(8, run, i);
}

int main(void)
{
	unsigned long n = scaled(10000);
	struct mallinfo2 m;
	size_t records;
	size_t warm;
	size_t end;

	selftest_begin(long_form() ? 500 : 55);
	generations(800);
	records = hz3_figure("records");
	warm = rss();
	generations(n);
	end = rss();
	records = hz3_figure("records") - records;
	CHECK(emulated() || end <= warm + 16 * MIB, "%zu KiB, warm %zu KiB",
	      end >> 10, warm >> 10);
	CHECK(records <= RECORD_BYTES, "%zu bytes of records", records);
	for (int i = 0; i < NR_PARCELS; i++)
		free(parcel[i]);
	/* Nothing of what went through the rings is lost. */
	malloc_trim(0);
	m = mallinfo2();
	CHECK(m.uordblks < MIB, "%zu bytes in use", m.uordblks);
	say("rss %zu KiB, warm %zu KiB, in use %zu, new records %zu\n",
	    end >> 10, warm >> 10, m.uordblks, records);
	return selftest_end();
}
