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

/*
 * Who gives memory in the kernel's place; only @reserve must be there. Those
 * that return an int may refuse with anything but 0. <hz3/embed.h> says what
 * each does.
 */
struct os_provider {
	void *(*reserve)(void *arg, size_t size, size_t align);
	int (*commit)(void *arg, void *addr, size_t size);
	int (*decommit)(void *arg, void *addr, size_t size);
	int (*purge)(void *arg, void *addr, size_t size);
	void (*release)(void *arg, void *addr, size_t size);
	void *arg;
};

int os_provide(const struct os_provider *provider) __hidden __must_check;
bool os_is_provided(void) __hidden;

void *os_reserve(size_t size, size_t align) __hidden __must_check;
int os_commit(void *addr, size_t size) __hidden __must_check;
int os_guard(void *addr, size_t size) __hidden __must_check;
int os_decommit(void *addr, size_t size) __hidden __must_check;
int os_purge(void *addr, size_t size) __hidden;
void *os_map(size_t size) __hidden __must_check;
void *os_map_readonly(size_t size) __hidden __must_check;
void os_unmap(void *addr, size_t size) __hidden;
int os_move(void *from, size_t size, void *to) __hidden __must_check;
void os_set_clock(uptr vdso) __hidden;
u64 os_now_ms(void) __hidden;

/* How far a moment may be ahead of now and not be one of weeks ago. */
#define OS_AHEAD_MS (2U * 60000)

/*
 * Have @ms passed since @then? The 32 bits of os_now_ms() that are kept go
 * round in 50 days, after which nobody may have looked; @then may be ahead,
 * as somebody else's later look, or because it was meant to be.
 */
static inline bool os_have_passed(u32 now, u32 then, u32 ms)
{
	return now - then + OS_AHEAD_MS >= ms + OS_AHEAD_MS;
}

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
