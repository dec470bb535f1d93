/* SPDX-License-Identifier: MIT */
/*
 * Limits on what the arenas hold: bytes that are committed, whether or not
 * the program has touched them, in use or free but not yet given back. Our
 * records outside of the segments do not count.
 *
 * Checked where the arenas commit, never on a path that finds memory ready.
 */
#ifndef HZ3_MM_LIMIT_H
#define HZ3_MM_LIMIT_H

#include <hz3/types.h>

/* Options, see init/param.c. Relaxed: read whenever something is committed. */
struct limits {
	size_t soft; /* more than this is purged at once; 0: none */
	size_t hard; /* more than this is refused; 0: none */
};
extern struct limits limits __hidden;

bool limit_charge(size_t bytes) __hidden __must_check;
void limit_uncharge(size_t bytes) __hidden;
size_t limit_committed(void) __hidden;
bool limit_allows(size_t bytes) __hidden;
bool limit_is_soft_passed(void) __hidden;
void limit_refused(void) __hidden;
bool limit_is_reserved(void) __hidden;

#endif
