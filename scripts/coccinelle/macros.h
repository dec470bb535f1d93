/* SPDX-License-Identifier: MIT */
/*
 * What spatch must know about our macros: an annotation it cannot parse makes
 * it drop the whole function without a word. Not compiled by anything.
 */
#define __force
#define __bitwise
#define __remote
#define __private
#define __acquires(x)
#define __releases(x)
#define __must_hold(x)
#define __try_acquires(r, x)
#define __capability(x)
#define __no_context_analysis
#define __always_inline inline
#define __noinline
#define __cold
#define __hot
#define __must_check
#define __hidden
#define __public
#define __noreturn
#define __maybe_unused
#define __used
#define __aligned(x)
#define __section(x)
#define __alias(x)
#define __weak
#define __constructor(prio)
#define __destructor(prio)
#define __cacheline_aligned
#define __printf(a, b)
#define __fallthrough
#define __tls_initial_exec
#define __nosanitize_thread
