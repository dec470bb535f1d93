// SPDX-License-Identifier: MIT
/* The bank: a magazine for each destination and bin. */
#include "internal.h"

u32 room_alone(const struct dispatch *d, u32 bin)
{
	return d->cap(bin);
}

u32 room(const struct dispatch *d, u32 bin)
{
	return d->cap(bin);
}

size_t bytes_max(const struct dispatch *d, u32 nr_dst)
{
	size_t sum = 0;
	u32 bin;

	for (bin = 0; bin < NR_BINS; bin++)
		sum += d->cap(bin) * d->size(bin);
	return nr_dst * sum;
}

bool hint_is_clear(const struct stash *st)
{
	return !stash_pending(st) && !st->hint;
}

struct magazine *in_the_way(const struct stash *st, u8 bin)
{
	return st->bank[0][bin];
}
