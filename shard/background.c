// SPDX-License-Identifier: MIT
/*
 * The background thread, option background: does the housekeeping of reap.c,
 * so that memory is given back also when no thread enters the allocator any
 * more, and so that none has to wait for system calls on the way.
 *
 *	  NONE ──a slow path──► BUSY ◄──────── a slow path ────────┐
 *	   ▲                      └─the thread, each round──► QUIET ┘
 *	   └──────────────── many quiet rounds ─────────────────┘
 *
 * It lives as long as slow paths are taken and until what they left has
 * decayed; then it ends, and the next slow path starts another. So it is gone
 * from a process that has come to rest, and does not keep rights that the
 * process has given up since.
 *
 * Ordering: (A) what a slow path has left in the shards is released by saying
 * so; (B) the thread acquires it, or does not end. The shards themselves are
 * guarded by their locks.
 */
#include <hz3/atomic.h>
#include <hz3/mm/os.h>
#include <hz3/shard/background.h>
#include <hz3/shard/thread.h>
#include <hz3/task.h>

enum background_state {
	BACKGROUND_NONE,  /* no thread */
	BACKGROUND_QUIET, /* one, and nobody came since its last round */
	BACKGROUND_BUSY,  /* one, with work to expect */
};

bool heap_background;
static u32 state; /* enum background_state; (A), (B) */

/*
 * What is freed passes through stages: a stock that is not needed for two
 * rounds, granules that decay, a whole segment that decays again.
 */
static u32 rounds_to_rest(void)
{
	u32 decay = load_relaxed(&heap_decay_ms);

	return (decay == MS_NEVER ? 0 : 2 * decay / CONFIG_HZ3_REAP_MS) + 8;
}

/* Was there anybody since the last call? */
static bool is_busy(void)
{
	u32 old = BACKGROUND_BUSY;

	/* (B) pairs with (A) */
	return cmpxchg_acquire(&state, &old, (u32)BACKGROUND_QUIET);
}

static bool may_end(void)
{
	u32 old = BACKGROUND_QUIET;

	/* (B) pairs with (A): whoever comes later starts another */
	return cmpxchg_acquire(&state, &old, (u32)BACKGROUND_NONE);
}

static void background_run(void)
{
	u32 quiet = 0;

	do {
		task_sleep(CONFIG_HZ3_REAP_MS);
		quiet = is_busy() ? 0 : quiet + 1;
		reap_turn();
	} while (quiet < rounds_to_rest() || !may_end());
}

/**
 * background_wake() - there may be something to give back
 *
 * Context: any slow path, no locks held.
 * Return: whether the thread will see to it.
 */
bool background_wake(void)
{
	u32 old = load_relaxed(&state);

	/* A provider is the program's code and wants a thread of libc's. */
	if (likely(!load_relaxed(&heap_background)) || os_is_provided())
		return false;
	if (old == BACKGROUND_BUSY)
		return true;
	/* (A) pairs with (B) */
	while (!cmpxchg_release(&state, &old, (u32)BACKGROUND_BUSY))
		;
	if (old != BACKGROUND_NONE || task_start(background_run))
		return true;
	/* Refused: do without it from now on. */
	store_relaxed(&heap_background, false);
	return false;
}

/**
 * background_reset_fork() - after fork, in the child: it has none
 */
void background_reset_fork(void)
{
	store_relaxed(&state, (u32)BACKGROUND_NONE);
	task_reset();
}
