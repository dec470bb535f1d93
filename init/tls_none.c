// SPDX-License-Identifier: MIT
/*
 * No thread pointer at all, for runtimes that hand in contexts; in place of
 * thread.c. The first miss of all finds nobody attached, and does what has to
 * be done once; after it every thread works without caches.
 */
#include <hz3/atomic.h>
#include <hz3/tls.h>

#include "internal.h"

static bool was_set; /* relaxed: says nothing about other data */

/**
 * __tls_none_get() - the state of every thread
 *
 * Return: one without caches.
 */
struct thread *__tls_none_get(void)
{
	return (struct thread *)(uptr)(load_relaxed(&was_set) ?
					       &thread_direct :
					       &thread_unattached);
}

/**
 * __tls_none_set() - somebody tried to set a state
 */
void __tls_none_set(void)
{
	store_relaxed(&was_set, true);
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
