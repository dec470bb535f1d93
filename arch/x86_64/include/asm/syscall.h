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

/* Pages of a kernel, in bytes. */
#define KERNEL_PAGE_MIN 4096UL
#define KERNEL_PAGE_MAX 4096UL

/* clock_gettime(2) in the vDSO. */
#define VDSO_CLOCK_GETTIME "__vdso_clock_gettime"

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

/*
 * clone(2), whose child calls @fn, which must not return, on a stack of its
 * own: @stack is the top, aligned to 16.
 */
static inline long syscall_clone(long nr, unsigned long flags, void *stack,
				 u32 *tid, void *tls, void (*fn)(void))
{
	long ret;
	register u32 *r10 __asm__("r10") = tid;
	register void *r8 __asm__("r8") = tls;

	__asm__ volatile("syscall\n\t"
			 "testq %%rax, %%rax\n\t"
			 "jnz 1f\n\t"
			 "xorl %%ebp, %%ebp\n\t"
			 "callq *%[fn]\n\t"
			 "ud2\n"
			 "1:"
			 : "=a"(ret)
			 : "a"(nr), "D"(flags), "S"(stack), "d"(0L), "r"(r10),
			   "r"(r8), [fn] "b"(fn)
			 : "rcx", "r11", "memory", "cc");
	return ret;
}

#endif
