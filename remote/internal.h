/* SPDX-License-Identifier: MIT */
/*
 * A message: objects of any bins for one destination, put together in a
 * magazine and posted when it is full. Both forms of the stash send by it.
 */
#ifndef REMOTE_INTERNAL_H
#define REMOTE_INTERNAL_H

#include <hz3/remote/stash.h>

/* A message of big objects is sent before it is full. */
#define MESSAGE_BYTES_MAX (128UL << 10)

struct message {
	struct dispatch *d;
	struct magazine *m; /* NULL: nothing in it */
	size_t bytes;       /* of the objects in it */
	size_t size;        /* of the last one */
	u8 bin;             /* of the last one */
	u8 dst;
};

void message_send(struct message *msg) __hidden;
bool message_begin(struct message *msg, u8 bin) __hidden;

static inline bool message_is_full(u32 count, size_t bytes)
{
	return count == MAGAZINE_SLOTS || bytes >= MESSAGE_BYTES_MAX;
}

#endif
