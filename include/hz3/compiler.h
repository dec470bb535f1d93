/* SPDX-License-Identifier: MIT */
/* Small helpers every file may use; no types, no state. */
#ifndef HZ3_COMPILER_H
#define HZ3_COMPILER_H

#include <hz3/compiler_types.h>

#define likely(x)   __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

#define container_of(ptr, type, member) \
	((type *)(void *)((char *)(ptr)-offsetof(type, member)))

#define min(a, b)                       \
	({                              \
		__typeof__(a) _a = (a); \
		__typeof__(b) _b = (b); \
		_a < _b ? _a : _b;      \
	})
#define max(a, b)                       \
	({                              \
		__typeof__(a) _a = (a); \
		__typeof__(b) _b = (b); \
		_a > _b ? _a : _b;      \
	})
#define clamp(x, lo, hi)                           \
	({                                         \
		__typeof__(x) _x = (x);            \
		__typeof__(x) _lo = (lo);          \
		__typeof__(x) _hi = (hi);          \
		_x<_lo ? _lo : _x> _hi ? _hi : _x; \
	})

/* Cold data is fetched while the loop works on something else. */
#define prefetch(p)  __builtin_prefetch(p)
#define prefetchw(p) __builtin_prefetch(p, 1)

#endif
