/* SPDX-License-Identifier: MIT */
/* Rounding to powers of two. */
#ifndef HZ3_ALIGN_H
#define HZ3_ALIGN_H

#include <hz3/types.h>

#define ALIGN_UP(x, a)     (((x) + ((a)-1)) & ~((__typeof__(x))(a)-1))
#define ALIGN_DOWN(x, a)   ((x) & ~((__typeof__(x))(a)-1))
#define IS_ALIGNED(x, a)   (((x) & ((__typeof__(x))(a)-1)) == 0)
#define DIV_ROUND_UP(n, d) (((n) + (d)-1) / (d))

static inline bool is_power_of_2(size_t n)
{
	return n && !(n & (n - 1));
}

#endif
