/* SPDX-License-Identifier: MIT */
/* Who am I, on riscv64: a value that no other living thread has. */
#ifndef ASM_RISCV64_TLS_H
#define ASM_RISCV64_TLS_H

#ifndef HZ3_TLS_H
#error "Never use <asm/tls.h> directly; include <hz3/tls.h> instead."
#endif

/* A register of the ABI is the thread pointer. */
static inline uptr thread_pointer(void)
{
	uptr tp;

	__asm__("mv %0, tp" : "=r"(tp));
	return tp;
}

#endif
