/* SPDX-License-Identifier: MIT */
/* Who am I, on aarch64: a value that no other living thread has. */
#ifndef ASM_AARCH64_TLS_H
#define ASM_AARCH64_TLS_H

#ifndef HZ3_TLS_H
#error "Never use <asm/tls.h> directly; include <hz3/tls.h> instead."
#endif

/* TPIDR_EL0 is the thread pointer. */
static inline uptr thread_pointer(void)
{
	uptr tp;

	__asm__("mrs %0, tpidr_el0" : "=r"(tp));
	return tp;
}

#endif
