/* SPDX-License-Identifier: MIT */
/*
 * What the files of init/ share: the names we export, and each other.
 *
 * One piece of code may have many names: malloc and hz3_malloc are the same
 * address. The code is named hz3_x; libc_alias() adds the C library's name in
 * builds that replace it.
 */
#ifndef INIT_INTERNAL_H
#define INIT_INTERNAL_H

/* The attributes are for callers; the code that makes them true has none. */
#define HZ3_NO_ATTRIBUTES
#include <hz3/embed.h>
#include <hz3/hz3.h>
#include <hz3/shard/heap.h>

#ifdef CONFIG_HZ3_OVERRIDE_LIBC
#define libc_alias(name, target) \
	extern __typeof__(target) name __public __alias(#target)
#else
#define libc_alias(name, target) static_assert(1, #name " is libc's")
#endif

/* malloc.c: the out-of-line ends, which know about errno. */
void *init_no_memory(void) __hidden __cold;
void *init_bad_align(void) __hidden __cold;

/*
 * As much of a struct of figures as the program knows of it. Both begin with
 * their size; the program's was set by itself.
 */
static inline void copy_figures(void *to, void *from, size_t size)
{
	unsigned int *known = to;
	unsigned int *filled = from;

	*filled = *known < size ? *known : (unsigned int)size;
	__builtin_memcpy(to, from, *filled);
}

/* param.c: options from the environment. */
struct init_params {
	bool confirm_conf; /* print all options and the configuration */
	bool abort_conf;   /* an unknown option is fatal */
	bool stats_print;  /* print figures at exit */
	bool limit_cgroup; /* see cgroup.c */
};
extern struct init_params init_params __hidden;
void param_init(void) __hidden;
void param_print(void) __hidden;
void param_hint(int which, const char *value) __hidden;

/* cgroup.c: lower the limits to those of the control group. */
void cgroup_init(void) __hidden;

/* hooks.c */
bool hook_out_of_memory(size_t size) __hidden __cold;
void hook_setup(void) __hidden;

/* stats.c: figures for people, on @fd. */
void stats_print(int fd) __hidden;
size_t stats_in_use(const struct heap_stats *st) __hidden;

/* key.c: the pthread key, by its number + 1; 0: none. */
u32 key_get(void) __hidden;
u32 key_make(void (*destroy)(void *)) __hidden;

/* thread.c, fork.c, foreign.c: called by the constructor and on demand. */
void thread_init(void) __hidden;
void thread_attached(void) __hidden;
void fork_init(void) __hidden;
void foreign_init(void) __hidden;
bool foreign_free(void *ptr) __hidden;
void *foreign_realloc(void *ptr, size_t size) __hidden;
size_t foreign_usable_size(const void *ptr) __hidden;

#endif
