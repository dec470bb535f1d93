/* SPDX-License-Identifier: MIT */
/*
 * Atomics on aarch64: the compiler's builtins become LSE instructions,
 * exclusives or calls to libgcc's run-time choice of the two, as arch/aarch64/
 * Makefile asks for.
 */
#ifndef ASM_AARCH64_ATOMIC_H
#define ASM_AARCH64_ATOMIC_H

#ifndef HZ3_ATOMIC_H
#error "Never use <asm/atomic.h> directly; include <hz3/atomic.h> instead."
#endif

#include <asm-generic/atomic.h>

#endif
