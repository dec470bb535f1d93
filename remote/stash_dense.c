// SPDX-License-Identifier: MIT
/*
 * The dense stash: one magazine per (destination, bin) in use.
 *
 * Pushing sorts; a full magazine is posted as it is and joins its owner's
 * depot whole. A flush walks the destinations that have something, from where
 * the last budgeted one stopped.
 */
#include <hz3/remote/stash.h>

static void bank_post(struct stash *st, u32 row, u32 bin, struct dispatch *d)
{
	struct magazine *m = st->bank[row][bin];

	st->bank[row][bin] = NULL;
	st->nr[row] -= m->count;
	st->pending -= m->count;
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
	st->pending -= n;
	return n;
}

/* Returns how many objects left for one destination. */
static u32 flush_row(struct stash *st, u32 row, struct dispatch *d)
{
	u32 before = st->nr[row];
	u32 bin;

	for (bin = 0; bin < NR_BINS && st->nr[row]; bin++) {
		struct magazine *m = st->bank[row][bin];

		if (!m || !m->count)
			continue;
		bank_absorb(st, row, bin, d);
		if (m->count)
			bank_post(st, row, bin, d);
	}
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
	u32 row = st->hint;
	u32 i;

	for (i = 0; i < NR_SHARDS && st->pending && budget; i++) {
		if (row >= NR_SHARDS)
			row = 0;
		if (st->nr[row])
			budget -= min(budget, flush_row(st, row, d));
		row++;
	}
	st->hint = st->pending ? row : 0;
}

/**
 * stash_make_room() - make stash_push() possible again
 * @st: the thread's own stash
 * @dst: where the next object goes
 * @bin: its bin
 * @d: what to do with the magazine in the way
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
