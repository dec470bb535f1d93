/* SPDX-License-Identifier: MIT */
/*
 * redis asks for another allocator by its own name, MALLOC=tcmalloc: these are
 * the names that it then uses, see redis.sh.
 */
#ifndef GOOGLE_TCMALLOC_H
#define GOOGLE_TCMALLOC_H

#include <hz3/hz3.h>

/* What redis demands at least, and prints. */
#define TC_VERSION_MAJOR 2
#define TC_VERSION_MINOR hz3

#define tc_malloc      hz3_malloc
#define tc_calloc      hz3_calloc
#define tc_realloc     hz3_realloc
#define tc_free        hz3_free
#define tc_malloc_size hz3_usable_size

#endif
