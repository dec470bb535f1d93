// SPDX-License-Identifier: MIT
/*
 * The sparse stash: sorting the ring by destination.
 *
 * A flush takes the oldest entries in batches. What the thread will want
 * again itself is absorbed; the rest falls into runs, neighbours that go to
 * one destination, which are chained by destination in byte arrays on the
 * stack (linear in the number of entries, however many shards there are),
 * copied into one magazine per destination, and posted.
 */
#include <hz3/align.h>
#include <hz3/bits.h>

#include "internal.h"

/* Four full messages, when all are for one destination. */
#define BATCH (4 * MAGAZINE_SLOTS)
#define NONE  255U

static_assert(BATCH <= NONE, "chain links are bytes");

/* Runs of a batch by destination; numbers count from the ring's tail. */
struct chains {
	u8 first[NR_SHARDS + 1];
	u8 next[BATCH]; /* of the run that begins here */
	u8 end[BATCH];  /* behind its last entry */
	u64 refused[DIV_ROUND_UP(NR_BINS, BITS_PER_WORD)];
};

static inline struct ring_entry *entry(struct stash *st, u32 tail, u32 i)
{
	return &st->slot[(tail + i) & (RING_SLOTS - 1)];
}

static_assert(offsetof(struct ring_entry, dst) == 0 &&
		      offsetof(struct ring_entry, bin) == 1,
	      "key_of()");

/* Destination and bin, to compare both at once. */
static inline u16 key_of(const struct ring_entry *e)
{
	u16 key;

	__builtin_memcpy(&key, e, sizeof(key));
	return key;
}

/*
 * Put entries into a message that has room, until it is full and sent. Returns
 * the next entry. What is counted is in registers meanwhile.
 */
static u32 copy_entries(struct stash *st, u32 i, u32 end, struct message *msg)
{
	struct magazine *m = msg->m;
	size_t bytes = msg->bytes;
	size_t size = msg->size;
	u32 count = m->count;
	u32 stop = min(end, i + MAGAZINE_SLOTS - count);
	u32 tail = st->tail;
	u8 bin = msg->bin;

	do {
		struct ring_entry *e = entry(st, tail, i++);

		if (e->bin != bin) {
			bin = e->bin;
			size = msg->d->size(bin);
			m->bin = BIN_MIXED;
		}
		/* A slot holds objects of any origin; this one only travels. */
		m->slot[count++] = block_keep(e->ptr);
		bytes += size;
	} while (i < stop && bytes < MESSAGE_BYTES_MAX);
	m->count = count;
	msg->bytes = bytes;
	msg->size = size;
	msg->bin = bin;
	if (message_is_full(count, bytes))
		message_send(msg);
	return i;
}

/* One destination's chain, in as many messages as it needs. */
static void send_chain(struct stash *st, const struct chains *c, u8 dst,
		       struct dispatch *d)
{
	struct message msg = { .d = d, .dst = dst };
	u32 run = c->first[dst];
	u32 i;

	for (; run != NONE; run = c->next[run]) {
		for (i = run; i < c->end[run];) {
			struct ring_entry *e = entry(st, st->tail, i);

			if (msg.m || message_begin(&msg, e->bin)) {
				i = copy_entries(st, i, c->end[run], &msg);
			} else {
				d->deliver(d, dst, e->ptr);
				i++;
			}
		}
	}
	message_send(&msg);
}

static bool absorb(struct chains *c, const struct ring_entry *e,
		   struct dispatch *d)
{
	if (test_bit(c->refused, e->bin))
		return false;
	if (d->absorb(d, e->bin, e->ptr))
		return true;
	set_bit(c->refused, e->bin);
	return false;
}

/*
 * A run ends before @end, with an entry that was refused. It goes back as far
 * as there is one destination and nothing that might be absorbed: what was
 * refused once has not become welcome meanwhile. Returns where it begins.
 */
static u32 chain_run(struct stash *st, struct chains *c, u32 end)
{
	u32 tail = st->tail;
	u32 i = end - 1;
	u16 key = key_of(entry(st, tail, i));
	u8 dst = entry(st, tail, i)->dst;

	for (; i > 0; i--) {
		const struct ring_entry *e = entry(st, tail, i - 1);

		if (key_of(e) == key)
			continue;
		if (e->dst != dst || !test_bit(c->refused, e->bin))
			break;
		key = key_of(e);
	}
	c->next[i] = c->first[dst];
	c->end[i] = (u8)end;
	c->first[dst] = (u8)i;
	return i;
}

static void flush_batch(struct stash *st, u32 n, struct dispatch *d)
{
	struct chains c;
	u32 i = n;

	__builtin_memset(c.first, NONE, sizeof(c.first));
	__builtin_memset(c.refused, 0, sizeof(c.refused));
	/* Backwards, so that chains run from the oldest to the newest. */
	while (i) {
		if (absorb(&c, entry(st, st->tail, i - 1), d))
			i--;
		else
			i = chain_run(st, &c, i);
	}
	for (i = 0; i < ARRAY_SIZE(c.first); i++)
		if (c.first[i] != NONE)
			send_chain(st, &c, (u8)i, d);
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
