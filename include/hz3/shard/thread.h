/* SPDX-License-Identifier: MIT */
/*
 * A thread's state: magazines by bin, and the stash.
 *
 * It lies in pages of our own, is made on the thread's first miss and reused
 * after its end; only the pointer to it is in TLS. Until then the pointer
 * leads to thread_unattached, a read-only state whose magazines are all empty
 * and full at once, so that the hot paths need no test for it.
 *
 * Everything is written by its thread only. Others read @top and @spare
 * (statistics), relaxed.
 */
#ifndef HZ3_SHARD_THREAD_H
#define HZ3_SHARD_THREAD_H

#include <hz3/atomic.h>
#include <hz3/magazine.h>
#include <hz3/remote/stash.h>
#include <hz3/tls.h>

#define STASH_BYTES_MAX (1UL << CONFIG_HZ3_REMOTE_STASH_SHIFT)

enum thread_mode {
	THREAD_UNATTACHED, /* no state yet: the next miss attaches */
	THREAD_ATTACHED,
	THREAD_DIRECT, /* ended, or no memory: straight to the shards */
};

struct thread {
	void **top[NR_TAG_BINS];   /* first empty slot of the loaded one */
	void **limit[NR_TAG_BINS]; /* top may not pass this */
	struct magazine *spare[NR_BINS]; /* detached: full, empty or NULL */
	u8 shard;                        /* 0: none */
	u8 mode;                         /* enum thread_mode */
	u8 nr_empty;                     /* in empty */
	u8 seen[NR_BINS];       /* what release_quiet() saw in the loaded one */
	u8 overflows[NR_BINS];  /* since the last miss, FREE_RUN at most */
	bool is_context;        /* no thread's: passed around */
	u8 generation;          /* of processes by fork; list lock */
	u32 reap_seen;          /* epoch of the last full flush */
	u32 purge_seen;         /* last heap_purge() honoured */
	size_t stash_room;      /* bytes the stash may still take */
	size_t limit_bytes;     /* of all limits, twice: loaded, spare */
	struct magazine *empty; /* a few for messages, by link */
	struct thread *next;    /* all states ever made; list lock */
	struct thread *next_unused; /* list lock */
	struct stash stash;
};

/* States of two threads share no cache line. */
#define THREAD_ALIGN (1UL << CONFIG_CACHELINE_SHIFT)

#ifdef CONFIG_HZ3_REMOTE_STASH_SPARSE
static_assert(sizeof(struct thread) <= 6144 - 4100 + RING_SLOTS * 16 + 4 + 8,
	      "6 KiB a thread with 256 slots, whatever the number of shards");
#endif

/* A slot whose predecessor is NULL: empty. Equal to its limit: full. */
extern void *const hz3_no_slot[2] __hidden;
#define NO_TOP ((void **)(uptr)&hz3_no_slot[1])

struct thread *thread_attach(void) __hidden;
struct thread *thread_create(bool is_context) __hidden __must_check;
void thread_destroy(struct thread *t) __hidden;
u32 thread_count(void) __hidden;
/* What a thread's caches may hold, its part of the budget; relaxed. */
extern size_t thread_cache_bytes __hidden;
void threads_lock_fork(void) __hidden;
void threads_unlock_fork(void) __hidden;
void threads_reset_fork(void) __hidden;
size_t thread_cached_bytes(void) __hidden;

/* cache.c: what happens off the hot paths */
void *cache_malloc(struct thread *t, u32 bin) __hidden __must_check;
bool cache_holds(const struct thread *t) __hidden;
void cache_release(struct thread *t) __hidden;
void thread_flush(struct thread *t) __hidden;
void thread_idle(struct thread *t) __hidden;
struct thread *cache_thread(struct thread *t) __hidden;
void cache_poll(void) __hidden;
void thread_poll(struct thread *t) __hidden;
void cache_set_block(struct thread *t, u32 bin, struct magazine *m, u32 cap)
	__hidden;

/* reap.c */
void reap_poll(void) __hidden;
void reap_poll_seldom(void) __hidden;
bool thread_give_back(struct thread *t) __hidden __must_check;
size_t thread_purge(struct thread *t) __hidden;
void reap_turn(void) __hidden;
extern u32 heap_purge_epoch __hidden; /* relaxed; compared with purge_seen */
extern u32 heap_reap_epoch __hidden;  /* relaxed; compared with reap_seen */
/* What param.c sets; relaxed. */
#define MS_NEVER (~0U)
extern u32 heap_decay_ms __hidden; /* or MS_NEVER */
extern u32 heap_shards __hidden;   /* threads use these only; 0: all */

#endif
