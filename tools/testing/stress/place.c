// SPDX-License-Identifier: MIT
/*
 * Places, and what a thread does in one. Who frees what a thread allocates
 * depends on the pattern:
 *
 *	random		anybody
 *	ring		the next place
 *	all-to-one	place 0, which allocates nothing
 *	one-to-all	the other places, which allocate nothing
 *	burst		another place. A thread allocates and hands over many
 *			at once, then sleeps outside of the allocator, so that
 *			its blocks are freed while it does not look
 *
 * Included by stress.c.
 */
#define BURST_SLEEP_US 5000
#define IDLE_US        200
#define OPS_PER_TURN   16

struct place place[MAX_THREADS];
size_t nr_slots;

static bool only_receives(const struct place *p)
{
	return (opt.dest == DEST_ALL_TO_ONE && p->number == 0) ||
	       (opt.dest == DEST_ONE_TO_ALL && p->number != 0);
}

static struct place *receiver(struct place *me)
{
	unsigned long rnd = next_random(&me->rnd);

	switch (opt.dest) {
	case DEST_RING:
		return &place[(me->number + 1) % opt.threads];
	case DEST_ALL_TO_ONE:
		return &place[0];
	case DEST_ONE_TO_ALL:
	case DEST_BURST:
		rnd %= opt.threads - 1;
		return &place[(me->number + 1 + rnd) % opt.threads];
	default:
		return &place[rnd % opt.threads];
	}
}

/*
 * Put a block into somebody's mailbox. When it is full, one who only receives
 * is waited for (false, and the block is the caller's still); for others an
 * earlier block comes back and is freed here.
 */
static bool post(struct place *to, struct block *b)
{
	struct block out = { 0 };

	pthread_mutex_lock(&to->lock);
	if (to->nr < BOX_BLOCKS) {
		to->box[to->nr++] = *b;
	} else if (only_receives(to)) {
		pthread_mutex_unlock(&to->lock);
		return false;
	} else {
		out = to->box[0];
		to->box[0] = *b;
		oracle_pass(out.p, to->number + 1, self);
	}
	oracle_pass(b->p, self, to->number + 1);
	pthread_mutex_unlock(&to->lock);
	b->p = NULL;
	if (out.p)
		block_drop(&out);
	return true;
}

/* Free what others sent. Return: how many blocks. */
unsigned int place_empty_box(struct place *me)
{
	struct block b[BOX_BLOCKS];
	unsigned int nr;

	pthread_mutex_lock(&me->lock);
	nr = me->nr;
	memcpy(b, me->box, nr * sizeof(*b));
	me->nr = 0;
	pthread_mutex_unlock(&me->lock);
	block_drop_all(b, nr);
	return nr;
}

/* Return: how many operations it was. */
static unsigned int one_op(struct place *me)
{
	struct block *b = &me->slot[next_random(&me->rnd) % nr_slots];
	unsigned int what = next_random(&me->rnd) % 100;

	if (!b->p) {
		if (!block_make(b, &me->rnd))
			complain("out of memory for %zu bytes", b->size);
		return 1;
	}
	if (what < opt.remote_pct) {
		if (post(receiver(me), b))
			return 1;
		usleep(IDLE_US);
		return 0;
	}
	if (next_random(&me->rnd) % 4 == 0) {
		if (!block_resize(b, &me->rnd))
			complain("out of memory in realloc");
		return 1;
	}
	block_drop(b);
	return 1;
}

/* As many blocks as a thread's share of live memory, then a sleep. */
static unsigned int burst(struct place *me)
{
	unsigned int max = nr_slots < BOX_BLOCKS ? nr_slots : BOX_BLOCKS;
	unsigned int nr = (unsigned int)(next_random(&me->rnd) % max) + 1;
	struct block b = { 0 };
	unsigned int i;

	for (i = 0; i < nr; i++) {
		if (!block_make(&b, &me->rnd))
			complain("out of memory for %zu bytes", b.size);
		else if (b.p)
			post(receiver(me), &b);
	}
	usleep((useconds_t)(next_random(&me->rnd) % BURST_SLEEP_US));
	return nr + place_empty_box(me);
}

/* One turn of a thread's work. Return: how many operations it was. */
unsigned int place_turn(struct place *me)
{
	unsigned int nr = 0;
	int i;

	if (only_receives(me)) {
		nr = place_empty_box(me);
		if (!nr)
			usleep(IDLE_US);
		return nr;
	}
	if (opt.dest == DEST_BURST)
		return burst(me);
	for (i = 0; i < OPS_PER_TURN; i++)
		nr += one_op(me);
	return nr + place_empty_box(me);
}
