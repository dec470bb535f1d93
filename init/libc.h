/* SPDX-License-Identifier: MIT */
/*
 * Every call we make into the C library, in one place. Whoever ports hz3 to
 * another one reads this file; whoever looks for a way the allocator could
 * call itself, too: the comment says which of them may allocate.
 *
 * stdlib.h and malloc.h stay out: their prototypes carry attributes that hold
 * for callers of malloc, not for its author.
 */
#ifndef INIT_LIBC_H
#define INIT_LIBC_H

#ifdef CONFIG_HZ3_LIBC

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/auxv.h>
#include <unistd.h>

#include <hz3/types.h>

/*
 * In a static program, or with a C library that lacks them, these may be
 * missing; then they are NULL.
 */
#pragma weak dlsym
#pragma weak __cxa_thread_atexit_impl
int __cxa_thread_atexit_impl(void (*dtor)(void *), void *obj, void *dso);
extern void *__dso_handle __hidden;

static inline void libc_set_errno(int error)
{
	errno = error;
}

/* Never allocates: reads what the kernel left behind our stack. */
static inline size_t libc_page_size(void)
{
	return getauxval(AT_PAGESZ);
}

/* What the kernel maps into each process, or 0. Without it errno would tell. */
static inline uptr libc_vdso(void)
{
	int error = errno;
	uptr base = getauxval(AT_SYSINFO_EHDR);

	errno = error;
	return base;
}

/* Did the program gain privileges by being started? */
static inline bool libc_is_secure(void)
{
	return getauxval(AT_SECURE) != 0;
}

/* Set by the time constructors run, NULL or old before. */
static inline char **libc_environ(void)
{
	return environ;
}

/* The beginning of a file, into a @buf of zeros. Never allocates. */
static inline bool libc_read_file(const char *path, char *buf, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t len = fd < 0 ? -1 : read(fd, buf, size);

	if (fd >= 0)
		close(fd);
	return len > 0;
}

/* The same name in a library behind ours; may allocate, and free. */
static inline void *libc_next_symbol(const char *name)
{
	return dlsym ? dlsym(RTLD_NEXT, name) : NULL;
}

/*
 * A name in a library that was loaded later, and perhaps for itself only, so
 * that our own references cannot see it; may allocate, and free. The handle is
 * kept: code of that library is about to run. dlopen() itself is looked up as
 * well, because the linker warns of a static program that refers to it.
 */
static inline void *libc_loaded_symbol(const char *library, const char *name)
{
	void *(*open)(const char *library, int flags);
	void *handle;

	if (!dlsym)
		return NULL;
	open = dlsym(RTLD_DEFAULT, "dlopen");
	handle = open ? open(library, RTLD_LAZY | RTLD_NOLOAD) : NULL;
	return handle ? dlsym(handle, name) : NULL;
}

/* Tells threads apart; never 0. */
static inline u32 libc_thread_id(void)
{
	return (u32)gettid();
}

/* Never allocates. */
static inline int libc_key_create(pthread_key_t *key, void (*destroy)(void *))
{
	return pthread_key_create(key, destroy);
}

/* May allocate, for a key number above 31, once per thread. */
static inline int libc_key_set(pthread_key_t key, const void *value)
{
	return pthread_setspecific(key, value);
}

/* Never allocates. */
static inline void *libc_key_get(pthread_key_t key)
{
	return pthread_getspecific(key);
}

/* Never allocates. */
static inline void libc_key_delete(pthread_key_t key)
{
	pthread_key_delete(key);
}

/* Allocates. For when there is no key left: runs before the keys' turn. */
static inline int libc_at_thread_exit(void (*destroy)(void *))
{
	if (!__cxa_thread_atexit_impl)
		return -ENOSYS;
	return __cxa_thread_atexit_impl(destroy, NULL, &__dso_handle);
}

/* May allocate, when very many handlers are registered. */
static inline int libc_at_fork(void (*prepare)(void), void (*parent)(void),
			       void (*child)(void))
{
	return pthread_atfork(prepare, parent, child);
}

/* May allocate the stream's buffer. */
static inline bool libc_fputs(const char *text, FILE *fp)
{
	return fputs(text, fp) >= 0;
}

#else
#include "libc_none.h"
#endif
#endif
