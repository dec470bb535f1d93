/* SPDX-License-Identifier: MIT */
/*
 * Attributes and annotations, in one place.
 *
 * The same words feed three tools: sparse (contexts and address spaces),
 * clang's -Wthread-safety (capabilities) and plain gcc (nothing). Code outside
 * this file and arch/ never spells __attribute__, because Coccinelle loses a
 * function whose return type is preceded by one.
 */
#ifndef HZ3_COMPILER_TYPES_H
#define HZ3_COMPILER_TYPES_H

#ifdef __CHECKER__
#define __force   __attribute__((force))
#define __bitwise __attribute__((bitwise))
/* A block owned by another shard: may be carried, never dereferenced. */
#define __remote       __attribute__((noderef, address_space(__remote)))
#define __acquires(x)  __attribute__((context(x, 0, 1)))
#define __releases(x)  __attribute__((context(x, 1, 0)))
#define __must_hold(x) __attribute__((context(x, 1, 1)))
#define __acquire(x)   __context__(x, 1)
#define __release(x)   __context__(x, -1)
#define __try_acquires(r, x)
#define __capability(x)
#define __no_context_analysis
#elif defined(__clang__)
#define __force
#define __bitwise
#define __remote
#define __acquires(x)         __attribute__((acquire_capability(x)))
#define __releases(x)         __attribute__((release_capability(x)))
#define __must_hold(x)        __attribute__((requires_capability(x)))
#define __acquire(x)          ((void)0)
#define __release(x)          ((void)0)
#define __try_acquires(r, x)  __attribute__((try_acquire_capability(r, x)))
#define __capability(x)       __attribute__((capability(x)))
#define __no_context_analysis __attribute__((no_thread_safety_analysis))
#else
#define __force
#define __bitwise
#define __remote
#define __acquires(x)
#define __releases(x)
#define __must_hold(x)
#define __acquire(x) ((void)0)
#define __release(x) ((void)0)
#define __try_acquires(r, x)
#define __capability(x)
#define __no_context_analysis
#endif

#undef __always_inline /* glibc has one that lacks "inline" in C++ */
#define __always_inline     inline __attribute__((always_inline))
#define __noinline          __attribute__((noinline))
#define __cold              __attribute__((cold, noinline))
#define __hot               __attribute__((hot))
#define __must_check        __attribute__((warn_unused_result))
#define __hidden            __attribute__((visibility("hidden")))
#define __public            __attribute__((visibility("default")))
#define __noreturn          __attribute__((noreturn))
#define __maybe_unused      __attribute__((unused))
#define __used              __attribute__((used))
#define __aligned(x)        __attribute__((aligned(x)))
#define __section(x)        __attribute__((section(x)))
#define __alias(x)          __attribute__((alias(x)))
#define __weak              __attribute__((weak))
#define __constructor(prio) __attribute__((constructor(prio)))
#define __destructor(prio)  __attribute__((destructor(prio)))
#define __cacheline_aligned __aligned(1 << CONFIG_CACHELINE_SHIFT)
#define __printf(a, b)      __attribute__((format(printf, a, b)))
#define __fallthrough       __attribute__((fallthrough))
#define __tls_initial_exec  __attribute__((tls_model("initial-exec")))
/*
 * A caller's view of an allocation function; a definition of malloc itself
 * must not carry it, or the compiler may assume too much inside it.
 */
#define __nosanitize_thread __attribute__((no_sanitize("thread")))

#endif
