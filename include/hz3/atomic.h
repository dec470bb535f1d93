/* SPDX-License-Identifier: MIT */
/*
 * Atomic accesses, with the ordering in the name.
 *
 * There is deliberately no sequentially consistent variant and no bare
 * barrier: every ordered access names, in a comment where it is made, the
 * access it pairs with. What the names mean is the C11 memory model; how the
 * CPU does it is <asm/atomic.h>.
 */
#ifndef HZ3_ATOMIC_H
#define HZ3_ATOMIC_H

#include <hz3/delay.h>
#include <hz3/types.h>

#include <asm/atomic.h>

/* Spin-wait hint; see <asm/cpu.h>. */
#include <asm/cpu.h>

#endif
