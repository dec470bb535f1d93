// SPDX-License-Identifier: MIT
/* Planted bugs for atomic/relaxed_deref.cocci; never compiled. */

static int bad_member(struct box *b)
{
	struct item *p = load_relaxed(&b->first);

	return p->value;
}

static int bad_loop(struct box *b)
{
	struct item *n;
	int sum = 0;

	while ((n = load_relaxed(&b->first)))
		sum += n->value;
	return sum;
}

static int bad_cast(struct box *b)
{
	int *p;

	p = (int *)load_relaxed(&b->word);
	if (!p)
		return 0;
	return *p;
}

static int bad_index(struct box *b)
{
	u32 *tags = load_relaxed(&b->tags);

	return tags[3];
}

static int bad_direct(struct box *b)
{
	return load_relaxed(&b->first)->value;
}

static int good_acquire(struct box *b)
{
	struct item *p = load_acquire(&b->first);

	return p->value;
}

static int good_compare(struct box *b)
{
	struct item *p = load_relaxed(&b->first);

	return p != NULL;
}

static int good_reload(struct box *b)
{
	struct item *p = load_relaxed(&b->first);

	if (!p)
		return 0;
	p = load_acquire(&b->first);
	return p->value;
}
