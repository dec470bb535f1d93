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
 * Return: about how many bytes wait there now.
 */
size_t inbox_post(u8 shard, struct magazine *m, size_t bytes)
{
	struct inbox *in = &hz3_inbox[shard];
	struct magazine *head = load_relaxed(&in->head);

	do {
		m->link = head;
		/* (A) publishes the contents; pairs with (B) */
	} while (!cmpxchg_release(&in->head, &head, m));
	return fetch_add_relaxed(&in->bytes, bytes) + bytes;
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

	if (inbox_is_empty(shard))
		return NULL;
	store_relaxed(&in->bytes, (size_t)0);
	/* (B) acquires what every producer released by (A) */
	return xchg_acquire(&in->head, (struct magazine *)NULL);
}
