/* SPDX-License-Identifier: MIT */
/*
 * hz3: the functions that every build of the library exports, whether or not
 * it also replaces the C library's malloc. C11 or C++; link with
 * -lhakozuna_hz3.
 *
 * Blocks of hz3_malloc() and, in a build that replaces it, of malloc() are of
 * the same kind: either may be freed by either. Every function may be called
 * by any thread at any time, but not in a signal handler.
 */
#ifndef HZ3_HZ3_H
#define HZ3_HZ3_H

#include <hz3/api.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * hz3_version() - the release of the library that answers
 *
 * To learn at run time whether hz3 is there at all, look the name up with
 * dlsym(RTLD_DEFAULT, "hz3_version").
 *
 * Return: a constant string such as "0.1.0".
 */
HZ3_API const char *hz3_version(void) HZ3_NOEXCEPT;

/**
 * hz3_config() - the options the library was built with
 * @cb: called once for each option, with @arg, the option's name as in
 *      .config ("CONFIG_HZ3_NUM_SHARDS") and its value ("8", "y", "n"); the
 *      strings are constants. It may allocate and may leave by longjmp().
 * @arg: handed through
 */
HZ3_API void hz3_config(void (*cb)(void *arg, const char *name,
				   const char *value),
			void *arg);

/*
 * hz3_conf is yours to define, with options as in the variable HZ3_CONF, which
 * wins over it: const char *hz3_conf = "decay_ms:0"; It is read when the
 * library is initialised. See hz3.conf(5).
 */
HZ3_API extern const char *hz3_conf;

/**
 * hz3_malloc() - allocate a block
 * @size: bytes; 0 is allowed and gives a block of the smallest size
 *
 * Return: the block, aligned to 16 bytes; or NULL with errno ENOMEM.
 */
HZ3_MALLOC((1)) void *hz3_malloc(size_t size) HZ3_NOEXCEPT;

/**
 * hz3_calloc() - allocate a block of zeros
 * @nmemb: how many
 * @size: of how many bytes
 *
 * Return: the block, aligned to 16 bytes; or NULL with errno ENOMEM, also
 * when @nmemb times @size is more than a size_t holds.
 */
HZ3_MALLOC((1, 2)) void *hz3_calloc(size_t nmemb, size_t size) HZ3_NOEXCEPT;

/**
 * hz3_realloc() - change the size of a block
 * @ptr: the block, or NULL to allocate one
 * @size: its new size; 0 frees the block
 *
 * Return: the block, which may have moved, with its contents up to the
 * smaller of the sizes; NULL after a @size of 0; or NULL with errno ENOMEM,
 * and then @ptr is as it was.
 */
HZ3_ALLOC((2)) void *hz3_realloc(void *ptr, size_t size) HZ3_NOEXCEPT;

/**
 * hz3_free() - free a block
 * @ptr: the block, or NULL
 *
 * Keeps errno. A pointer that is not a live block of ours stops the program
 * with one line on standard error, if it can be seen.
 */
HZ3_API void hz3_free(void *ptr) HZ3_NOEXCEPT;

/**
 * hz3_aligned_alloc() - allocate a block with an alignment
 * @alignment: a power of two
 * @size: bytes; need not be a multiple of @alignment
 *
 * Return: the block; or NULL with errno ENOMEM, or EINVAL when @alignment is
 * not a power of two.
 */
HZ3_MALLOC((2))
void *hz3_aligned_alloc(size_t alignment, size_t size) HZ3_NOEXCEPT;

/**
 * hz3_usable_size() - how many bytes of a block may be used
 * @ptr: the block, or NULL
 *
 * Return: at least the size that was asked for; 0 for NULL.
 */
HZ3_API size_t hz3_usable_size(const void *ptr) HZ3_NOEXCEPT;

/**
 * hz3_zalloc() - allocate a block of zeros
 * @size: bytes
 *
 * Return: as hz3_malloc().
 */
HZ3_MALLOC((1)) void *hz3_zalloc(size_t size) HZ3_NOEXCEPT;

/**
 * hz3_rezalloc() - change the size of a block, new bytes are zero
 * @ptr: the block, or NULL to allocate one
 * @old_size: how many of its bytes are yours to keep
 * @size: its new size; 0 frees the block
 *
 * Return: as hz3_realloc(); every byte from @old_size on is 0.
 */
