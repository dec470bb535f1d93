/* SPDX-License-Identifier: MIT */
/*
 * Atomics on riscv64: the compiler's builtins become amo*, or lr and sc, with
 * fences; there is nothing to improve on.
 */
#ifndef ASM_RISCV64_ATOMIC_H
#define ASM_RISCV64_ATOMIC_H

#ifndef HZ3_ATOMIC_H
#error "Never use <asm/atomic.h> directly; include <hz3/atomic.h> instead."
#endif

#include <asm-generic/atomic.h>

#endif
