// SPDX-License-Identifier: MIT
/*
 * Windows of page tags; <hz3/mm/pagetag.h> has the layout.
 *
 * Windows are added under the arena lock (the only caller is arena.c) and
 * never removed. Tags are written by whoever claimed the granules, and read
 * by anybody at any time with relaxed loads: a program that frees a pointer
 * has it from the thread that allocated it, by a synchronisation of its own.
 */
#include <errno.h>

#include <hz3/mm/arena.h>
#include <hz3/mm/meta.h>
#include <hz3/mm/os.h>
#include <hz3/mm/pagetag.h>

#define WINDOW_SHIFT CONFIG_HZ3_WINDOW_SHIFT
static_assert(CONFIG_HZ3_WINDOW_SHIFT >= 32 && CONFIG_HZ3_WINDOW_SHIFT <= 44,
	      "a window covers at least 4 GiB and leaves room for others");

/* (A) publishes a further window, (B) below follows it. */
struct tag_window hz3_window;

static size_t window_bytes(const struct tag_window *w)
{
	return w->nr_units << OBJECT_ALIGN_SHIFT;
}

/*
 * The window that serves an address: the first in the list that holds it, for
 * readers and writers alike. Windows may overlap; they begin and end at
 * segment boundaries, so that no span lies in two.
 */
static struct tag_window *window_of(uptr addr)
{
	struct tag_window *w = &hz3_window;

	do {
		if (addr - w->base < window_bytes(w))
			return w;
		/* (B) pairs with (A) in window_add() */
		w = load_acquire(&w->next);
	} while (w);
	return NULL;
}

static u32 *tag_at(const void *addr)
{
	struct tag_window *w = window_of((uptr)addr);

	return &w->tags[((uptr)addr - w->base) >> GRANULE_SHIFT];
}

static u32 *window_map(size_t bytes)
{
	return os_map_readonly((bytes >> GRANULE_SHIFT) * sizeof(u32));
}

/* Tags for one window around [addr, addr + size), as wide as we may have. */
static int window_fill(struct tag_window *w, uptr addr, size_t size)
{
	size_t bytes = (size_t)1 << WINDOW_SHIFT;
	size_t below;
	u32 *tags;

	/*
	 * An arena made smaller: address space is limited, 1/64 for tags. A
	 * provider has to commit them.
	 */
	if (size < (size_t)1 << CONFIG_HZ3_ARENA_SHIFT || os_is_provided())
		bytes = size * 16;
	bytes = max(bytes, size);
	tags = window_map(bytes);
	if (!tags) {
		bytes = size;
		tags = window_map(bytes);
	}
	if (!tags)
		return -ENOMEM;
	/* Half on each side: the kernel may grow either way. */
	below = ALIGN_DOWN((bytes - size) / 2, SEGMENT_SIZE);
	w->base = addr > below ? addr - below : 0;
	w->tags = tags;
	w->nr_units = bytes >> OBJECT_ALIGN_SHIFT;
	return 0;
}

static int window_add(uptr addr, size_t size)
{
	struct tag_window *w = &hz3_window;
	struct tag_window *n;
	int err;

	if (!w->nr_units)
		return window_fill(w, addr, size);
	n = meta_alloc(sizeof(*n), sizeof(void *));
	if (!n)
		return -ENOMEM;
	err = window_fill(n, addr, size);
	if (err)
		return err;
	while (w->next)
		w = w->next;
	store_release(&w->next, n); /* (A) pairs with (B) */
	return 0;
}

static int window_commit(struct tag_window *w, uptr addr, size_t size)
{
	uptr first = (uptr)&w->tags[(addr - w->base) >> GRANULE_SHIFT];
	uptr last = first + (size >> GRANULE_SHIFT) * sizeof(u32);

	first = ALIGN_DOWN(first, os_page_size);
	return os_commit((void *)first, ALIGN_UP(last, os_page_size) - first);
}

/* How far from @pos on @w serves: an earlier window may begin in it. */
static uptr served_until(const struct tag_window *w, uptr pos)
{
	uptr stop = w->base + window_bytes(w);
	const struct tag_window *e;

	for (e = &hz3_window; e != w; e = e->next)
		if (e->base > pos)
			stop = min(stop, e->base);
	return stop;
}

/**
 * pagetag_cover() - make the tags of an arena writable
 * @addr: its base, a segment boundary
 * @size: its length in bytes, whole segments
 *
 * Context: under the arena lock.
 * Return: 0, or -ENOMEM.
 */
int pagetag_cover(const void *addr, size_t size)
{
	uptr pos = (uptr)addr;
	uptr end = pos + size;
	int err = 0;

	while (pos < end && !err) {
		struct tag_window *w = window_of(pos);
		uptr stop;

		if (!w) {
			err = window_add(pos, end - pos);
			continue;
		}
		stop = min(end, served_until(w, pos));
		err = window_commit(w, pos, stop - pos);
		pos = stop;
	}
	return err;
}

/**
 * __pagetag_lookup() - the tag of any address, in whichever window
 * @ptr: any value
 *
 * Return: the tag; 0 when the address is not ours or is misaligned.
 */
u32 __pagetag_lookup(const void *ptr)
{
	const struct tag_window *w = &hz3_window;

	do {
		u64 unit = window_unit(w, ptr);

		if (unit < w->nr_units)
			return window_tag(w, unit);
		/* (B) pairs with (A) in window_add() */
		w = load_acquire(&w->next);
	} while (w);
	return 0;
}

/**
 * pagetag_set() - tag the granules of a span or run
 * @addr: first granule
 * @nr_granules: how many
 * @dst: owner shard
 * @bin: size class or BIN_RUN
 *
 * Context: the granules are the caller's.
 */
void pagetag_set(const void *addr, u32 nr_granules, u8 dst, u8 bin)
{
	u32 *t = tag_at(addr);
	u32 i;

	for (i = 0; i < nr_granules; i++)
		store_relaxed(&t[i], TAG_MAKE(dst, bin, i));
}

/**
 * pagetag_set_large() - tag the first granule of a large block
 * @addr: the block
 * @arena: number of its arena
 */
void pagetag_set_large(const void *addr, u32 arena)
{
	store_relaxed(tag_at(addr), TAG_MAKE(0, BIN_LARGE, arena));
}

/**
 * pagetag_take() - the block is freed, by one of those that try
 * @addr: its start
 * @tag: what its first granule is tagged with
 *
 * Relaxed: who of them it is, is all there is to say.
 *
 * Return: false when the tag was another one, or no more there.
 */
bool pagetag_take(const void *addr, u32 tag)
{
	return cmpxchg_relaxed(tag_at(addr), &tag, 0U);
}

/**
 * pagetag_clear() - the granules hold nothing any more
 * @addr: first granule
 * @nr_granules: how many
 */
void pagetag_clear(const void *addr, u32 nr_granules)
{
	u32 *t = tag_at(addr);
	u32 i;

	for (i = 0; i < nr_granules; i++)
		store_relaxed(&t[i], 0U);
}
