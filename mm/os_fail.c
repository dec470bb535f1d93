// SPDX-License-Identifier: MIT
/*
 * Fault injection: which of the system calls of os.c are refused.
 */
#include <hz3/atomic.h>
#include <hz3/mm/os.h>

static unsigned long fail_at;    /* call number to fail; 0: none. relaxed */
static unsigned long fail_calls; /* calls made since; relaxed */
static bool fail_sticky;         /* and all after it; relaxed */

/**
 * os_fail_nth() - make system calls fail
 * @nth: which one from now on, 1 being the next; 0 stops failing
 * @sticky: fail every later one as well
 *
 * Context: tests only; not meant to race with itself.
 * Return: the number of calls made since the last os_fail_nth().
 */
unsigned long os_fail_nth(unsigned long nth, bool sticky)
{
	unsigned long calls = load_relaxed(&fail_calls);

	store_relaxed(&fail_sticky, sticky);
	store_relaxed(&fail_at, nth);
	store_relaxed(&fail_calls, 0UL);
	return calls;
}

/**
 * os_should_fail() - count a system call that is about to be made
 *
 * Return: whether it is to fail instead.
 */
bool os_should_fail(void)
{
	unsigned long at = load_relaxed(&fail_at);
	unsigned long n = fetch_add_relaxed(&fail_calls, 1UL) + 1;

	return at && (n == at || (n > at && load_relaxed(&fail_sticky)));
}
