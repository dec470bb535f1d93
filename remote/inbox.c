// SPDX-License-Identifier: MIT
/*
 * Inbox: post and take. The synchronisation table and the ordering argument
 * stand in <hz3/remote/inbox.h>.
 */
#include <hz3/remote/inbox.h>

struct inbox hz3_inbox[NR_SHARDS + 1];

/*
 * In units, most messages being less than one: what is left over counts as one
 * for its part of all magazines, those that a hash of the address selects. So
 * the sum over those that wait, all different, is right on average.
 */
static uptr message_weight(const struct magazine *m, size_t bytes)
{
	u32 hash = (u32)((uptr)m / MAGAZINE_BYTES) * 0x9E3779B1U;

	return (bytes + MAGAZINE_BYTES + (hash >> (32 - INBOX_UNIT_SHIFT))) >>
	       INBOX_UNIT_SHIFT;
}

/**
 * inbox_post() - send a magazine to a shard
 * @shard: the owner of every object in it
 * @m: the magazine; the receiver's from now on
 * @bytes: what its objects amount to
 *
 * Context: any thread, lock-free; safe with any lock held.
 * Return: about how many bytes wait there now, magazines included; at eight
 * times what an inbox may hold it ends.
 */
size_t inbox_post(u8 shard, struct magazine *m, size_t bytes)
{
	struct inbox *in = &hz3_inbox[shard];
	uptr head = load_relaxed(&in->head);
	uptr own = message_weight(m, bytes);
	uptr weight;

	do {
		m->link = (struct magazine *)(head & ~INBOX_WEIGHT_MASK);
		weight = min((head & INBOX_WEIGHT_MASK) + own,
			     INBOX_WEIGHT_MASK);
		/* (A) publishes the contents; pairs with (B) */
	} while (!cmpxchg_release(&in->head, &head, (uptr)m | weight));
	return weight << INBOX_UNIT_SHIFT;
}

/**
 * inbox_take() - take everything a shard was sent
 * @shard: the shard, whose lock the caller holds
 *
 * Return: a list of magazines by link, newest first; NULL when empty.
 */
struct magazine *inbox_take(u8 shard)
{
	struct inbox *in = &hz3_inbox[shard];
	uptr head;

	if (inbox_is_empty(shard))
		return NULL;
	/* (B) acquires what every producer released by (A) */
	head = xchg_acquire(&in->head, (uptr)0);
	return (struct magazine *)(head & ~INBOX_WEIGHT_MASK);
}