HZ3_ALLOC((3))
void *hz3_rezalloc(void *ptr, size_t old_size, size_t size) HZ3_NOEXCEPT;

/**
 * hz3_good_size() - how many bytes a request would get
 * @size: bytes
 *
 * Return: what hz3_usable_size() says of a hz3_malloc(@size); 0 when no such
 * request can succeed.
 */
HZ3_API size_t hz3_good_size(size_t size) HZ3_NOEXCEPT;

/**
 * hz3_alloc_at_least() - allocate a block and use all of it
 * @size: bytes
 * @usable: set to how many there are, 0 on failure
 *
 * Return: as hz3_malloc().
 */
HZ3_API void *hz3_alloc_at_least(size_t size, size_t *usable) HZ3_NOEXCEPT;

/**
 * hz3_expand() - make a block bigger where it is
 * @ptr: the block, or NULL
 * @size: bytes wanted
 *
 * Nothing moves, and nothing is given back. What was beyond the block before
 * has any content.
 *
 * Return: 1 when @size bytes of it may be used now; 0: it is as it was.
 */
HZ3_API int hz3_expand(void *ptr, size_t size) HZ3_NOEXCEPT;

/**
 * hz3_alloc_bulk() - allocate many blocks of one size
 * @size: bytes of each
 * @out: receives them
 * @n: how many
 *
 * Return: how many there are; if that is less than @n, errno is ENOMEM.
 */
HZ3_API size_t hz3_alloc_bulk(size_t size, void **out, size_t n) HZ3_NOEXCEPT;

/**
 * hz3_free_bulk() - free many blocks
 * @ptr: the blocks, of any sizes; some may be NULL
 * @n: how many
 */
HZ3_API void hz3_free_bulk(void *const *ptr, size_t n) HZ3_NOEXCEPT;

/**
 * hz3_free_sized() - free a block whose size you know
 * @ptr: the block, without an alignment of its own; or NULL
 * @size: the size it was allocated with; a debug build checks it
 */
HZ3_API void hz3_free_sized(void *ptr, size_t size) HZ3_NOEXCEPT;

/**
 * hz3_free_aligned_sized() - the same for a block with an alignment
 * @ptr: the block, or NULL
 * @alignment: the alignment it was allocated with; a debug build checks it
 * @size: the size it was allocated with; a debug build checks it
 */
HZ3_API void hz3_free_aligned_sized(void *ptr, size_t alignment,
				    size_t size) HZ3_NOEXCEPT;

/**
 * hz3_owns() - does an address lie in memory that hz3 hands out
 * @ptr: any address
 *
 * Return: 1 if so, whether the block there is live or free; or 0.
 */
HZ3_API int hz3_owns(const void *ptr) HZ3_NOEXCEPT;

/**
 * hz3_block_of() - the block an address lies in
 * @ptr: any address, also one inside a block
 * @size: NULL, or set to the block's usable bytes, 0 if there is none
 *
 * A block that has been freed may still be found: only what is live is certain.
 *
 * Return: the start of the block; NULL when the address is in none.
 */
HZ3_API void *hz3_block_of(const void *ptr, size_t *size) HZ3_NOEXCEPT;

/**
 * hz3_purge_all() - give the system all memory that is not in use
 *
 * Of all threads: what is free goes at once, except for what other threads
 * hold in their caches, which they give up when they next have to ask for
 * more, or have too much. malloc_trim() does the same.
 *
 * Return: how many bytes were given back.
 */
HZ3_API size_t hz3_purge_all(void) HZ3_NOEXCEPT;

/*
 * Heaps of your own: blocks that are counted, limited, visited and freed
 * together. Any thread may allocate from any heap. hz3_free(), hz3_realloc(),
 * hz3_usable_size() and, in a build that replaces malloc, free() and the rest
 * take blocks of heaps like all others; a block that is reallocated stays in
 * its heap. A heap takes 2 MiB of addresses and about 24 KiB of memory at
 * least; one that is destroyed leaves them to the next.
 */
struct hz3_heap;

/**
 * hz3_heap_create() - make a heap
 *
 * Return: the heap; or NULL with errno ENOMEM.
 */
HZ3_API struct hz3_heap *hz3_heap_create(void) HZ3_NOEXCEPT;

/**
 * hz3_heap_destroy() - free a heap with all its blocks
 * @heap: the heap, or NULL; nobody else may be using it or its blocks
 */
