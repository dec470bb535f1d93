/* SPDX-License-Identifier: MIT */
/*
 * Delays at ordering points, for tests: between an atomic access that orders
 * something and its neighbours, where a race needs another thread to come in,
 * a thread yields, sleeps or spins now and then. Without HZ3_DEBUG_DELAY all
 * of it is nothing.
 *
 * The points are in the wrappers of <hz3/atomic.h>: every access with an
 * ordering and every read-modify-write, hence each end of a lock, of a post
 * to an inbox and of taking one, each step of fork. Relaxed loads and stores
 * are none: the hit paths and hints are made of them.
 *
 * Context: any, with or without locks.
 */
#ifndef HZ3_DELAY_H
#define HZ3_DELAY_H

#include <hz3/types.h>

#ifdef CONFIG_HZ3_DEBUG_DELAY

#define DELAY_SEED  1 /* unless an option says otherwise */
#define DELAY_EVERY 16

/* Options, see init/param.c. Relaxed: read at each point. */
extern u32 debug_delay_seed __hidden;
extern u32 debug_delay_every __hidden; /* one point in so many; 0: none */

/* What a thread does next is a function of the seed and its number. */
struct delay_state {
	u64 rnd;  /* 0: not begun */
	u32 seed; /* the one it began with */
};

/* What a thread does at a point: in this order of cost. */
enum delay_kind {
	DELAY_NONE,
	DELAY_SPIN,
	DELAY_YIELD,
	DELAY_SLEEP,
};

struct delay {
	enum delay_kind kind;
	u32 amount; /* turns of a loop, or microseconds */
};

void delay_begin(struct delay_state *st, u32 seed, u32 number) __hidden;
struct delay delay_next(struct delay_state *st, u32 every) __hidden;

void debug_delay(void) __hidden;

/* An access that is an ordering point, and one without a value. */
#define ordering_point(access)              \
	({                                  \
		__typeof__(access) __value; \
		debug_delay();              \
		__value = (access);         \
		debug_delay();              \
		__value;                    \
	})
#define ordering_point_void(access) \
	({                          \
		debug_delay();      \
		access;             \
		debug_delay();      \
	})

#else

#define ordering_point(access)      access
#define ordering_point_void(access) access

#endif
#endif
