// SPDX-License-Identifier: MIT
#include "internal.h"

/* A message of big objects is sent before it is full. */
#define MESSAGE_BYTES_MAX (128UL << 10)

/**
 * message_send() - post what is in a message
 * @msg: the message; may be empty, and is then
 */
void message_send(struct message *msg)
{
	if (msg->m)
		msg->d->post(msg->d, msg->dst, msg->m, msg->bytes);
	msg->m = NULL;
	msg->bytes = 0;
}

/**
 * message_add() - put an object into a message
 * @msg: the message
 * @bin: the object's bin
 * @ptr: the object, which belongs to the message's destination
 *
 * Without memory for a magazine the object is brought home at once.
 */
void message_add(struct message *msg, u8 bin, void __remote *ptr)
{
	struct magazine *m = msg->m;

	if (!m) {
		m = msg->d->get(msg->d);
		if (!m) {
			msg->d->deliver(msg->d, msg->dst, ptr);
			return;
		}
		m->bin = bin;
		msg->m = m;
	}
	if (m->bin != bin)
		m->bin = BIN_MIXED;
	/* A slot holds objects of any origin; this one only travels. */
	m->slot[m->count++] = block_keep(ptr);
	msg->bytes += msg->d->size(bin);
	if (m->count == MAGAZINE_SLOTS || msg->bytes >= MESSAGE_BYTES_MAX)
		message_send(msg);
}
