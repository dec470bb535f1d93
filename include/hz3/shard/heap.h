/* SPDX-License-Identifier: MIT */
/*
 * The allocator as the layers above see it: init/ builds malloc(3), the C++
 * operators and the hz3_* interface from these.
 *
 * None of them touches errno and none prints, except through hz3_fatal() for
 * a pointer that cannot be right. Context: any thread, any time after the
 * loader mapped us; not async-signal-safe.
 */
#ifndef HZ3_SHARD_HEAP_H
#define HZ3_SHARD_HEAP_H

#include <hz3/types.h>

/* Largest request that can succeed; glibc refuses more with ENOMEM as well. */
#define HEAP_SIZE_MAX ((size_t)PTRDIFF_MAX)

/* Figures for mallinfo2() and friends, in bytes unless named nr_. */
struct heap_stats {
	size_t reserved;   /* address space of all arenas */
	size_t committed;  /* of that, readable and writable */
	size_t meta;       /* our own records outside the segments */
	size_t small_used; /* objects out of their spans: live or cached */
	size_t small_free; /* room in spans */
	size_t medium_used;
	size_t large_used;
	size_t cached; /* objects waiting in thread caches and depots */
	size_t dirty;  /* free, but still resident until the decay */
	size_t nr_large;
	size_t nr_medium;
	size_t nr_spans;
	size_t nr_segments;
	size_t nr_threads; /* attached now */
};

/* Hot paths are inline in <hz3/shard/cache.h>; these are their slow ends. */
void *heap_malloc_slow(size_t size) __hidden;
void heap_free_slow(void *ptr) __hidden;

/**
 * heap_memalign() - allocate with an alignment
 * @align: a power of two, any size
 * @size: bytes; 0 counts as 1
 *
 * Return: the block, or NULL when memory is exhausted or @size + @align
 * exceeds HEAP_SIZE_MAX.
 */
void *heap_memalign(size_t align, size_t size) __hidden;

/* bulk.c: many at once; the first returns how many there are. */
size_t heap_malloc_bulk(size_t size, void **out, size_t n)
	__hidden __must_check;
void heap_free_bulk(void *const *ptr, size_t n) __hidden;

/* As heap_zalloc(), above BIN_SIZE_MAX, where fresh pages are zero already. */
void *heap_zalloc_big(size_t size) __hidden;

/* realloc(3) without errno; neither is 0. NULL: @ptr is intact. */
void *heap_realloc(void *ptr, size_t size) __hidden;

/* Bytes the program may use of a block of ours; fatal when it is not one. */
size_t heap_usable_size(const void *ptr) __hidden;

/* The size a request of @size would get. */
size_t heap_good_size(size_t size) __hidden;

/* Does the address belong to a block (live or not) of ours? */
bool heap_owns(const void *ptr) __hidden;

/* The block an address lies in, and its size; NULL: none. */
void *heap_block_of(const void *ptr, size_t *size) __hidden __must_check;

/* Can @size bytes of @ptr be used, perhaps by growing in place? */
bool heap_expand(void *ptr, size_t size) __hidden __must_check;

/* Is @size what @ptr was allocated with? Fatal in debug builds if not. */
void heap_check_size(const void *ptr, size_t size, size_t align) __hidden;

/* Give back what can be given back; returns bytes returned to the system. */
size_t heap_purge(void) __hidden;

void heap_get_stats(struct heap_stats *out) __hidden;

/* Give back a thread's caches; a later allocation of it works uncached. */
void heap_thread_exit(void) __hidden;

/* Give back a thread's caches; its next allocation makes new ones. */
void heap_thread_detach(void) __hidden;

/*
 * What the layers above do for us. Set before the first thread is created
 * (init/main.c); a NULL member means "nothing to do".
 */
struct heap_ops {
	/* Before any memory is taken; may not allocate. */
	void (*setup)(void);
	/* A thread is about to get a cache; may allocate, from us. */
	void (*thread_attaching)(void);
	/* A thread got its cache: arrange for heap_thread_exit() at its end. */
	void (*thread_attached)(void);
	/* Not our pointer: true if somebody else's free() took it. */
	bool (*foreign_free)(void *ptr);
	void *(*foreign_realloc)(void *ptr, size_t size);
	size_t (*foreign_usable_size)(const void *ptr);
	/* No memory, no locks held: true if it is worth another try. */
	bool (*out_of_memory)(size_t size);
};
extern struct heap_ops heap_ops __hidden;

/* fork(2): all locks, in lock order; see init/fork.c. */
void heap_fork_prepare(void) __hidden;
void heap_fork_parent(void) __hidden;
void heap_fork_child(void) __hidden;

#endif
