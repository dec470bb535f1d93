/* SPDX-License-Identifier: MIT */
/*
 * What stash_test.c has to know of the form of stash that is built:
 * stash_sparse_room.c or stash_dense_room.c.
 */
#ifndef REMOTE_TESTS_INTERNAL_H
#define REMOTE_TESTS_INTERNAL_H

#include <hz3/remote/stash.h>

/* How many objects of one bin and destination fit in when nothing else does. */
u32 room_alone(const struct dispatch *d, u32 bin) __hidden;

/* And when every other bin and destination is full as well. */
u32 room(const struct dispatch *d, u32 bin) __hidden;

/* The most bytes that are held for @nr_dst destinations. */
size_t bytes_max(const struct dispatch *d, u32 nr_dst) __hidden;

bool hint_is_clear(const struct stash *st) __hidden;

/* Where an object for shard 1 would go, if that is a magazine. */
struct magazine *in_the_way(const struct stash *st, u8 bin) __hidden;

#endif
