// SPDX-License-Identifier: MIT
/* Planted bugs for mm/remote_store.cocci; never compiled. */

static void bad_link(void *ptr, void *next)
{
	*(void **)ptr = next;
}

static void bad_entry(struct ring *r, int i)
{
	struct entry *e = &r->slot[i];

	((struct link *)e->ptr)->next = NULL;
}

static void bad_fill(struct entry *e)
{
	memset(e->ptr, 0, 16);
}

static int bad_read(void *obj)
{
	return ((int *)obj)[1];
}

static void good_carry(struct ring *r, int i, void *ptr)
{
	r->slot[i].ptr = ptr;
	r->slot[i].dst = 3;
}

static void good_copy(struct magazine *m, struct entry *e)
{
	m->slot[m->count++] = e->ptr;
}
