/* SPDX-License-Identifier: MIT */
/*
 * What we ask of the operating system. Every call may fail and every caller
 * handles it; in a CONFIG_HZ3_FAULT_INJECTION build the tests make each fail.
 */
#ifndef HZ3_MM_OS_H
#define HZ3_MM_OS_H

#include <hz3/types.h>

/* Set once by os_boot(): 4, 16 or 64 KiB, whatever the kernel runs with. */
extern size_t os_page_size __hidden;

void os_boot(void) __hidden;

void *os_reserve(size_t size, size_t align) __hidden __must_check;
int os_commit(void *addr, size_t size) __hidden __must_check;
int os_guard(void *addr, size_t size) __hidden __must_check;
int os_decommit(void *addr, size_t size) __hidden __must_check;
int os_purge(void *addr, size_t size) __hidden;
void *os_map(size_t size) __hidden __must_check;
void *os_map_readonly(size_t size) __hidden __must_check;
void os_unmap(void *addr, size_t size) __hidden;
int os_move(void *from, size_t size, void *to) __hidden __must_check;
u64 os_now_ms(void) __hidden;

#ifdef CONFIG_HZ3_FAULT_INJECTION

bool os_should_fail(void) __hidden;
unsigned long os_fail_nth(unsigned long nth, bool sticky) __hidden;

#else

static inline bool os_should_fail(void)
{
	return false;
}

static inline unsigned long os_fail_nth(unsigned long nth, bool sticky)
{
	(void)nth;
	(void)sticky;
	return 0;
}

#endif

#endif
