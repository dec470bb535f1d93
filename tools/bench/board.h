/* SPDX-License-Identifier: MIT */
/*
 * A board where threads exchange objects: what one leaves there, any other
 * takes and frees. Nobody waits, and every exchange gives one for one, so the
 * work is the same however fast the threads are.
 */
#ifndef _TOOLS_BENCH_BOARD_H
#define _TOOLS_BENCH_BOARD_H

#include <stdatomic.h>

#include "program.h"

#define BOARD 512

static _Atomic(void *) board[BOARD];

/* Leaves an object in some place for the one that is there, if any. */
static inline void *exchange(struct worker *w, void *object)
{
	return atomic_exchange(&board[below(&w->rng, BOARD)], object);
}

static inline void clear_board(void)
{
	unsigned int i;

	for (i = 0; i < BOARD; i++)
		drop(atomic_exchange(&board[i], NULL));
}

#endif /* _TOOLS_BENCH_BOARD_H */
