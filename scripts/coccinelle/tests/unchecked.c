// SPDX-License-Identifier: MIT
/* Planted bugs for mm/unchecked.cocci; never compiled. */

static void bad_dropped(void *p)
{
	os_commit(p, 4096);
}

static void bad_void(void *p)
{
	(void)os_commit(p, 4096);
}

static void bad_used(void)
{
	struct head *h = os_map(4096);

	h->next = NULL;
}

static void bad_late(void)
{
	struct head *h;

	h = (struct head *)os_map(4096);
	h->next = NULL;
	if (!h)
		return;
}

static int bad_assigned(void *p)
{
	int err;

	err = os_commit(p, 4096);
	return 0;
}

static int good_checked(void)
{
	struct head *h = os_map(4096);

	if (!h)
		return -12;
	h->next = NULL;
	return 0;
}

static int good_passed(void *p)
{
	return os_commit(p, 4096);
}

static int good_tested(void *p)
{
	int err = os_commit(p, 4096);

	if (err)
		return err;
	return 0;
}
