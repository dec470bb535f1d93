// SPDX-License-Identifier: MIT
/*
 * Depots: what they refuse to take in.
 */
#include <hz3/remote/inbox.h>
#include <hz3/shard/depot.h>
#include <hz3/shard/shard.h>

#include "hz3test.h"

static void receive(void *arg)
{
	struct shard *sh = shard_get(1);
	struct magazine *m;

	lock_acquire(&sh->lock);
	m = magazine_get(sh);
	if (m) {
		m->slot[m->count++] = arg;
		m->bin = BIN_MIXED;
		inbox_post(sh->number, m, 16);
	}
	depot_drain_inbox(sh);
	lock_release(&sh->lock);
}

/* A message that begins with what is no object any more. */
static void wild_message(struct hz3test *t)
{
	static char data[16] __aligned(16);

	if (HAS_OTHERS)
		hz3test_dies(t, receive, data, "hz3: double free");
}

static const struct hz3test_case cases[] = {
	HZ3TEST_CASE(wild_message),
	{},
};

HZ3TEST_SUITE(.name = "depot", .cases = cases);
