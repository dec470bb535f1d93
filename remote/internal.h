/* SPDX-License-Identifier: MIT */
/*
 * A message: objects of any bins for one destination, put together in a
 * magazine and posted when it is full. Both forms of the stash send by it.
 */
#ifndef REMOTE_INTERNAL_H
#define REMOTE_INTERNAL_H

#include <hz3/remote/stash.h>

struct message {
	struct dispatch *d;
	struct magazine *m; /* NULL: nothing in it */
	size_t bytes;       /* of the objects in it */
	u8 dst;
};

void message_add(struct message *msg, u8 bin, void __remote *ptr) __hidden;
void message_send(struct message *msg) __hidden;

#endif
