/* SPDX-License-Identifier: MIT */
/*
 * A bounded queue of pointers with one reader, and one writer or many.
 *
 * Each cell's turn says whose it is: equal to the position, the writer may
 * fill it; one more, the reader may empty it; then it is set to the position
 * of the next round. Each store of a turn releases what was done to the cell
 * and pairs with the acquiring load of the other side. A single writer needs
 * no compare-and-swap.
 */
#ifndef _TOOLS_BENCH_RING_H
#define _TOOLS_BENCH_RING_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bench.h"

struct cell {
	_Atomic(size_t) turn;
	void *ptr;
};

struct ring {
	_Alignas(CACHE_LINE) _Atomic(size_t) tail; /* next to fill */
	_Alignas(CACHE_LINE) size_t head;          /* next to empty, reader's */
	struct cell *cells;
	size_t mask;
	bool many_writers;
};

/* Room for this many pointers, rounded up to a power of two. */
static inline void ring_init(struct ring *r, size_t slots, bool many_writers)
{
	size_t cells = 1;
	size_t i;

	while (cells < slots)
		cells *= 2;
	r->mask = cells - 1;
	r->many_writers = many_writers;
	r->cells = map(cells * sizeof(*r->cells));
	for (i = 0; i < cells; i++)
		atomic_init(&r->cells[i].turn, i);
}

/* Returns false when the ring is full. */
static inline bool ring_push(struct ring *r, void *ptr)
{
	size_t pos = atomic_load_explicit(&r->tail, memory_order_relaxed);
	struct cell *c;
	size_t turn;

	for (;;) {
		c = &r->cells[pos & r->mask];
		turn = atomic_load_explicit(&c->turn, memory_order_acquire);
		if (turn == pos) {
			if (!r->many_writers) {
				atomic_store_explicit(&r->tail, pos + 1,
						      memory_order_relaxed);
				break;
			}
			if (atomic_compare_exchange_weak_explicit(
				    &r->tail, &pos, pos + 1,
				    memory_order_relaxed, memory_order_relaxed))
				break;
		} else if ((intptr_t)(turn - pos) < 0) {
			return false;
		} else {
			pos = atomic_load_explicit(&r->tail,
						   memory_order_relaxed);
		}
	}
	c->ptr = ptr;
	atomic_store_explicit(&c->turn, pos + 1, memory_order_release);
	return true;
}

/* Returns NULL when the ring is empty. */
static inline void *ring_pop(struct ring *r)
{
	size_t pos = r->head;
	struct cell *c = &r->cells[pos & r->mask];
	void *ptr;

	if (atomic_load_explicit(&c->turn, memory_order_acquire) != pos + 1)
		return NULL;
	ptr = c->ptr;
	r->head = pos + 1;
	atomic_store_explicit(&c->turn, pos + r->mask + 1,
			      memory_order_release);
	return ptr;
}

#endif /* _TOOLS_BENCH_RING_H */
