// SPDX-License-Identifier: MIT
/*
 * The slow ends of the lock: waiting and waking. See <hz3/lock.h>, where the
 * letters (A) and (B) are.
 *
 *	FREE ──acquire──► HELD ──a waiter──► CONTENDED
 *	  ▲                │                     │
 *	  └────release─────┴──release and wake───┘
 *
 * A waiter that was woken cannot know whether others still sleep, so it
 * leaves the lock CONTENDED: at worst one system call too many, never a
 * sleeper too many.
 */
#include <sys/syscall.h>

#include <hz3/lock.h>
#include <hz3/syscall.h>

#include "internal.h"

/* A critical section is a few hundred instructions; a switch costs more. */
#define LOCK_SPINS 50

uptr hz3_fork_owner;

#ifdef CONFIG_CC_OPTIMIZE_FOR_SIZE

/**
 * lock_acquire() - take a lock
 * @l: the lock
 *
 * Context: may sleep.
 */
void lock_acquire(struct lock *l)
{
	__lock_acquire(l);
}

/**
 * lock_release() - give a lock back
 * @l: the lock
 */
void lock_release(struct lock *l)
{
	__lock_release(l);
}

#endif

/**
 * __lock_wait() - take a lock that somebody else holds
 * @l: the lock
 *
 * Context: may sleep. Signals do not end the wait.
 */
void __lock_wait(struct lock *l)
{
	int spin;

	if (lock_is_forks())
		return;
	for (spin = 0; spin < LOCK_SPINS; spin++) {
		cpu_relax();
		if (load_relaxed(&l->state) == LOCK_FREE && __lock_try_raw(l))
			return;
	}
	/* (A) acquire when the lock was free; pairs with (B). */
	while (xchg_acquire(&l->state, (u32)LOCK_CONTENDED) != LOCK_FREE)
		syscall6(SYS_futex, (long)&l->state, FUTEX_WAIT_PRIVATE,
			 LOCK_CONTENDED, 0, 0, 0);
}

/**
 * __lock_wake() - wake one of those who wait for a lock
 * @l: the lock, released already
 *
 * The lock may be taken, or its memory belong to somebody else, before the
 * kernel looks at the address: a wake-up too many is harmless.
 *
 * Context: does not sleep.
 */
void __lock_wake(struct lock *l)
{
	syscall6(SYS_futex, (long)&l->state, FUTEX_WAKE_PRIVATE, 1, 0, 0, 0);
}
