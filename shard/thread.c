// SPDX-License-Identifier: MIT
/*
 * Threads: attached to a shard on their first miss, detached at their end.
 *
 * A state is allocated once and reused, so there are as many as there were
 * ever threads at the same time. A thread joins the shard with the fewest
 * threads. After heap_thread_exit() a thread may still allocate and free (in
 * destructors that run after ours): it then works on the shards directly, and
 * leaves nothing behind.
 *
 * Lock: thread list; held while a shard is chosen, never while one is locked,
 * except by fork.
 */
#include <hz3/lock.h>
#include <hz3/mm/meta.h>
#include <hz3/mm/os.h>
#include <hz3/shard/heap.h>
#include <hz3/shard/shard.h>
#include <hz3/shard/sizeclass.h>
#include <hz3/shard/thread.h>

static_assert(CONFIG_HZ3_CACHE_BUDGET_SHIFT >= 18 &&
		      CONFIG_HZ3_CACHE_BUDGET_SHIFT <= 32,
	      "256 KiB to 4 GiB");
static_assert(CONFIG_HZ3_BIN_CACHE_SHIFT >= 12 &&
		      CONFIG_HZ3_BIN_CACHE_SHIFT <= 22,
	      "4 KiB to 4 MiB");

void *const hz3_no_slot[2];

#define EVERY_BIN [0 ... NR_TAG_BINS - 1]
const struct thread thread_unattached = {
	.top = { EVERY_BIN = NO_TOP },
	.limit = { EVERY_BIN = NO_TOP },
	.mode = THREAD_UNATTACHED,
};
const struct thread thread_direct = {
	.top = { EVERY_BIN = NO_TOP },
	.limit = { EVERY_BIN = NO_TOP },
	.mode = THREAD_DIRECT,
};

static struct lock lock;
static struct thread *threads; /* all states, by next; lock */
static struct thread *unused;  /* those without a thread; lock */
static struct thread *lost;    /* from here on some may be a parent's; lock */
static u8 generation;          /* of processes, goes round; lock */
static bool booted;            /* the machine is known; lock */
static u32 nr_threads;         /* attached; written under lock, read relaxed */

#define BUDGET_BYTES    (1UL << CONFIG_HZ3_CACHE_BUDGET_SHIFT)
#define SHARE_BYTES_MIN (128UL << 10)
#define SHARES_MIN      8U /* one thread's caches need no more */

size_t thread_cache_bytes; /* set with the first thread; written under lock */

/* With the lock; or in the child of a fork, where there is nobody else. */
static void set_count(u32 n)
{
	size_t share = BUDGET_BYTES / max(n, SHARES_MIN);

	store_relaxed(&nr_threads, n);
	store_relaxed(&thread_cache_bytes, max(share, SHARE_BYTES_MIN));
}

/**
 * thread_count() - how many threads are attached
 *
 * Return: threads.
 */
u32 thread_count(void)
{
	return load_relaxed(&nr_threads);
}

u32 heap_shards = NR_SHARDS;

/* The shard with the fewest threads, the lowest number first. */
static u8 choose_shard(void) __must_hold(&lock)
{
	u32 nr = load_relaxed(&heap_shards);
	u32 best = 1;
	u32 i;

	if (!nr || nr > NR_SHARDS)
		nr = NR_SHARDS;
	for (i = 2; i <= nr && hz3_shard[best].nr_threads; i++)
		if (hz3_shard[i].nr_threads < hz3_shard[best].nr_threads)
			best = i;
	hz3_shard[best].nr_threads++;
	return (u8)best;
}

/*
 * Where a state may begin. The program's thread touches its first 2 KiB, the
 * stash behind it often never: at the start of a page of 4 KiB that is one
 * page and not two. Bigger pages are better shared.
 */
static size_t state_align(void)
{
	return os_page_size == GRANULE_SIZE ? GRANULE_SIZE : THREAD_ALIGN;
}

/* All of a state but the stash, which is zero. */
static void set_up(struct thread *t, struct thread *next)
{
	__builtin_memcpy(t, &thread_unattached, offsetof(struct thread, stash));
	t->stash_room = STASH_BYTES_MAX;
	t->next = next;
}

/*
 * Attached before a fork, and its thread did not come with us. All others have
 * our generation; one of 256 forks ago passes for one of them.
 */
static bool is_lost(const struct thread *t)
{
	return t->shard && !t->is_context && t->generation != generation;
}

/*
 * The state of a thread that the fork has left behind, emptied: it may have
 * been caught in the middle of a push, so what it held is forgotten. Looked for
 * when one is wanted: a child that is to be another program touches none.
 */
static struct thread *take_lost(void) __must_hold(&lock)
{
	struct thread *t = lost;

	while (t && !is_lost(t))
		t = t->next;
	lost = t ? t->next : NULL;
	if (t) {
		set_up(t, t->next);
		__builtin_memset(&t->stash, 0, sizeof(t->stash));
	}
	return t;
}

static struct thread *new_state(void) __must_hold(&lock)
{
	struct thread *t = meta_alloc(sizeof(*t), state_align());

	if (t) {
		set_up(t, threads);
		threads = t;
	}
	return t;
}

