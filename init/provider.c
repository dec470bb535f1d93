// SPDX-License-Identifier: MIT
/*
 * Where memory comes from when that is not the kernel: see <hz3/embed.h>. The
 * program's table is copied; mm/os.c asks it where it would ask the kernel.
 */
#include <hz3/mm/os.h>
#include <hz3/mm/region.h>

#include "internal.h"
#include "libc.h"

/**
 * hz3_set_page_provider() - see <hz3/embed.h>
 * @ops: the operations, copied
 * @arg: handed to each of them
 *
 * Return: 0, EINVAL or EBUSY.
 */
int hz3_set_page_provider(const struct hz3_page_ops *ops, void *arg)
{
	struct hz3_page_ops known = { .size = 0 };
	struct os_provider provider;

	if (ops->size > sizeof(known))
		return EINVAL; /* it could mean what we do not know */
	__builtin_memcpy(&known, ops, ops->size);
	if (!known.reserve)
		return EINVAL;
	provider = (struct os_provider){
		.reserve = known.reserve,
		.commit = known.commit,
		.decommit = known.decommit,
		.purge = known.purge,
		.release = known.release,
		.arg = arg,
	};
	return -os_provide(&provider);
}

/**
 * hz3_set_page_region() - see <hz3/embed.h>
 * @start: the region's first byte
 * @size: its length
 *
 * Return: 0, EINVAL or EBUSY.
 */
int hz3_set_page_region(void *start, size_t size)
{
	return -region_provide(start, size);
}
