// SPDX-License-Identifier: MIT
/*
 * A deliberately wrong allocator, to prove that this program notices:
 *
 *	dup	hands out a block that somebody has
 *	overlap	hands out a block that begins or ends inside of one
 *	lost	forgets a block that was freed
 *
 * The block that is given away again is a decoy that nobody writes into and
 * that is live all along: what happens does not depend on luck.
 *
 * Included by stress.c.
 */
#define DECOY_OFFSET 1024UL /* bytes of ours before what the oracle knows */
#define DECOY_SIZE   1024UL
#define BREAK_EVERY  64UL

static unsigned char *decoy;    /* constant after broken_init() */
static unsigned long nr_broken; /* calls that might be broken; atomic */

static bool break_now(void)
{
	return __atomic_add_fetch(&nr_broken, 1, __ATOMIC_RELAXED) %
		       BREAK_EVERY ==
	       0;
}

/* For main, which owns the decoy. */
void broken_init(void)
{
	if (!opt.broken)
		return;
	decoy = heap_alloc(DECOY_OFFSET + DECOY_SIZE);
	if (!decoy)
		abort();
	decoy += DECOY_OFFSET;
	oracle_add(decoy, DECOY_SIZE);
}

/* A wrong answer to a request for @size bytes, or NULL for a right one. */
void *broken_alloc(size_t size)
{
	switch (opt.broken) {
	case BREAK_DUP:
		return break_now() ? decoy : NULL;
	case BREAK_OVERLAP:
		if (!break_now())
			return NULL;
		/* A big one reaches into the decoy, a small one lies in it. */
		return size > DECOY_OFFSET ? decoy - DECOY_OFFSET : decoy + 16;
	default:
		return NULL;
	}
}

/* Is this the block that is forgotten? */
bool broken_release(void)
{
	return opt.broken == BREAK_LOST && break_now();
}