HZ3_API void hz3_heap_destroy(struct hz3_heap *heap) HZ3_NOEXCEPT;

/**
 * hz3_heap_reset() - free all blocks of a heap
 * @heap: the heap, which stays, with its limit; nobody else may be using it
 */
HZ3_API void hz3_heap_reset(struct hz3_heap *heap) HZ3_NOEXCEPT;

/**
 * hz3_heap_malloc() - allocate a block of a heap
 * @heap: the heap
 * @size: bytes
 *
 * Return: as hz3_malloc(); NULL with errno ENOMEM also beyond the limit.
 */
HZ3_MALLOC((2))
void *hz3_heap_malloc(struct hz3_heap *heap, size_t size) HZ3_NOEXCEPT;

/**
 * hz3_heap_calloc() - allocate a block of zeros of a heap
 * @heap: the heap
 * @nmemb: how many
 * @size: of how many bytes
 *
 * Return: as hz3_heap_malloc().
 */
HZ3_MALLOC((2, 3))
void *hz3_heap_calloc(struct hz3_heap *heap, size_t nmemb,
		      size_t size) HZ3_NOEXCEPT;

/**
 * hz3_heap_realloc() - change the size of a block, or allocate one
 * @heap: the heap, for a new block
 * @ptr: a block of it, or NULL
 * @size: its new size; 0 frees the block
 *
 * Return: as hz3_realloc(); NULL with errno ENOMEM also beyond the limit.
 */
HZ3_ALLOC((3))
void *hz3_heap_realloc(struct hz3_heap *heap, void *ptr,
		       size_t size) HZ3_NOEXCEPT;

/**
 * hz3_heap_aligned_alloc() - allocate a block of a heap with an alignment
 * @heap: the heap
 * @alignment: a power of two
 * @size: bytes
 *
 * Return: as hz3_aligned_alloc(); NULL with errno ENOMEM also beyond the limit.
 */
HZ3_MALLOC((3))
void *hz3_heap_aligned_alloc(struct hz3_heap *heap, size_t alignment,
			     size_t size) HZ3_NOEXCEPT;

/**
 * hz3_heap_set_limit() - bound what a heap has in use
 * @heap: the heap
 * @limit: usable bytes of all its blocks; 0: no limit, as at first
 */
HZ3_API void hz3_heap_set_limit(struct hz3_heap *heap,
				size_t limit) HZ3_NOEXCEPT;

/**
 * hz3_heap_of() - the heap that a block is of
 * @ptr: a block, or NULL
 *
 * Return: the heap; NULL for a block of hz3_malloc() and for what is none.
 */
HZ3_API struct hz3_heap *hz3_heap_of(const void *ptr) HZ3_NOEXCEPT;

/* Figures of a heap, or the sums of all. */
struct hz3_heap_stats {
	unsigned int size;    /* you set it; how much of it was filled in */
	unsigned int version; /* of the struct: 1 */
	size_t nr_heaps;      /* that exist */
	size_t nr_blocks;     /* live */
	size_t used_bytes;    /* usable bytes of them */
	size_t peak_bytes;    /* most of that there ever was; of one heap */
	size_t limit_bytes;   /* as set, 0: none; of one heap */
	size_t held_bytes;    /* addresses; the memory behind them is less */
	size_t nr_refused;    /* requests beyond the limit */
};

/**
 * hz3_heap_get_stats() - figures of a heap
 * @heap: the heap; NULL: all heaps there are
 * @stats: filled in; its size must be set
 */
HZ3_API void hz3_heap_get_stats(struct hz3_heap *heap,
				struct hz3_heap_stats *stats) HZ3_NOEXCEPT;

/**
 * hz3_heap_walk() - visit every live block of a heap
 * @heap: the heap
 * @cb: called with @arg, a block and its usable bytes; returns 0 to go on. It
 *      may allocate and free, also the block it is given, but not destroy or
 *      reset the heap.
 * @arg: handed through
 *
 * Blocks that come or go meanwhile are visited or not.
 *
 * Return: 0, or what @cb returned to end the walk.
 */
HZ3_API int hz3_heap_walk(struct hz3_heap *heap,
			  int (*cb)(void *arg, void *block, size_t size),
			  void *arg);

#ifdef __cplusplus
}
#endif

#endif
