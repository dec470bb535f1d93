/* SPDX-License-Identifier: MIT */
/*
 * How we say that something is wrong: one line on fd 2, then abort.
 *
 * No stdio and no allocation; safe in any context, also with the output
 * closed. hz3_fatal() is for the program's mistakes (a bad pointer),
 * BUG_ON() for ours.
 */
#ifndef HZ3_BUG_H
#define HZ3_BUG_H

#include <hz3/types.h>

void hz3_fatal(const char *reason, const void *ptr) __hidden __noreturn __cold;
void __bug(const char *what, const char *file, int line)
	__hidden __noreturn __cold;

/*
 * Told of the end in place of the line, once; the process ends when it comes
 * back. Set by anybody (A), read at the end (B).
 */
extern void (*bug_hook)(const char *reason, const void *ptr) __hidden;

#define BUG_ON(cond)                                      \
	do {                                              \
		if (unlikely(cond))                       \
			__bug(#cond, __FILE__, __LINE__); \
	} while (0)

/* Checked in debug builds only, but always compiled. */
#define DEBUG_BUG_ON(cond)                                  \
	do {                                                \
		if (IS_ENABLED(CONFIG_HZ3_DEBUG) && (cond)) \
			__bug(#cond, __FILE__, __LINE__);   \
	} while (0)

#endif
