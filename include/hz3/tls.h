/* SPDX-License-Identifier: MIT */
/*
 * The one thread pointer. All state of a thread lies in pages of our own;
 * static TLS holds 8 bytes (or none, with a pthread key).
 *
 * Which model is a Kconfig choice: initial-exec is one load from the TLS
 * block and works for preloading and linking, and in dlopen() as long as 8
 * bytes of surplus static TLS are left; TLSDESC costs a call and always works;
 * a pthread key is for systems without __thread. With none, threads have no
 * state and contexts are handed in.
 */
#ifndef HZ3_TLS_H
#define HZ3_TLS_H

#include <hz3/types.h>

#include <asm/tls.h>

struct thread;

/* What a thread has before it is attached: empty and full at once. */
extern const struct thread thread_unattached __hidden;

/* What it has when it can have no caches, or not any more. */
extern const struct thread thread_direct __hidden;

#if defined(CONFIG_TLS_PTHREAD_KEY) || defined(CONFIG_TLS_NONE)

/* init/tls_key.c, init/tls_none.c */
struct thread *__thread_get(void) __hidden;
void __thread_set(struct thread *t) __hidden;

static __always_inline struct thread *thread_current(void)
{
	return __thread_get();
}

static inline void thread_set_current(struct thread *t)
{
	__thread_set(t);
}

#else

#ifdef CONFIG_TLS_INITIAL_EXEC
extern __thread struct thread *hz3_thread __hidden __tls_initial_exec;
#else
extern __thread struct thread *hz3_thread __hidden;
#endif

static __always_inline struct thread *thread_current(void)
{
	return hz3_thread;
}

static inline void thread_set_current(struct thread *t)
{
	hz3_thread = t;
}

#endif
#endif
