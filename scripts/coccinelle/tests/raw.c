// SPDX-License-Identifier: MIT
/* Planted bugs for atomic/raw.cocci; never compiled. */

static volatile int bad_global;

static int bad_builtin(int *p)
{
	__sync_synchronize();
	return __atomic_load_n(p, __ATOMIC_ACQUIRE);
}

static int bad_c11(atomic_int *p)
{
	return atomic_load_explicit(p, memory_order_relaxed);
}

static int bad_cast(int *p)
{
	return *(volatile int *)p;
}

static int bad_local(void)
{
	volatile int x = 0;

	return x;
}

static int good(int *p)
{
	return load_acquire(p) + atomic_number(p);
}
