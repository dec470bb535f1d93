/* SPDX-License-Identifier: MIT */
/* Fixed-width names, and the freestanding headers they come from. */
#ifndef HZ3_TYPES_H
#define HZ3_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <hz3/compiler.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int32_t s32;
typedef int64_t s64;
typedef uintptr_t uptr;

#define static_assert _Static_assert

static_assert(CONFIG_CACHELINE_SHIFT >= 5 && CONFIG_CACHELINE_SHIFT <= 8,
	      "cache lines are 32 to 256 bytes");

#endif
