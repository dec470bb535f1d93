/* SPDX-License-Identifier: MIT */
/* Who am I, on x86_64: a value that no other living thread has. */
#ifndef ASM_X86_64_TLS_H
#define ASM_X86_64_TLS_H

#ifndef HZ3_TLS_H
#error "Never use <asm/tls.h> directly; include <hz3/tls.h> instead."
#endif

/* The ABI keeps the thread pointer at its own address. */
static inline uptr thread_pointer(void)
{
	uptr tp;

	__asm__("mov %%fs:0, %0" : "=r"(tp));
	return tp;
}

#endif