/* An idle state, or a new one. */
static struct thread *take_state(void) __must_hold(&lock)
{
	struct thread *t = unused;

	if (t) {
		unused = t->next_unused;
		return t;
	}
	t = take_lost();
	return t ? t : new_state();
}

/* Hand a state back that is empty. */
static void release_state(struct thread *t)
{
	lock_acquire(&lock);
	hz3_shard[t->shard].nr_threads--;
	set_count(nr_threads - 1);
	t->shard = 0;
	t->mode = THREAD_UNATTACHED;
	t->next_unused = unused;
	unused = t;
	lock_release(&lock);
}

/**
 * thread_create() - a state that is attached to a shard
 * @is_context: it will not be a thread's
 *
 * Context: may enter the OS.
 * Return: the state; NULL when memory is exhausted.
 */
struct thread *thread_create(bool is_context)
{
	struct thread *t;

	lock_acquire(&lock);
	if (!booted) {
		/* Once, before anybody who could read what it finds out. */
		os_boot();
		if (heap_ops.setup)
			heap_ops.setup();
		booted = true;
	}
	t = take_state();
	if (t) {
		t->shard = choose_shard();
		t->mode = THREAD_ATTACHED;
		t->is_context = is_context;
		t->generation = generation;
		t->purge_seen = load_relaxed(&heap_purge_epoch);
		set_count(nr_threads + 1);
	}
	lock_release(&lock);
	if (t)
		shard_get(t->shard);
	return t;
}

/**
 * thread_destroy() - the end of a state
 * @t: the state; what it holds goes to its owners
 */
void thread_destroy(struct thread *t)
{
	cache_release(t);
	release_state(t);
}

/**
 * thread_attach() - give the current thread a state and a shard
 *
 * Context: the thread is unattached. May enter the OS.
 * Return: the state, now thread_current(); NULL when memory is exhausted.
 */
struct thread *thread_attach(void)
{
	struct thread *t;

	if (heap_ops.thread_attaching)
		heap_ops.thread_attaching();
	t = thread_current();
	if (t->mode == THREAD_ATTACHED)
		return t; /* by an allocation of the above */
	t = thread_create(false);
	if (!t)
		return NULL;
	thread_set_current(t);
	if (unlikely(thread_current() != t)) {
		/* No pthread key was left, or no TLS: without a cache. */
		release_state(t);
		return NULL;
	}
	/* May allocate: the state is in place. */
	if (heap_ops.thread_attached)
		heap_ops.thread_attached();
	return t;
}

/* The current thread gives its state back, and has another one now. */
static void become(const struct thread *state)
{
	struct thread *t = thread_current();

	/* Not ours any more before somebody else can have it. */
	thread_set_current((struct thread *)(uptr)state);
	if (t->mode == THREAD_ATTACHED)
		thread_destroy(t);
}

/**
 * heap_thread_exit() - the current thread ends
 *
 * Everything it holds goes to its shard or to other owners. What it still
 * allocates or frees afterwards works without a cache.
 */
void heap_thread_exit(void)
{
	become(&thread_direct);
}

/**
 * heap_thread_detach() - the current thread needs no caches for now
 *
 * As heap_thread_exit(), but what it allocates afterwards attaches it again.
 */
void heap_thread_detach(void)
{
	if (thread_current()->mode == THREAD_ATTACHED)
		become(&thread_unattached);
}

/**
 * thread_cached_bytes() - what all threads' magazines hold
 *
 * A snapshot of counters that their threads are changing.
 *
 * Return: bytes.
 */
size_t thread_cached_bytes(void)
{
	const struct thread *t;
	size_t sum = 0;
	u32 bin;

	lock_acquire(&lock);
	for (t = threads; t; t = t->next) {
		for (bin = 0; bin < NR_BINS; bin++) {
			void **top = load_relaxed(&t->top[bin]);
			struct magazine *m = load_relaxed(&t->spare[bin]);
			u32 n = m ? load_relaxed(&m->count) : 0;

			if (top != NO_TOP)
				n += magazine_count(top);
			sum += (size_t)n * bin_size(bin);
		}
	}
	lock_release(&lock);
	return sum;
}

/**
 * threads_lock_fork() - before fork: no thread is attaching or ending
 */
void threads_lock_fork(void)
{
	lock_hold(&lock);
}

/**
 * threads_unlock_fork() - after fork, in the parent
 */
void threads_unlock_fork(void)
{
	lock_unhold(&lock);
}

/**
 * threads_reset_fork() - after fork, in the child, where one thread is left
 *
 * What the others held is lost, at most a cache each; for their states see
 * take_lost(). Contexts that nobody was using at that moment may go on.
 */
void threads_reset_fork(void)
{
	struct thread *me = thread_current();
	struct thread *t;
	u32 n = 0;
	u32 i;

	for (i = 1; i <= NR_SHARDS; i++)
		hz3_shard[i].nr_threads = 0;
	generation++;
	lost = threads;
	if (me->mode == THREAD_ATTACHED)
		me->generation = generation;
	for (t = threads; t; t = t->next) {
		if (t->shard && (t == me || t->is_context)) {
			hz3_shard[t->shard].nr_threads++;
			n++;
		}
	}
	set_count(n);
	lock_reset(&lock);
}
