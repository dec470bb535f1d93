// SPDX-License-Identifier: MIT
/* Planted bugs for libc/errno.cocci; never compiled. */

static void *bad_set(void)
{
	errno = ENOMEM;
	return NULL;
}

static int bad_read(void)
{
	return -errno;
}

static int bad_address(void)
{
	return *__errno_location();
}

static int good(void)
{
	return -ENOMEM;
}
