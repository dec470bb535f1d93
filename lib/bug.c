// SPDX-License-Identifier: MIT
/*
 * The end: one line on fd 2, then SIGABRT. See <hz3/bug.h>.
 *
 * Everything is a raw system call. The heap is not to be trusted any more, we
 * may hold locks, and abort(3) takes one of its own. What the program sees is
 * what abort() would do: its handler for SIGABRT runs if it has one, and when
 * that returns, the default action ends the process.
 */
#include <sys/syscall.h>

#include <hz3/atomic.h>
#include <hz3/bug.h>
#include <hz3/lib/fmt.h>
#include <hz3/syscall.h>

#define SIGNAL_ABORT        6
#define SIGNAL_UNBLOCK      1 /* SIG_UNBLOCK */
#define KERNEL_SIGSET_BYTES 8

/*
 * The kernel's struct sigaction: handler, flags, restorer where there is one,
 * mask. All zero is the default action; a little too long does no harm.
 */
static const unsigned long default_action[8];

static void raise_abort(void)
{
	long pid = syscall6(SYS_getpid, 0, 0, 0, 0, 0, 0);
	long tid = syscall6(SYS_gettid, 0, 0, 0, 0, 0, 0);

	syscall6(SYS_tgkill, pid, tid, SIGNAL_ABORT, 0, 0, 0);
}

static void __noreturn die(void)
{
	u64 mask = 1ULL << (SIGNAL_ABORT - 1);

	syscall6(SYS_rt_sigprocmask, SIGNAL_UNBLOCK, (long)&mask, 0,
		 KERNEL_SIGSET_BYTES, 0, 0);
	raise_abort();
	/* Ignored, or its handler came back. */
	syscall6(SYS_rt_sigaction, SIGNAL_ABORT, (long)default_action, 0,
		 KERNEL_SIGSET_BYTES, 0, 0);
	raise_abort();
	__builtin_trap();
}

void (*bug_hook)(const char *reason, const void *ptr);

/* Whoever errs in the hook, or beside it, gets the line. */
static bool told_hook(const char *reason, const void *ptr)
{
	/* (B) pairs with (A) in init/hooks.c */
	void (*hook)(const char *, const void *) = load_acquire(&bug_hook);

	if (!hook)
		return false;
	store_relaxed(&bug_hook, NULL);
	hook(reason, ptr);
	return true;
}

/*
 * The line, in one piece. Made without a format: that is the larger part of
 * fmt.c, and a program that embeds us may have no other use for it.
 */
static void __noreturn say_and_die(struct fmt_sink *line)
{
	line->buf[line->len++] = '\n';
	fmt_write(FMT_STDERR, line->buf, line->len);
	die();
}

/**
 * hz3_fatal() - stop because of what the program did
 * @reason: what is wrong, in a few words
 * @ptr: the pointer it is wrong with, or NULL
 *
 * Context: any, also with locks held.
 */
void hz3_fatal(const char *reason, const void *ptr)
{
	char text[FMT_LINE_MAX];
	struct fmt_sink line = { .buf = text, .size = sizeof(text) };

	if (told_hook(reason, ptr))
		die();
	fmt_string(&line, "hz3: ", 0);
	fmt_string(&line, reason, 0);
	if (ptr)
		fmt_number(&line, (uptr)ptr, 16, ": 0x", 0);
	say_and_die(&line);
}

/**
 * __bug() - stop because of what we did
 * @what: the condition that must not hold
 * @file: where it was found
 * @lineno: and in which line
 *
 * Context: any, also with locks held.
 */
void __bug(const char *what, const char *file, int lineno)
{
	char text[FMT_LINE_MAX];
	struct fmt_sink line = { .buf = text, .size = sizeof(text) };

	if (told_hook(what, NULL))
		die();
	fmt_string(&line, "hz3: BUG: ", 0);
	fmt_string(&line, what, 0);
	fmt_string(&line, " at ", 0);
	fmt_string(&line, file, 0);
	fmt_number(&line, (u64)lineno, 10, ":", 0);
	say_and_die(&line);
}
