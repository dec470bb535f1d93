// SPDX-License-Identifier: MIT
/*
 * What a program is told of: that hz3 begins, that memory is exhausted, and
 * that it has made a mistake with a pointer. See <hz3/embed.h> for what it may
 * do then.
 *
 * Ordering: (A) publishes a handler with its argument, (B) reads it.
 */
#include <hz3/atomic.h>
#include <hz3/bug.h>

#include "internal.h"

static int (*oom_handler)(void *arg, size_t size); /* (A), (B) */
static void *oom_arg;                              /* before the handler */
static void (*error_handler)(void *arg, const char *reason, const void *ptr);
static void *error_arg; /* both before bug_hook */

/* Programs need not define it. */
#pragma weak hz3_setup

/**
 * hook_setup() - nobody has any memory yet
 *
 * Context: the first allocation of all, with the thread list locked.
 */
void hook_setup(void)
{
	if (hz3_setup)
		hz3_setup();
}

/**
 * hook_out_of_memory() - a request is about to fail
 * @size: bytes that were asked for
 *
 * Context: no locks held.
 * Return: whether the program wants it tried again.
 */
bool hook_out_of_memory(size_t size)
{
	/* (B) pairs with (A) */
	int (*handler)(void *, size_t) = load_acquire(&oom_handler);

	return handler && handler(oom_arg, size);
}

/**
 * hz3_set_oom_handler() - see <hz3/embed.h>
 * @handler: called when a request cannot be met; NULL: none
 * @arg: handed through
 */
void hz3_set_oom_handler(int (*handler)(void *arg, size_t size), void *arg)
{
	oom_arg = arg;
	/* (A) pairs with (B) */
	store_release(&oom_handler, handler);
}

static void hook_error(const char *reason, const void *ptr)
{
	error_handler(error_arg, reason, ptr);
}

/**
 * hz3_set_error_handler() - see <hz3/embed.h>
 * @handler: called before the program is stopped; NULL: none
 * @arg: handed through
 */
void hz3_set_error_handler(void (*handler)(void *arg, const char *reason,
					   const void *ptr),
			   void *arg)
{
	error_arg = arg;
	error_handler = handler;
	/* (A) pairs with (B) in lib/bug.c */
	store_release(&bug_hook, handler ? hook_error : NULL);
}
