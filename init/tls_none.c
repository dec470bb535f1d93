// SPDX-License-Identifier: MIT
/*
 * No thread pointer at all, for runtimes that hand in contexts; in place of
 * thread.c. The first miss of all finds nobody attached, and does what has to
 * be done once; after it every thread works without caches.
 */
#include <hz3/atomic.h>
#include <hz3/tls.h>

#include "internal.h"

static bool was_set; /* store (A), load (B): what was done before */

/**
 * __thread_get() - the state of every thread
 *
 * Return: one without caches.
 */
struct thread *__thread_get(void)
{
	/* (B) pairs with (A) */
	return (struct thread *)(uptr)(load_acquire(&was_set) ?
					       &thread_direct :
					       &thread_unattached);
}

/**
 * __thread_set() - somebody tries to set a state
 * @t: the state; who looks again sees that it was not set
 */
void __thread_set(struct thread *t)
{
	(void)t;
	store_release(&was_set, true); /* (A) pairs with (B) */
}

/**
 * thread_attached() - never called: nobody gets a state
 */
void thread_attached(void)
{
}

/**
 * thread_init() - there is nothing to prepare
 */
void thread_init(void)
{
}
