// SPDX-License-Identifier: MIT
/*
 * The gate; see <hz3/gate.h>.
 *
 * Ordering: (A) what was done inside is released by leaving; (B) closing, and
 * entering again after a close, acquire it.
 */
#include <limits.h>
#include <sys/syscall.h>

#include <hz3/atomic.h>
#include <hz3/gate.h>
#include <hz3/lock.h>
#include <hz3/syscall.h>

#include "internal.h"

#define GATE_CLOSED (1U << 31)

/**
 * gate_try_enter() - begin something that fork() must not cut in two
 * @g: the gate
 *
 * Context: any, does not wait.
 * Return: whether it may be done; then gate_leave() must follow.
 */
bool gate_try_enter(struct gate *g)
{
	u32 state = load_relaxed(&g->state);

	do {
		if (state & GATE_CLOSED)
			return false;
		/* (B) pairs with (A) and with gate_open() */
	} while (!cmpxchg_acquire(&g->state, &state, state + 1));
	return true;
}

/**
 * gate_enter() - the same, but wait while the gate is closed
 * @g: the gate
 *
 * Context: may sleep; without locks, which whoever closed it may wait for.
 * Return: false for the thread that forks, and so has closed it itself.
 */
bool gate_enter(struct gate *g)
{
	while (!gate_try_enter(g)) {
		u32 state = load_relaxed(&g->state);

		if (lock_is_forks())
			return false;
		if (state & GATE_CLOSED)
			syscall6(SYS_futex, (long)&g->state, FUTEX_WAIT_PRIVATE,
				 state, 0, 0, 0);
	}
	return true;
}

static void wake_all(struct gate *g)
{
	syscall6(SYS_futex, (long)&g->state, FUTEX_WAKE_PRIVATE, INT_MAX, 0, 0,
		 0);
}

/**
 * gate_leave() - it is done
 * @g: the gate
 */
void gate_leave(struct gate *g)
{
	u32 state = load_relaxed(&g->state);

	/* (A) pairs with (B) */
	while (!cmpxchg_release(&g->state, &state, state - 1))
		;
	if (state == (GATE_CLOSED | 1))
		wake_all(g);
}

/**
 * gate_close() - keep others out, and wait until nobody is inside
 * @g: the gate, open
 *
 * Context: may sleep; the caller excludes other closers and is not inside.
 */
void gate_close(struct gate *g)
{
	u32 state;

	fetch_or_relaxed(&g->state, GATE_CLOSED);
	/* (B) pairs with (A) */
	while ((state = load_acquire(&g->state)) != GATE_CLOSED)
		syscall6(SYS_futex, (long)&g->state, FUTEX_WAIT_PRIVATE, state,
			 0, 0, 0);
}

/**
 * gate_open() - let others in again
 * @g: the gate, closed; or in a forked child, whatever it was
 */
void gate_open(struct gate *g)
{
	/* Pairs with (B): what was done while it was closed. */
	store_release(&g->state, 0U);
	wake_all(g);
}
