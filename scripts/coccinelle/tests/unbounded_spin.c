// SPDX-License-Identifier: MIT
/* Planted bugs for locks/unbounded_spin.cocci; never compiled. */

static void bad_while(struct lock *l)
{
	while (!lock_try(l))
		cpu_relax();
	lock_release(l);
}

static void bad_for(struct lock *l)
{
	for (; !lock_try(l);)
		cpu_relax();
	lock_release(l);
}

static void good_once(struct lock *l)
{
	if (!lock_try(l))
		lock_acquire(l);
	lock_release(l);
}
