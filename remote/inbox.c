// SPDX-License-Identifier: MIT
/*
 * Inbox: post and take. The synchronisation table and the ordering argument
 * stand in <hz3/remote/inbox.h>.
 */
#include <hz3/remote/inbox.h>

struct inbox hz3_inbox[NR_SHARDS + 1];

/**
 * inbox_post() - send a magazine to a shard
 * @shard: the owner of every object in it
 * @m: the magazine; the receiver's from now on
 * @bytes: what its objects amount to
 *
 * Context: any thread, lock-free; safe with any lock held.
 * Return: about how many bytes wait there now: each message is rounded up to
 * the next 64th of what an inbox may hold, and at eight times that it ends.
 */
size_t inbox_post(u8 shard, struct magazine *m, size_t bytes)
{
	struct inbox *in = &hz3_inbox[shard];
	uptr head = load_relaxed(&in->head);
	uptr own = (bytes >> INBOX_UNIT_SHIFT) + 1;
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
