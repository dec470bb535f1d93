/* SPDX-License-Identifier: MIT */
/*
 * System calls on x86_64, without libc: errno stays untouched (free() must
 * keep it), nobody's interposed mmap() is called, and a library without libc
 * can be built from the same source. A result in -4095..-1 is -errno.
 */
#ifndef ASM_X86_64_SYSCALL_H
#define ASM_X86_64_SYSCALL_H

#ifndef HZ3_SYSCALL_H
#error "Never use <asm/syscall.h> directly; include <hz3/syscall.h> instead."
#endif

static inline long syscall6(long nr, long a, long b, long c, long d, long e,
			    long f)
{
	long ret;
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	register long r9 __asm__("r9") = f;

	__asm__ volatile("syscall"
			 : "=a"(ret)
			 : "a"(nr), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8),
			   "r"(r9)
			 : "rcx", "r11", "memory");
	return ret;
}

#endif
