// SPDX-License-Identifier: MIT
#include "internal.h"

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
 * message_begin() - the next object is the first one, or of another bin
 * @msg: the message
 * @bin: the object's bin
 *
 * Return: false when there is no memory for a magazine.
 */
bool message_begin(struct message *msg, u8 bin)
{
	msg->bin = bin;
	msg->size = msg->d->size(bin);
	if (msg->m) {
		msg->m->bin = BIN_MIXED;
		return true;
	}
	msg->m = msg->d->get(msg->d);
	if (!msg->m)
		return false;
	msg->m->bin = bin;
	return true;
}
