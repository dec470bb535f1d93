/* SPDX-License-Identifier: MIT */
/* What a spinning riscv64 hart should execute. */
#ifndef ASM_RISCV64_CPU_H
#define ASM_RISCV64_CPU_H

#ifndef HZ3_ATOMIC_H
#error "Never use <asm/cpu.h> directly; include <hz3/atomic.h> instead."
#endif

/* pause, by its number: old assemblers do not know it, old harts ignore it. */
static inline void cpu_relax(void)
{
	__asm__ volatile(".4byte 0x0100000f" ::: "memory");
}

#endif
