/* SPDX-License-Identifier: MIT */
/* What a spinning x86_64 core should execute. */
#ifndef ASM_X86_64_CPU_H
#define ASM_X86_64_CPU_H

#ifndef HZ3_ATOMIC_H
#error "Never use <asm/cpu.h> directly; include <hz3/atomic.h> instead."
#endif

static inline void cpu_relax(void)
{
	__asm__ volatile("pause" ::: "memory");
}

#endif
