// SPDX-License-Identifier: MIT
/*
 * The one thread of our own; see <hz3/task.h>.
 *
 * What it needs is in .bss, and used again by the next one: a stack, and a
 * block for the thread pointer, which must be readable at its own address and
 * a little further (compilers keep a stack guard there). The kernel sets @tid
 * to 0 when it has left the stack for good.
 *
 * Ordering: none but the kernel's; whoever starts and what is run order what
 * they share themselves.
 */
#include <sys/syscall.h>

#include <hz3/atomic.h>
#include <hz3/syscall.h>
#include <hz3/task.h>

#define STACK_BYTES (32UL << 10)

/* Of the kernel's headers, which are not there with every C library. */
#define FUTEX_WAIT           0 /* shared: the kernel wakes without PRIVATE */
#define CLONE_VM             0x00000100
#define CLONE_FS             0x00000200
#define CLONE_FILES          0x00000400
#define CLONE_SIGHAND        0x00000800
#define CLONE_THREAD         0x00010000
#define CLONE_SYSVSEM        0x00040000
#define CLONE_SETTLS         0x00080000
#define CLONE_CHILD_CLEARTID 0x00200000
#define CLONE_CHILD_SETTID   0x01000000
#define THREAD_FLAGS                                                        \
	(CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | \
	 CLONE_SYSVSEM | CLONE_SETTLS | CLONE_CHILD_SETTID |                \
	 CLONE_CHILD_CLEARTID)

#define SIGNAL_SETMASK      2 /* SIG_SETMASK */
#define KERNEL_SIGSET_BYTES 8
#define SET_NAME            15 /* PR_SET_NAME */

#define TID_STARTING 1 /* any number but 0: not yet known */

static u32 tid; /* 0: it does not exist, and the stack is free; the kernel's */
static void (*run)(void);
static u8 stack[STACK_BYTES] __aligned(16);
static uptr thread_block[64] __aligned(64);

static void __noreturn task_main(void)
{
	syscall6(SYS_prctl, SET_NAME, (long)"hz3", 0, 0, 0, 0);
	run();
	for (;;)
		syscall6(SYS_exit, 0, 0, 0, 0, 0, 0);
}

/* All signals, which the new thread inherits; returns those of before. */
static u64 set_signals(u64 mask)
{
	u64 old = 0;

	syscall6(SYS_rt_sigprocmask, SIGNAL_SETMASK, (long)&mask, (long)&old,
		 KERNEL_SIGSET_BYTES, 0, 0);
	return old;
}

/**
 * task_start() - start the thread
 * @fn: what it runs; it ends when that returns
 *
 * Waits for one that was started before and is on the way out; the caller
 * knows that it is.
 *
 * Context: may sleep; one caller at a time.
 * Return: false when the kernel refuses.
 */
bool task_start(void (*fn)(void))
{
	u32 old;
	u64 mask;
	long ret;

	while ((old = load_relaxed(&tid)) != 0)
		syscall6(SYS_futex, (long)&tid, FUTEX_WAIT, old, 0, 0, 0);
	run = fn;
	/* The ABI keeps the thread pointer at its own address. */
	thread_block[0] = (uptr)thread_block;
	store_relaxed(&tid, (u32)TID_STARTING);
	mask = set_signals(~0ULL);
	ret = syscall_clone(SYS_clone, THREAD_FLAGS, stack + sizeof(stack),
			    &tid, thread_block, task_main);
	set_signals(mask);
	if (syscall_failed(ret))
		store_relaxed(&tid, 0U);
	return !syscall_failed(ret);
}

/**
 * task_sleep() - let time pass
 * @ms: how long
 */
void task_sleep(u32 ms)
{
	/* As struct timespec of the kernel's interface. */
	long time[2] = { ms / 1000, (long)(ms % 1000) * 1000000 };

	syscall6(SYS_nanosleep, (long)time, 0, 0, 0, 0, 0);
}

/**
 * task_reset() - in a forked child, where it does not exist
 */
void task_reset(void)
{
	store_relaxed(&tid, 0U);
}
