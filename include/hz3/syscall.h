/* SPDX-License-Identifier: MIT */
/*
 * The kernel, called directly. Only mm/os.c (memory), mm/clock.c (time, without
 * a C library) and lib/ (futex, write) make system calls; everybody else calls
 * them.
 */
#ifndef HZ3_SYSCALL_H
#define HZ3_SYSCALL_H

#include <hz3/types.h>

#include <asm/syscall.h>

/* The kernel's convention: the top 4095 values are negated error numbers. */
static inline bool syscall_failed(long ret)
{
	return (unsigned long)ret > -4096UL;
}

#endif
