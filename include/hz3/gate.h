/* SPDX-License-Identifier: MIT */
/*
 * The gate: work that fork() must not cut in two, and that holds no lock
 * while the kernel does it.
 *
 * Many may be inside at once. Closing it waits until they have left and keeps
 * others out until it is opened.
 */
#ifndef HZ3_GATE_H
#define HZ3_GATE_H

#include <hz3/types.h>

/* Zero-initialised means open. */
struct gate {
	u32 state; /* GATE_CLOSED and how many are inside; (A), (B): gate.c */
};

#ifdef CONFIG_HZ3_FORK

bool gate_enter(struct gate *g) __hidden __must_check;
bool gate_try_enter(struct gate *g) __hidden __must_check;
void gate_leave(struct gate *g) __hidden;
void gate_close(struct gate *g) __hidden;
void gate_open(struct gate *g) __hidden;

#else

static inline bool gate_enter(struct gate *g)
{
	(void)g;
	return true;
}

static inline bool gate_try_enter(struct gate *g)
{
	(void)g;
	return true;
}

static inline void gate_leave(struct gate *g)
{
	(void)g;
}

#endif

#endif
