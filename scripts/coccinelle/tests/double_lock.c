// SPDX-License-Identifier: MIT
/* Planted bugs for locks/double_lock.cocci; never compiled. */

static void bad_twice(struct shard *s)
{
	lock_acquire(&s->lock);
	if (s->head)
		lock_acquire(&s->lock);
	lock_release(&s->lock);
}

static void bad_unlock(struct shard *s)
{
	lock_acquire(&s->lock);
	if (!s->head)
		lock_release(&s->lock);
	lock_release(&s->lock);
}

static void good_again(struct shard *s)
{
	lock_acquire(&s->lock);
	lock_release(&s->lock);
	lock_acquire(&s->lock);
	lock_release(&s->lock);
}

static void good_loop(struct shard *s)
{
	int i;

	for (i = 0; i < 8; i++) {
		lock_acquire(&s[i].lock);
		s[i].head = NULL;
		lock_release(&s[i].lock);
	}
}

static void good_two(struct shard *s, struct shard *t)
{
	lock_acquire(&s->lock);
	lock_acquire(&t->lock);
	lock_release(&t->lock);
	lock_release(&s->lock);
}
