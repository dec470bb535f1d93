/* SPDX-License-Identifier: MIT */
/*
 * What the installed headers say about each function to the compiler.
 */
#ifndef HZ3_API_H
#define HZ3_API_H

#include <stddef.h>

#if defined(__GNUC__) && !defined(HZ3_NO_ATTRIBUTES)
#define HZ3_API           __attribute__((visibility("default")))
#define HZ3_MALLOC(sizes) HZ3_API __attribute__((malloc, alloc_size sizes))
#define HZ3_ALLOC(sizes)  HZ3_API __attribute__((alloc_size sizes))
#elif defined(__GNUC__)
#define HZ3_API           __attribute__((visibility("default")))
#define HZ3_MALLOC(sizes) HZ3_API
#define HZ3_ALLOC(sizes)  HZ3_API
#else
#define HZ3_API
#define HZ3_MALLOC(sizes)
#define HZ3_ALLOC(sizes)
#endif

#ifdef __cplusplus
#define HZ3_NOEXCEPT noexcept
#else
#define HZ3_NOEXCEPT
#endif

#endif
