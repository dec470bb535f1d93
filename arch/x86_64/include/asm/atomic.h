/* SPDX-License-Identifier: MIT */
/*
 * Atomics on x86_64: the compiler's builtins become plain moves and locked
 * instructions; there is nothing to improve on.
 */
#ifndef ASM_X86_64_ATOMIC_H
#define ASM_X86_64_ATOMIC_H

#ifndef HZ3_ATOMIC_H
#error "Never use <asm/atomic.h> directly; include <hz3/atomic.h> instead."
#endif

#include <asm-generic/atomic.h>

#endif
