/* SPDX-License-Identifier: MIT */
/*
 * In place of a C library that is not there: what libc.h gives to the files
 * that are in every configuration. <errno.h> has numbers only.
 */
#ifndef INIT_LIBC_NONE_H
#define INIT_LIBC_NONE_H

#include <errno.h>

#include <hz3/types.h>

/* NULL is all that a caller sees. */
static inline void libc_set_errno(int error)
{
	(void)error;
}

static inline uptr libc_vdso(void)
{
	return 0;
}

static inline bool libc_is_secure(void)
{
	return true;
}

static inline char **libc_environ(void)
{
	return NULL;
}

static inline bool libc_read_file(const char *path, char *buf, size_t size)
{
	(void)path;
	(void)buf;
	(void)size;
	return false;
}

#endif
