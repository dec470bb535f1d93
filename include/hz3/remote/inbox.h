/* SPDX-License-Identifier: MIT */
/*
 * Inbox: a shard's lock-free stack of magazines posted by other threads.
 *
 * Synchronisation (X: the caller excludes it, -: free of each other)
 *
 *	              post   take   is_empty
 *	  post         -      -     -
 *	  take         -      -     -
 *
 * The linearisation point of post is its successful compare-and-swap (A), of
 * take its exchange (B). (A) releases the magazine's contents, (B) acquires
 * them; take empties the whole stack at once, so there is no ABA: nobody ever
 * follows a link of a magazine that is still in the stack.
 *
 * aarch64: (A) is a store-release exclusive (or CASL), (B) a load-acquire one
 * (SWPA). A producer's compare-and-swap that succeeds on top of another
 * producer's value continues that one's release sequence, therefore (B)
 * synchronises with every producer in the chain, not only with the last.
 *
 * An object in an inbox counts as used in its span: nothing below it can be
 * retired or purged before the owner has put it back under the shard's lock.
 */
#ifndef HZ3_REMOTE_INBOX_H
#define HZ3_REMOTE_INBOX_H

#include <hz3/atomic.h>
#include <hz3/magazine.h>

struct inbox {
	/*
	 * The newest magazine and, in the bits its alignment leaves, what
	 * all of them weigh: one operation changes both. Producers by (A),
	 * takers by (B).
	 */
	uptr head __cacheline_aligned;
};

#define INBOX_WEIGHT_MASK ((uptr)MAGAZINE_BYTES - 1)
/* Weight 64 is when others help; the weight ends at 511. */
#define INBOX_UNIT_SHIFT (CONFIG_HZ3_REMOTE_INBOX_SHIFT - 6)

/* Indexed by shard number; [0] is unused. */
extern struct inbox hz3_inbox[NR_SHARDS + 1] __hidden;

static inline bool inbox_is_empty(u8 shard)
{
	/* Relaxed: only a hint; whoever acts on it takes by (B). */
	return !load_relaxed(&hz3_inbox[shard].head);
}

size_t inbox_post(u8 shard, struct magazine *m, size_t bytes) __hidden;
struct magazine *inbox_take(u8 shard) __hidden;

#endif
