// SPDX-License-Identifier: MIT
/*
 * The sparse stash: sorting the ring by destination.
 *
 * A flush takes the oldest entries in batches. What the thread will want
 * again itself is absorbed; the rest is chained by destination in two byte
 * arrays on the stack (linear in the number of entries, however many shards
 * there are), copied into one magazine per destination, and posted.
 */
#include <hz3/align.h>
#include <hz3/bits.h>

#include "internal.h"

/* Four full messages, when all are for one destination. */
#define BATCH (4 * MAGAZINE_SLOTS)
#define NONE  255U

static_assert(BATCH <= NONE, "chain links are bytes");

/* Entries of a batch by destination; numbers count from the ring's tail. */
struct chains {
	u8 first[NR_SHARDS + 1];
	u8 next[BATCH];
};

static struct ring_entry *entry(struct stash *st, u32 i)
{
	return &st->slot[(st->tail + i) & (RING_SLOTS - 1)];
}

/* One destination's chain, in as many messages as it needs. */
static void send_chain(struct stash *st, const struct chains *c, u32 i,
		       struct dispatch *d)
{
	struct message msg = { .d = d, .dst = entry(st, i)->dst };

	for (; i != NONE; i = c->next[i]) {
		struct ring_entry *e = entry(st, i);

		message_add(&msg, e->bin, e->ptr);
	}
	message_send(&msg);
}

static void flush_batch(struct stash *st, u32 n, struct dispatch *d)
{
	u64 refused[DIV_ROUND_UP(NR_BINS, BITS_PER_WORD)] = { 0 };
	struct chains c;
	u32 i;

	__builtin_memset(c.first, NONE, sizeof(c.first));
	/* Backwards, so that chains run from the oldest to the newest. */
	for (i = n; i-- > 0;) {
		struct ring_entry *e = entry(st, i);

		/* What was refused once has not become welcome meanwhile. */
		if (!test_bit(refused, e->bin)) {
			if (d->absorb(d, e->bin, e->ptr))
				continue;
			set_bit(refused, e->bin);
		}
		c.next[i] = c.first[e->dst];
		c.first[e->dst] = (u8)i;
	}
	for (i = 0; i < ARRAY_SIZE(c.first); i++)
		if (c.first[i] != NONE)
			send_chain(st, &c, c.first[i], d);
	st->tail = (u16)(st->tail + n);
}

/**
 * stash_flush() - send pending objects home
 * @st: the thread's own stash
 * @budget: how many to look at, oldest first; STASH_FLUSH_ALL for all
 * @d: what to do with them
 */
void stash_flush(struct stash *st, u32 budget, struct dispatch *d)
{
	u32 left = min(budget, stash_pending(st));

	while (left) {
		u32 n = min(left, BATCH);

		flush_batch(st, n, d);
		left -= n;
	}
}

/**
 * stash_make_room() - make stash_push() possible again
 * @st: the thread's own stash
 * @dst: where the next object goes
 * @bin: its bin
 * @d: what to do with those in the way
 *
 * Return: whether there is room now; always true.
 */
bool stash_make_room(struct stash *st, u8 dst __maybe_unused,
		     u8 bin __maybe_unused, struct dispatch *d)
{
	stash_flush(st, min(BATCH, RING_SLOTS), d);
	return true;
}
