/* SPDX-License-Identifier: MIT */
/*
 * Stash: where a thread keeps blocks of other shards until they go home.
 *
 * Owned by one thread; nobody else reads or writes it. Two forms behind one
 * interface, chosen in Kconfig:
 *
 * sparse - a ring of 16-byte entries, the same size for any number of shards;
 *          sorted by destination when it is flushed;
 * dense  - a bank of magazines, one per (shard, bin) in use; a full one is
 *          posted as it is and joins its owner's depot whole.
 *
 * What is above does not know which one is built.
 *
 * Flush policy, of either form (shard/ calls):
 *
 *	a push finds no room	what is in the way: the ring, or one magazine
 *	too many bytes		all; CONFIG_HZ3_REMOTE_STASH_SHIFT
 *	a malloc miss		CONFIG_HZ3_REMOTE_FLUSH_BUDGET objects, if so
 *				many are pending
 *	a new reap epoch	all, on the next poll: a miss or a free that
 *				goes to the shard, or a push without room
 *	heap_purge(), exit	all
 *
 * A budgeted flush may be partial; the next one goes on where it stopped. A
 * full one leaves nothing pending and no hint.
 *
 * What one thread can hold back at most, the same numbers in
 * Documentation/core-api/remote.rst:
 *
 * bytes - 1 << CONFIG_HZ3_REMOTE_STASH_SHIFT; sparse also RING_SLOTS objects;
 * age   - until its first poll in a new epoch, which begins CONFIG_HZ3_REAP_MS
 *         after the last one with a poll of any thread.
 */
#ifndef HZ3_REMOTE_STASH_H
#define HZ3_REMOTE_STASH_H

#include <hz3/magazine.h>

/*
 * What the dispatcher needs from the layer above. All run in the stash's own
 * thread with no lock held.
 */
struct dispatch {
	/* Keep the object for reuse by this thread? */
	bool (*absorb)(struct dispatch *d, u8 bin, void __remote *ptr);
	/* An empty detached magazine, or NULL when memory is exhausted. */
	struct magazine *(*get)(struct dispatch *d);
	/* It has not been needed. */
	void (*put)(struct dispatch *d, struct magazine *m);
	/* Send a magazine to the shard all its objects belong to. */
	void (*post)(struct dispatch *d, u8 dst, struct magazine *m,
		     size_t bytes);
	/* Bring one object home without a magazine. */
	void (*deliver)(struct dispatch *d, u8 dst, void __remote *ptr);
	/* Bytes of an object, and how many a magazine should hold, by bin. */
	size_t (*size)(u32 bin);
	u32 (*cap)(u32 bin);
};

#ifdef CONFIG_HZ3_REMOTE_STASH_SPARSE

#define RING_SLOTS (1U << CONFIG_HZ3_REMOTE_RING_SHIFT)
static_assert(CONFIG_HZ3_REMOTE_RING_SHIFT >= 4 &&
		      CONFIG_HZ3_REMOTE_RING_SHIFT <= 12,
	      "16 to 4096 slots");

struct ring_entry {
	u8 dst; /* owner shard */
	u8 bin;
	u8 pad[6];
	void __remote *ptr;
};
static_assert(sizeof(struct ring_entry) == 16, "four entries a cache line");

/* Sent on a miss; half of a ring that is smaller than meant. */
#define STASH_FLUSH_BUDGET \
	min((u32)CONFIG_HZ3_REMOTE_FLUSH_BUDGET, RING_SLOTS / 2)

/* Free-running positions: head - tail entries are pending. */
struct stash {
	struct ring_entry slot[RING_SLOTS];
	u16 head; /* next to write */
	u16 tail; /* next to send */
};
static_assert(offsetof(struct stash, tail) + sizeof(u16) == RING_SLOTS * 16 + 4,
	      "the ring and two positions, whatever the number of shards");

static inline u32 stash_pending(const struct stash *st)
{
	return (u16)(st->head - st->tail);
}

/* False when full: stash_make_room() first. Nothing is written then. */
static __always_inline bool stash_push(struct stash *st, u8 dst, u8 bin,
				       void __remote *ptr)
{
	u16 head = st->head;
	struct ring_entry *e = &st->slot[head & (RING_SLOTS - 1)];

	if (unlikely((u16)(head - st->tail) == RING_SLOTS))
		return false;
	e->dst = dst;
	e->bin = bin;
	e->ptr = ptr;
	st->head = (u16)(head + 1);
	return true;
}

#else /* dense */

#define STASH_FLUSH_BUDGET ((u32)CONFIG_HZ3_REMOTE_FLUSH_BUDGET)

struct stash {
	struct magazine *bank[NR_SHARDS][NR_BINS]; /* NULL: none yet */
	u32 nr[NR_SHARDS];                         /* objects per destination */
	u32 hint; /* destination where a budgeted flush goes on */
};

static inline u32 stash_pending(const struct stash *st)
{
	u32 sum = 0;
	u32 row;

	for (row = 0; row < NR_SHARDS; row++)
		sum += st->nr[row];
	return sum;
}

/* False when full: stash_make_room() first. Nothing is written then. */
static __always_inline bool stash_push(struct stash *st, u8 dst, u8 bin,
				       void __remote *ptr)
{
	size_t row = (size_t)dst - 1;
	size_t column = bin; /* an index of full width: nothing to extend */
	struct magazine *m = st->bank[row][column];

	/* While it is in the bank, bin is how many it should hold. */
	if (unlikely(!m || m->count == m->bin))
		return false;
	/* A slot holds objects of any origin; this one only travels. */
	m->slot[m->count++] = block_keep(ptr);
	st->nr[row]++;
	return true;
}

#endif

bool stash_make_room(struct stash *st, u8 dst, u8 bin, struct dispatch *d)
	__hidden __must_check;
void stash_flush(struct stash *st, u32 budget, struct dispatch *d) __hidden;

#define STASH_FLUSH_ALL (~0U)

#endif
