// SPDX-License-Identifier: MIT
/* Planted bugs for locks/syscall_under_lock.cocci; never compiled. */

static void bad_purge(struct shard *s)
{
	lock_acquire(&s->lock);
	if (s->head)
		os_purge(s->head, 4096);
	lock_release(&s->lock);
}

static int bad_commit(struct shard *s)
{
	int err;

	lock_acquire(&s->lock);
	err = os_commit(s->head, 4096);
	lock_release(&s->lock);
	return err;
}

static void bad_try(struct shard *s)
{
	if (!lock_try(&s->lock))
		return;
	os_unmap(s->head, 4096);
	lock_release(&s->lock);
}

static void good_after(struct shard *s)
{
	void *p;

	lock_acquire(&s->lock);
	p = s->head;
	s->head = NULL;
	lock_release(&s->lock);
	os_purge(p, 4096);
}
