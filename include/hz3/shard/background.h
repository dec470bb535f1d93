/* SPDX-License-Identifier: MIT */
/* The background thread: housekeeping while the program is elsewhere. */
#ifndef HZ3_SHARD_BACKGROUND_H
#define HZ3_SHARD_BACKGROUND_H

#include <hz3/types.h>

#ifdef CONFIG_HZ3_BACKGROUND

extern bool heap_background __hidden; /* option; relaxed */

bool background_wake(void) __hidden;
void background_reset_fork(void) __hidden;

#else

static inline bool background_wake(void)
{
	return false;
}

static inline void background_reset_fork(void)
{
}

#endif
#endif
