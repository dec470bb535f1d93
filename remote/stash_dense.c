// SPDX-License-Identifier: MIT
/*
 * The dense stash: one magazine per (destination, bin) in use.
 *
 * Pushing sorts; a full magazine is posted as it is and joins its owner's
 * depot whole. A flush walks the destinations that have something, from where
 * the last budgeted one stopped; a magazine that is less than half full stays,
 * and its objects leave in a message with those of other bins.
 */
#include "internal.h"

static void bank_post(struct stash *st, u32 row, u32 bin, struct dispatch *d)
{
	struct magazine *m = st->bank[row][bin];

	st->bank[row][bin] = NULL;
	st->nr[row] -= m->count;
	m->bin = bin;
	d->post(d, (u8)(row + 1), m, m->count * d->size(bin));
}

/* Let the thread keep what it will want again, newest first. */
static u32 bank_absorb(struct stash *st, u32 row, u32 bin, struct dispatch *d)
{
	struct magazine *m = st->bank[row][bin];
	u32 n = 0;

	while (m->count &&
	       d->absorb(d, (u8)bin, block_send(m->slot[m->count - 1]))) {
		m->count--;
		n++;
	}
	st->nr[row] -= n;
	return n;
}

/*
 * Put objects of one bin into a message that has room, until it is full and
 * sent. Returns how many.
 */
static u32 copy_slots(void *const *slot, u32 nr, struct message *msg)
{
	struct magazine *m = msg->m;
	size_t bytes = msg->bytes;
	void **to = m->slot + m->count;
	u32 stop = min(nr, MAGAZINE_SLOTS - m->count);
	u32 i = 0;

	do {
		to[i] = slot[i];
		bytes += msg->size;
	} while (++i < stop && bytes < MESSAGE_BYTES_MAX);
	m->count += i;
	msg->bytes = bytes;
	if (message_is_full(m->count, bytes))
		message_send(msg);
	return i;
}

/* Move what is in the magazine to a message. */
static void bank_merge(struct stash *st, u32 row, u32 bin, struct message *msg)
{
	struct magazine *m = st->bank[row][bin];
	u32 i = 0;

	while (i < m->count) {
		if (message_begin(msg, (u8)bin)) {
			i += copy_slots(&m->slot[i], m->count - i, msg);
		} else {
			msg->d->deliver(msg->d, msg->dst,
					block_send(m->slot[i]));
			i++;
		}
	}
	st->nr[row] -= m->count;
	m->count = 0;
}

/* A full flush leaves no magazine behind either. */
static void bank_close(struct stash *st, u32 row, u32 bin, struct dispatch *d)
{
	d->put(d, st->bank[row][bin]);
	st->bank[row][bin] = NULL;
}

/* Returns how many objects left for one destination. */
static u32 flush_row(struct stash *st, u32 row, bool all, struct dispatch *d)
{
	struct message msg = { .d = d, .dst = (u8)(row + 1) };
	u32 before = st->nr[row];
	u32 bin;

	for (bin = 0; bin < NR_BINS && (all || st->nr[row]); bin++) {
		struct magazine *m = st->bank[row][bin];

		if (!m)
			continue;
		bank_absorb(st, row, bin, d);
		if (m->count * 2 >= m->bin) {
			bank_post(st, row, bin, d);
			continue;
		}
		bank_merge(st, row, bin, &msg);
		if (all)
			bank_close(st, row, bin, d);
	}
	message_send(&msg);
	return before - st->nr[row];
}

/**
 * stash_flush() - send pending objects home
 * @st: the thread's own stash
 * @budget: stop after about so many; STASH_FLUSH_ALL for all
 * @d: what to do with them
 */
void stash_flush(struct stash *st, u32 budget, struct dispatch *d)
{
	bool all = budget == STASH_FLUSH_ALL;
	u32 row = st->hint;
	u32 i;

	for (i = 0; i < NR_SHARDS && (all || budget); i++) {
		if (row >= NR_SHARDS)
			row = 0;
		if (all)
			flush_row(st, row, true, d);
		else if (st->nr[row])
			budget -= min(budget, flush_row(st, row, false, d));
		row++;
	}
	if (!stash_pending(st))
		row = 0;
	/* A page that was never needed is not touched for nothing. */
	if (st->hint != row)
		st->hint = row;
}

/**
 * stash_make_room() - make stash_push() possible again
 * @st: the thread's own stash
 * @dst: where the next object goes
 * @bin: its bin
 * @d: what to do with what is in the way
 *
 * Return: whether there is room now; false when memory is exhausted.
 */
bool stash_make_room(struct stash *st, u8 dst, u8 bin, struct dispatch *d)
{
	struct magazine *m = st->bank[dst - 1][bin];

	if (m) {
		/* Something left means the same magazine has room again. */
		if (bank_absorb(st, dst - 1, bin, d))
			return true;
		bank_post(st, dst - 1, bin, d);
	}
	m = d->get(d);
	if (m)
		m->bin = d->cap(bin);
	st->bank[dst - 1][bin] = m;
	return m;
}
