// SPDX-License-Identifier: MIT
/* Planted bugs for locks/held_at_return.cocci; never compiled. */

static int bad_early(struct shard *s)
{
	lock_acquire(&s->lock);
	if (!s->head)
		return -1;
	lock_release(&s->lock);
	return 0;
}

static void bad_end(struct shard *s)
{
	lock_acquire(&s->lock);
	s->head = NULL;
}

static int bad_goto(struct shard *s)
{
	int err = 0;

	lock_acquire(&s->lock);
	if (!s->head) {
		err = -1;
		goto out;
	}
	lock_release(&s->lock);
out:
	return err;
}

static int bad_try(struct shard *s)
{
	if (!lock_try(&s->lock))
		return 0;
	if (!s->head)
		return -1;
	lock_release(&s->lock);
	return 1;
}

static int bad_try_then(struct shard *s)
{
	if (lock_try(&s->lock)) {
		if (!s->head)
			return -1;
		lock_release(&s->lock);
	}
	return 0;
}

static int bad_other(struct shard *s, struct shard *t)
{
	lock_acquire(&s->lock);
	lock_release(&t->lock);
	return 0;
}

void good_lock(struct shard *s)
{
	lock_acquire(&s->lock);
}

static int good_paths(struct shard *s)
{
	lock_acquire(&s->lock);
	if (!s->head) {
		lock_release(&s->lock);
		return -1;
	}
	lock_release(&s->lock);
	return 0;
}

static int good_try(struct shard *s)
{
	if (!lock_try(&s->lock))
		return 0;
	s->head = NULL;
	lock_release(&s->lock);
	return 1;
}

static void bad_again(struct shard *s)
{
	lock_acquire(&s->lock);
	lock_release(&s->lock);
	lock_acquire(&s->lock);
}

static void good_lent(struct shard *s) __must_hold(&s->lock)
{
	int n;

	while ((n = purge_begin(s))) {
		lock_release(&s->lock);
		purge(s);
		lock_acquire(&s->lock);
		if (n < 0)
			break;
	}
}

void good_fork(struct shard *s, int step)
{
	if (step == 0)
		lock_acquire(&s->lock);
	else
		lock_release(&s->lock);
}
