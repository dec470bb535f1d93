/* SPDX-License-Identifier: MIT */
/*
 * System calls on riscv64, without libc: errno stays untouched (free() must
 * keep it), nobody's interposed mmap() is called, and a library without libc
 * can be built from the same source. A result in -4095..-1 is -errno.
 */
#ifndef ASM_RISCV64_SYSCALL_H
#define ASM_RISCV64_SYSCALL_H

#ifndef HZ3_SYSCALL_H
#error "Never use <asm/syscall.h> directly; include <hz3/syscall.h> instead."
#endif

/* Pages of a kernel, in bytes. */
#define KERNEL_PAGE_MIN 4096UL
#define KERNEL_PAGE_MAX 4096UL

/* clock_gettime(2) in the vDSO. */
#define VDSO_CLOCK_GETTIME "__vdso_clock_gettime"

static inline long syscall6(long nr, long a, long b, long c, long d, long e,
			    long f)
{
	register long a7 __asm__("a7") = nr;
	register long a0 __asm__("a0") = a;
	register long a1 __asm__("a1") = b;
	register long a2 __asm__("a2") = c;
	register long a3 __asm__("a3") = d;
	register long a4 __asm__("a4") = e;
	register long a5 __asm__("a5") = f;

	__asm__ volatile("ecall"
			 : "+r"(a0)
			 : "r"(a7), "r"(a1), "r"(a2), "r"(a3), "r"(a4), "r"(a5)
			 : "memory");
	return a0;
}

/*
 * clone(2), whose child calls @fn, which must not return, on a stack of its
 * own: @stack is the top, aligned to 16.
 */
static inline long syscall_clone(long nr, unsigned long flags, void *stack,
				 u32 *tid, void *tls, void (*fn)(void))
{
	register long a7 __asm__("a7") = nr;
	register long a0 __asm__("a0") = (long)flags;
	register void *a1 __asm__("a1") = stack;
	register long a2 __asm__("a2") = 0;
	register void *a3 __asm__("a3") = tls;
	register u32 *a4 __asm__("a4") = tid;
	register void (*t0)(void) __asm__("t0") = fn;

	__asm__ volatile("ecall\n\t"
			 "bnez a0, 1f\n\t"
			 "mv s0, zero\n\t"
			 "jalr t0\n\t"
			 "ebreak\n"
			 "1:"
			 : "+r"(a0)
			 : "r"(a7), "r"(a1), "r"(a2), "r"(a3), "r"(a4), "r"(t0)
			 : "memory");
	return a0;
}

#endif
