// SPDX-License-Identifier: MIT
/*
 * The ownership oracle: who holds which addresses, kept beside the allocator.
 *
 * In pages of a sparse table that mirrors the address space there are, for
 * each 16 bytes,
 *	a mark	is it part of a live block? 1 bit
 *	an owner	of the block that starts here: a thread's number, or 0
 *
 * Handing out a range that is marked already, or taking back one that is not
 * or that belongs to somebody else, is an error at that moment, not when
 * contents happen to clash. Blocks start at multiples of 16, so no two of
 * them may share a mark.
 *
 * Included by stress.c.
 */
#define CHUNK_SHIFT 26 /* addresses per chunk: 64 MiB, 512 KiB of marks */
#define CHUNK_UNITS (1UL << (CHUNK_SHIFT - 4))
#define NR_CHUNKS   (1UL << 16)

struct chunk {
	uintptr_t key; /* address >> CHUNK_SHIFT, plus 1; 0: unused */
	uint64_t *mark;
	uint16_t *owner;
};

static struct chunk *chunks;
static pthread_mutex_t chunk_lock = PTHREAD_MUTEX_INITIALIZER;
__thread unsigned int self = OWNER_MAIN;

void oracle_init(void)
{
	if (opt.oracle)
		chunks = pages(NR_CHUNKS * sizeof(*chunks));
}

void oracle_fork(int step)
{
	if (!step)
		pthread_mutex_lock(&chunk_lock);
	else
		pthread_mutex_unlock(&chunk_lock);
}

/* The chunk @addr lies in; made when it is the first time. */
static struct chunk *chunk_of(uintptr_t addr)
{
	uintptr_t key = (addr >> CHUNK_SHIFT) + 1;
	size_t i = key * 0x9E3779B97F4A7C15UL >> 48;
	struct chunk *c;

	for (;; i = (i + 1) % NR_CHUNKS) {
		uintptr_t k;

		c = &chunks[i];
		k = __atomic_load_n(&c->key, __ATOMIC_ACQUIRE);
		if (k == key)
			return c;
		if (k)
			continue;
		pthread_mutex_lock(&chunk_lock);
		if (!c->key) {
			c->mark = pages(CHUNK_UNITS / 8);
			c->owner = pages(CHUNK_UNITS * sizeof(*c->owner));
			__atomic_store_n(&c->key, key, __ATOMIC_RELEASE);
		}
		k = c->key;
		pthread_mutex_unlock(&chunk_lock);
		if (k == key)
			return c;
	}
}

static size_t unit_of(uintptr_t addr)
{
	return (addr >> 4) % CHUNK_UNITS;
}

static uint16_t *owner_at(uintptr_t addr)
{
	return &chunk_of(addr)->owner[unit_of(addr)];
}

/* Set or clear one mark; returns what it was. */
static bool mark(uintptr_t addr, bool set)
{
	size_t nr = unit_of(addr);
	uint64_t *word = &chunk_of(addr)->mark[nr / 64];
	uint64_t bit = 1UL << (nr % 64);
	uint64_t old;

	if (set)
		old = __atomic_fetch_or(word, bit, __ATOMIC_RELAXED);
	else
		old = __atomic_fetch_and(word, ~bit, __ATOMIC_RELAXED);
	return old & bit;
}

/* Large blocks: the first KiB, the last, and one mark per KiB between. */
static size_t next_mark(size_t i, size_t size)
{
	if (size <= 4096 || i < 1024 || i + 2048 > size)
		return i + 16;
	return i + 1024;
}

/* Set or clear a block's marks. Returns where one was so already, or 0. */
static uintptr_t mark_all(uintptr_t addr, size_t size, bool set)
{
	size_t i;

	for (i = 0; i < size || !i; i = next_mark(i, size))
		if (mark(addr + i, set) == set)
			return addr + i;
	return 0;
}

/* Returns the owner before. */
static unsigned int set_owner(const void *p, unsigned int owner)
{
	return __atomic_exchange_n(owner_at((uintptr_t)p), (uint16_t)owner,
				   __ATOMIC_RELAXED);
}

/* For messages: the live block @addr lies in. False when it is not found. */
static bool find_block(uintptr_t addr, uintptr_t *start, unsigned int *owner)
{
	size_t i;

	for (i = 0; i <= opt.max_size && i <= addr; i += 16) {
		*start = addr - i;
		*owner = __atomic_load_n(owner_at(*start), __ATOMIC_RELAXED);
		if (*owner)
			return true;
	}
	return false;
}

static void complain_used(const void *p, size_t size, uintptr_t used)
{
	uintptr_t start = 0;
	unsigned int owner = 0;

	if (find_block(used, &start, &owner))
		complain("%p (%zu bytes) handed out to %u, but %#lx belongs to "
			 "%u's block at %#lx",
			 p, size, self, (unsigned long)used, owner,
			 (unsigned long)start);
	else
		complain("%p (%zu bytes) handed out to %u, but %#lx is in use",
			 p, size, self, (unsigned long)used);
}

/* The block is the caller's now. False when it cannot be. */
bool oracle_add(const void *p, size_t size)
{
	unsigned int old;
	uintptr_t used;

	if (!opt.oracle)
		return true;
	used = mark_all((uintptr_t)p, size, true);
	if (used) {
		complain_used(p, size, used);
		return false;
	}
	old = set_owner(p, self);
	if (old)
		complain("%p (%zu bytes) handed out to %u is %u's", p, size,
			 self, old);
	return !old;
}

/* The caller gives its block up. False when it may not. */
bool oracle_remove(const void *p, size_t size)
{
	unsigned int old;
	uintptr_t lost;

	if (!opt.oracle)
		return true;
	old = set_owner(p, 0);
	if (old != self) {
		complain("%p (%zu bytes) given back by %u, but it is %s (%u)",
			 p, size, self, old ? "another's" : "nobody's", old);
		return false;
	}
	lost = mark_all((uintptr_t)p, size, false);
	if (lost)
		complain("%p (%zu bytes) given back, but %#lx is nobody's", p,
			 size, (unsigned long)lost);
	return !lost;
}

/* The block changes hands. */
void oracle_pass(const void *p, unsigned int from, unsigned int to)
{
	unsigned int old;

	if (!opt.oracle)
		return;
	old = set_owner(p, to);
	if (old != from)
		complain("%p passed from %u to %u, but it was %u's", p, from,
			 to, old);
}
