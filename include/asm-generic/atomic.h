/* SPDX-License-Identifier: MIT */
/*
 * Atomics on the compiler's builtins. An architecture that knows better
 * defines a name before including this file.
 *
 * ordering_point() is where tests delay a thread, see <hz3/delay.h>.
 */
#ifndef ASM_GENERIC_ATOMIC_H
#define ASM_GENERIC_ATOMIC_H

#ifndef HZ3_ATOMIC_H
#error "Never use <asm/atomic.h> directly; include <hz3/atomic.h> instead."
#endif

#ifndef load_relaxed
#define load_relaxed(p) __atomic_load_n(p, __ATOMIC_RELAXED)
#endif
#ifndef load_acquire
#define load_acquire(p) ordering_point(__atomic_load_n(p, __ATOMIC_ACQUIRE))
#endif
#ifndef store_relaxed
#define store_relaxed(p, v) __atomic_store_n(p, v, __ATOMIC_RELAXED)
#endif
#ifndef store_release
#define store_release(p, v) \
	ordering_point_void(__atomic_store_n(p, v, __ATOMIC_RELEASE))
#endif
#ifndef xchg_acquire
#define xchg_acquire(p, v) \
	ordering_point(__atomic_exchange_n(p, v, __ATOMIC_ACQUIRE))
#endif
#ifndef xchg_acq_rel
#define xchg_acq_rel(p, v) \
	ordering_point(__atomic_exchange_n(p, v, __ATOMIC_ACQ_REL))
#endif
#ifndef xchg_release
#define xchg_release(p, v) \
	ordering_point(__atomic_exchange_n(p, v, __ATOMIC_RELEASE))
#endif

/* On failure *@old receives the value found; returns whether it swapped. */
#ifndef cmpxchg_acquire
#define cmpxchg_acquire(p, old, v)                  \
	ordering_point(__atomic_compare_exchange_n( \
		p, old, v, 0, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
#endif
#ifndef cmpxchg_release
#define cmpxchg_release(p, old, v)                  \
	ordering_point(__atomic_compare_exchange_n( \
		p, old, v, 0, __ATOMIC_RELEASE, __ATOMIC_RELAXED))
#endif
#ifndef cmpxchg_relaxed
#define cmpxchg_relaxed(p, old, v)                  \
	ordering_point(__atomic_compare_exchange_n( \
		p, old, v, 0, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
#endif

#ifndef fetch_add_relaxed
#define fetch_add_relaxed(p, v) \
	ordering_point(__atomic_fetch_add(p, v, __ATOMIC_RELAXED))
#endif
#ifndef fetch_sub_relaxed
#define fetch_sub_relaxed(p, v) \
	ordering_point(__atomic_fetch_sub(p, v, __ATOMIC_RELAXED))
#endif
#ifndef fetch_or_relaxed
#define fetch_or_relaxed(p, v) \
	ordering_point(__atomic_fetch_or(p, v, __ATOMIC_RELAXED))
#endif
#ifndef fetch_or_release
#define fetch_or_release(p, v) \
	ordering_point(__atomic_fetch_or(p, v, __ATOMIC_RELEASE))
#endif
#ifndef fetch_and_acquire
#define fetch_and_acquire(p, v) \
	ordering_point(__atomic_fetch_and(p, v, __ATOMIC_ACQUIRE))
#endif
#ifndef fetch_and_relaxed
#define fetch_and_relaxed(p, v) \
	ordering_point(__atomic_fetch_and(p, v, __ATOMIC_RELAXED))
#endif

#endif
