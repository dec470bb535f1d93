/* SPDX-License-Identifier: MIT */
/*
 * System calls on aarch64, without libc: errno stays untouched (free() must
 * keep it), nobody's interposed mmap() is called, and a library without libc
 * can be built from the same source. A result in -4095..-1 is -errno.
 */
#ifndef ASM_AARCH64_SYSCALL_H
#define ASM_AARCH64_SYSCALL_H

#ifndef HZ3_SYSCALL_H
#error "Never use <asm/syscall.h> directly; include <hz3/syscall.h> instead."
#endif

/* Pages of a kernel, in bytes. */
#define KERNEL_PAGE_MIN 4096UL
#define KERNEL_PAGE_MAX 65536UL

/* clock_gettime(2) in the vDSO. */
#define VDSO_CLOCK_GETTIME "__kernel_clock_gettime"

static inline long syscall6(long nr, long a, long b, long c, long d, long e,
			    long f)
{
	register long x8 __asm__("x8") = nr;
	register long x0 __asm__("x0") = a;
	register long x1 __asm__("x1") = b;
	register long x2 __asm__("x2") = c;
	register long x3 __asm__("x3") = d;
	register long x4 __asm__("x4") = e;
	register long x5 __asm__("x5") = f;

	__asm__ volatile("svc 0"
			 : "+r"(x0)
			 : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5)
			 : "memory", "cc");
	return x0;
}

/*
 * clone(2), whose child calls @fn, which must not return, on a stack of its
 * own: @stack is the top, aligned to 16.
 */
static inline long syscall_clone(long nr, unsigned long flags, void *stack,
				 u32 *tid, void *tls, void (*fn)(void))
{
	register long x8 __asm__("x8") = nr;
	register long x0 __asm__("x0") = (long)flags;
	register void *x1 __asm__("x1") = stack;
	register long x2 __asm__("x2") = 0;
	register void *x3 __asm__("x3") = tls;
	register u32 *x4 __asm__("x4") = tid;
	register void (*x9)(void) __asm__("x9") = fn;

	__asm__ volatile("svc 0\n\t"
			 "cbnz x0, 1f\n\t"
			 "mov x29, xzr\n\t"
			 "blr x9\n\t"
			 "brk 1\n"
			 "1:"
			 : "+r"(x0)
			 : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x9)
			 : "memory", "cc");
	return x0;
}

#endif
