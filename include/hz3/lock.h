/* SPDX-License-Identifier: MIT */
/*
 * The lock: one futex word, three states, 4 bytes.
 *
 * Slow paths are batched, so nearly every acquisition is one uncontended
 * compare-and-swap. A waiter spins a bounded number of times (the machine may
 * be oversubscribed and the holder preempted), then sleeps in the kernel.
 * After U. Drepper, "Futexes are tricky" (2011), the third mutex.
 *
 * Context: not async-signal-safe. All locks are taken in prepare and given
 * back in parent and child by init/fork.c, so a child never inherits one.
 */
#ifndef HZ3_LOCK_H
#define HZ3_LOCK_H

#include <hz3/atomic.h>
#include <hz3/tls.h>

enum lock_state {
	LOCK_FREE,      /* nobody holds it */
	LOCK_HELD,      /* held, nobody sleeps */
	LOCK_CONTENDED, /* held, somebody may sleep */
};

/* Zero-initialised means free. @state is written with the orders below. */
struct __capability("lock") lock
{
	u32 state; /* enum lock_state; (A) and (B) below */
};

#define LOCK_INITIALIZER  \
	{                 \
		LOCK_FREE \
	}

/*
 * The thread that is forking and holds every lock, or 0. Between our prepare
 * handler and fork() itself other libraries' handlers run, and after fork()
 * before ours: when they allocate, that thread's acquisitions and releases do
 * nothing, because it has what they ask for. Relaxed: only the thread itself
 * ever finds its own value here.
 */
extern uptr hz3_fork_owner __hidden;

static inline bool lock_is_forks(void)
{
	uptr owner = load_relaxed(&hz3_fork_owner);

	/* Then nobody is, and the thread register may not even be set up. */
	if (!IS_ENABLED(CONFIG_HZ3_FORK))
		return false;
	return unlikely(owner) && owner == thread_pointer();
}

void __lock_wait(struct lock *l) __hidden;
void __lock_wake(struct lock *l) __hidden;

/* (A) acquire; pairs with (B), the previous holder's release. */
static inline bool __lock_try_raw(struct lock *l)
{
	u32 expected = LOCK_FREE;

	return cmpxchg_acquire(&l->state, &expected, (u32)LOCK_HELD);
}

static inline void __lock_acquire(struct lock *l) __acquires(l)
	__no_context_analysis
{
	if (unlikely(!__lock_try_raw(l)))
		__lock_wait(l);
	__acquire(l);
}

static inline void __lock_release(struct lock *l) __releases(l)
	__no_context_analysis
{
	__release(l);
	if (lock_is_forks())
		return;
	/* (B) publishes the critical section; pairs with (A). */
	if (unlikely(xchg_release(&l->state, (u32)LOCK_FREE) == LOCK_CONTENDED))
		__lock_wake(l);
}

#ifdef CONFIG_CC_OPTIMIZE_FOR_SIZE

/* Once, and not once for each file. */
void lock_acquire(struct lock *l) __hidden __acquires(l);
void lock_release(struct lock *l) __hidden __releases(l);

#else

static inline void lock_acquire(struct lock *l) __acquires(l)
{
	__lock_acquire(l);
}

static inline void lock_release(struct lock *l) __releases(l)
{
	__lock_release(l);
}

#endif

static inline bool lock_try(struct lock *l) __try_acquires(true, l)
	__no_context_analysis
{
	return __lock_try_raw(l);
}
#ifdef __CHECKER__
#define lock_try(l)           \
	(lock_try(l) ? ({     \
		__acquire(l); \
		true;         \
	}) :                  \
		       false)
#endif

/*
 * The same two for fork(), which takes locks in one function and gives them
 * back in another, so that no checker can count them.
 */
static inline void lock_hold(struct lock *l) __no_context_analysis
{
	if (!__lock_try_raw(l))
		__lock_wait(l);
}

static inline void lock_unhold(struct lock *l) __no_context_analysis
{
	/* (B) pairs with (A) */
	if (xchg_release(&l->state, (u32)LOCK_FREE) == LOCK_CONTENDED)
		__lock_wake(l);
}

/* In a forked child, where no other thread exists to hold it. */
static inline void lock_reset(struct lock *l)
{
	store_relaxed(&l->state, (u32)LOCK_FREE);
}

#endif
