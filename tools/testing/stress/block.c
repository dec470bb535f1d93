// SPDX-License-Identifier: MIT
/*
 * Blocks whose contents are known: a word every 8 bytes in small ones, a
 * sample of every page in large ones, the first and last bytes in all.
 *
 * Included by stress.c: the program is one source file to its Makefile.
 */
#define WHOLE_MAX 16384 /* larger blocks are sampled */

static uint64_t word_at(const struct block *b, size_t i)
{
	return (b->seed ^ i) * 0x9E3779B97F4A7C15UL ^ (uintptr_t)b->seed << 32;
}

static size_t step_of(const struct block *b)
{
	return b->size <= WHOLE_MAX ? 8 : 2048 + 8;
}

static void block_fill(struct block *b)
{
	size_t step = step_of(b);
	size_t i;

	for (i = 0; i + 8 <= b->size; i += step)
		*(uint64_t *)(void *)(b->p + i) = word_at(b, i);
	for (i = b->size & ~7UL; i < b->size; i++)
		b->p[i] = (unsigned char)(b->seed + i);
}

/* Are the first @size bytes what block_fill() wrote into all of @b? */
static bool block_intact(const struct block *b, size_t size)
{
	size_t step = step_of(b);
	size_t i;

	for (i = 0; i + 8 <= size; i += step)
		if (*(const uint64_t *)(const void *)(b->p + i) !=
		    word_at(b, i))
			return false;
	if (size < b->size)
		return true;
	for (i = b->size & ~7UL; i < b->size; i++)
		if (b->p[i] != (unsigned char)(b->seed + i))
			return false;
	return true;
}

static bool is_zero(const unsigned char *p, size_t size)
{
	size_t step = size <= WHOLE_MAX ? 1 : 509;
	size_t i;

	for (i = 0; i < size; i += step)
		if (p[i])
			return false;
	return !size || !p[size - 1];
}

void block_check(const struct block *b)
{
	if (!block_intact(b, b->size))
		complain("contents of %p (%zu bytes, seed %#lx) changed",
			 (void *)b->p, b->size, b->seed);
}

/*
 * A new block is in nobody else's hands: note it before writing into it. One
 * that somebody has is left alone, and the caller has none.
 */
static void block_taken(struct block *b, unsigned long *rnd)
{
	size_t usable;

	if (!oracle_add(b->p, b->size)) {
		b->p = NULL;
		return;
	}
	if (((uintptr_t)b->p & 15) && b->size >= 16)
		complain("%p (%zu bytes) is misaligned", (void *)b->p, b->size);
	usable = opt.oracle ? heap_usable(b->p) : b->size;
	if (usable < b->size)
		complain("%p: usable %zu of %zu", (void *)b->p, usable,
			 b->size);
	b->seed = next_random(rnd);
	block_fill(b);
	__atomic_fetch_add(&live_bytes, b->size, __ATOMIC_RELAXED);
}

/*
 * False when memory is exhausted. Without a block afterwards: what was handed
 * out could not be ours, and that has been said.
 */
bool block_make(struct block *b, unsigned long *rnd)
{
	unsigned int how = next_random(rnd) % 16;
	size_t align;

	b->size = random_size(rnd, opt.max_size);
	b->p = broken_alloc(b->size);
	if (b->p) {
		/* wrong on purpose */
	} else if (how < 11) {
		b->p = heap_alloc(b->size);
	} else if (how < 14) {
		b->p = heap_zalloc(1, b->size);
		if (b->p && !is_zero(b->p, b->size))
			complain("calloc(%zu) at %p is not zero", b->size,
				 (void *)b->p);
	} else {
		align = 8UL << next_random(rnd) % 11;
		b->p = heap_align(align, b->size);
		if ((uintptr_t)b->p & (align - 1))
			complain("%p is not aligned to %zu", (void *)b->p,
				 align);
	}
	if (!b->p)
		return false;
	block_taken(b, rnd);
	return true;
}

/* False when memory is exhausted; the block is then as it was. */
bool block_resize(struct block *b, unsigned long *rnd)
{
	struct block old = *b;
	size_t size = random_size(rnd, opt.max_size);
	unsigned char *p;

	/* Out of the oracle first: the old range may be reused at once. */
	oracle_remove(old.p, old.size);
	p = heap_resize(old.p, size);
	if (!p) {
		oracle_add(old.p, old.size);
		return false;
	}
	old.p = p;
	if (!block_intact(&old, size < old.size ? size : old.size))
		complain("realloc %zu -> %zu at %p lost contents", old.size,
			 size, (void *)p);
	__atomic_fetch_sub(&live_bytes, old.size, __ATOMIC_RELAXED);
	b->p = p;
	b->size = size;
	block_taken(b, rnd);
	return true;
}

void block_drop(struct block *b)
{
	block_check(b);
	/* What is not ours may be in use: then freeing would hide the error. */
	if (oracle_remove(b->p, b->size) && !broken_release())
		heap_release(b->p);
	__atomic_fetch_sub(&live_bytes, b->size, __ATOMIC_RELAXED);
	b->p = NULL;
}

void block_drop_all(struct block *b, size_t nr)
{
	size_t i;

	for (i = 0; i < nr; i++)
		if (b[i].p)
			block_drop(&b[i]);
}
