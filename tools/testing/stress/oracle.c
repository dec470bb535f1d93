// SPDX-License-Identifier: MIT
/*
 * The ownership oracle: who holds which addresses, kept beside the allocator.
 *
 * One mark per 16 bytes of a block, in pages of a sparse table that mirrors
 * the address space: 1 bit per 16 bytes. Handing out a range that is marked
 * already, or taking back one that is not, is an error at that moment, not
 * when contents happen to clash. Blocks start at multiples of 16, so no two of
 * them may share a mark.
 *
 * Included by stress.c.
 */
#include <pthread.h>
#include <sys/mman.h>

#define CHUNK_SHIFT 26 /* addresses per chunk: 64 MiB, 512 KiB of marks */
#define NR_CHUNKS   (1UL << 16)

struct chunk {
	uintptr_t key; /* address >> CHUNK_SHIFT, plus 1; 0: unused */
	uint64_t *marks;
};

static struct chunk *chunks;
static pthread_mutex_t chunk_lock = PTHREAD_MUTEX_INITIALIZER;

static void *pages(size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (p == MAP_FAILED)
		abort();
	return p;
}

void oracle_init(void)
{
	chunks = pages(NR_CHUNKS * sizeof(*chunks));
}

void oracle_fork(int step)
{
	if (!step)
		pthread_mutex_lock(&chunk_lock);
	else
		pthread_mutex_unlock(&chunk_lock);
}

/* The marks of the chunk @addr lies in; made when it is the first time. */
static uint64_t *marks_of(uintptr_t addr)
{
	uintptr_t key = (addr >> CHUNK_SHIFT) + 1;
	size_t i = key * 0x9E3779B97F4A7C15UL >> 48;
	struct chunk *c;

	for (;; i = (i + 1) % NR_CHUNKS) {
		uintptr_t k;

		c = &chunks[i];
		k = __atomic_load_n(&c->key, __ATOMIC_ACQUIRE);
		if (k == key)
			return c->marks;
		if (k)
			continue;
		pthread_mutex_lock(&chunk_lock);
		if (!c->key) {
			c->marks = pages((1UL << CHUNK_SHIFT) / 16 / 8);
			__atomic_store_n(&c->key, key, __ATOMIC_RELEASE);
		}
		pthread_mutex_unlock(&chunk_lock);
		if (c->key == key)
			return c->marks;
	}
}

/* Set or clear one mark; returns what it was. */
static bool mark(uintptr_t addr, bool set)
{
	uint64_t *marks = marks_of(addr);
	size_t nr = (addr & ((1UL << CHUNK_SHIFT) - 1)) / 16;
	uint64_t bit = 1UL << (nr % 64);
	uint64_t old;

	if (set)
		old = __atomic_fetch_or(&marks[nr / 64], bit, __ATOMIC_RELAXED);
	else
		old = __atomic_fetch_and(&marks[nr / 64], ~bit,
					 __ATOMIC_RELAXED);
	return old & bit;
}

/* Large blocks: the first KiB, the last, and one mark per KiB between. */
static size_t next_mark(size_t i, size_t size)
{
	if (size <= 4096 || i < 1024 || i + 2048 > size)
		return i + 16;
	return i + 1024;
}

void oracle_add(const void *p, size_t size)
{
	size_t i;

	if (!size)
		size = 1;
	for (i = 0; i < size; i = next_mark(i, size)) {
		if (!mark((uintptr_t)p + i, true))
			continue;
		complain("%p (%zu bytes) handed out while %#lx is in use", p,
			 size, (unsigned long)((uintptr_t)p + i));
		return;
	}
}

void oracle_remove(const void *p, size_t size)
{
	size_t i;

	if (!size)
		size = 1;
	for (i = 0; i < size; i = next_mark(i, size)) {
		if (mark((uintptr_t)p + i, false))
			continue;
		complain("%p (%zu bytes) given back, but %#lx is nobody's", p,
			 size, (unsigned long)((uintptr_t)p + i));
		return;
	}
}
