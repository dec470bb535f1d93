/* SPDX-License-Identifier: MIT */
/*
 * Pointers as the program has them. Where the processor ignores the top byte
 * of an address, programs may keep a mark of their own in it; everything below
 * init/ works on plain addresses.
 */
#ifndef HZ3_ADDRESS_H
#define HZ3_ADDRESS_H

#include <hz3/types.h>

#define ADDRESS_MARK_SHIFT 56

/* Every way in that takes a pointer begins with this. */
static __always_inline void *plain_address(const void *ptr)
{
	uptr addr = (uptr)ptr;

	if (IS_ENABLED(CONFIG_ARM64_TBI))
		addr &= ((uptr)1 << ADDRESS_MARK_SHIFT) - 1;
	return (void *)addr;
}

#endif
