/* SPDX-License-Identifier: MIT */
/* What a spinning aarch64 core should execute. */
#ifndef ASM_AARCH64_CPU_H
#define ASM_AARCH64_CPU_H

#ifndef HZ3_ATOMIC_H
#error "Never use <asm/cpu.h> directly; include <hz3/atomic.h> instead."
#endif

static inline void cpu_relax(void)
{
	__asm__ volatile("yield" ::: "memory");
}

#endif
