/* SPDX-License-Identifier: MIT */
/*
 * hz3 as a part of a program or runtime: what it is told of, what it sets, and
 * where memory comes from. See hz3_embed(3).
 *
 * Like those of <hz3/hz3.h>, these functions may be called by any thread at
 * any time, but not in a signal handler.
 */
#ifndef HZ3_EMBED_H
#define HZ3_EMBED_H

#include <hz3/api.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * hz3_setup() - set hz3 up before it begins
 *
 * It is yours to define, and need not be there. It is called once, before hz3
 * takes any memory, and so before main() where the C library allocates
 * earlier. It may set options, handlers and where memory comes from, see below;
 * it may not allocate.
 */
HZ3_API void hz3_setup(void);

/**
 * hz3_set_oom_handler() - be asked before a request fails
 * @handler: called with @arg and the bytes that were asked for, by the thread
 *           that asks; returns 1 to have it tried again, 0 to let it fail.
 *           NULL: none, as at first.
 * @arg: handed through
 *
 * It may allocate and free, in any thread's place, and may leave by longjmp():
 * hz3 holds no lock; but a heap goes on counting a request of more than 1 MiB
 * that was left so. It may not call hz3_thread_detach(). What it allocates may
 * fail and call it again. It is not called for what could never succeed, nor at
 * the limit of a heap. Set it before other threads allocate.
 */
HZ3_API void hz3_set_oom_handler(int (*handler)(void *arg, size_t size),
				 void *arg) HZ3_NOEXCEPT;

/**
 * hz3_set_error_handler() - be told of mistakes that stop the program
 * @handler: called with @arg, a reason such as "double free", and the pointer
 *           or NULL, in place of the line on standard error; the program is
 *           aborted when it returns. NULL: none, as at first.
 * @arg: handed through
 *
 * It is called once, and from where the mistake was found, perhaps with a lock
 * held: as in a signal handler, it may call nothing that allocates or frees.
 * Set it before other threads allocate.
 */
HZ3_API void hz3_set_error_handler(void (*handler)(void *arg,
						   const char *reason,
						   const void *ptr),
				   void *arg) HZ3_NOEXCEPT;

/**
 * hz3_option_set() - set an option of hz3.conf(5)
 * @key: the option, such as "decay_ms"
 * @value: its value, as in HZ3_CONF
 *
 * At any time, also before the library is initialised; wins over all other
 * places. Options that say what is done at start have no effect afterwards.
 *
 * Return: 0; ENOENT: there is no such option; EINVAL: it has no such value.
 */
HZ3_API int hz3_option_set(const char *key, const char *value) HZ3_NOEXCEPT;

/* Figures of everything, bytes unless named nr_. */
struct hz3_stats {
	unsigned int size;    /* you set it; how much of it was filled in */
	unsigned int version; /* of the struct: 1 */
	size_t used_bytes;    /* in blocks of the program */
	size_t cached_bytes;  /* free, in the caches of threads and shards */
	size_t dirty_bytes;   /* free, kept for a moment before it goes back */
	size_t committed_bytes; /* whole segments that may be used */
	size_t reserved_bytes;  /* addresses */
	size_t record_bytes;    /* hz3's own, beside the segments */
	size_t medium_bytes;    /* of used_bytes, in blocks above 32 KiB */
	size_t large_bytes;     /* of used_bytes, in blocks of whole segments */
	size_t nr_medium;
	size_t nr_large;
	size_t nr_segments;
	size_t nr_threads; /* that have a cache */
};

/**
 * hz3_get_stats() - figures of everything
 * @stats: filled in; its size must be set
 *
 * Counters are read while threads go on: what they say need not add up.
 */
HZ3_API void hz3_get_stats(struct hz3_stats *stats) HZ3_NOEXCEPT;

/*
 * Where memory comes from, if not from the kernel. A provider gives ranges of
 * addresses, which hz3 commits before it uses them; all are multiples of the
 * page size. Only reserve must be there. It may be called by any thread that
 * allocates or frees, and with locks held: it may not call hz3, and it keeps
 * errno.
 */
struct hz3_page_ops {
	size_t size; /* sizeof(struct hz3_page_ops) */
	/* Addresses that nobody else has; NULL: none. */
	void *(*reserve)(void *arg, size_t size, size_t align);
	/*
	 * May be read and written from now on, and is zero at first; of what
	 * was committed before, nothing changes. Returns 0, else: refused.
	 * NULL: all that is reserved may be used.
	 */
	int (*commit)(void *arg, void *addr, size_t size);
	/*
	 * Is not used before it is committed again, and is zero then. Returns
	 * 0, else: refused, and nothing changes. NULL: always refused.
	 */
	int (*decommit)(void *arg, void *addr, size_t size);
	/*
	 * Does not matter any more: it may go on to be used, and is zero then.
	 * Returns 0, else: refused, and nothing changes. NULL: always refused.
	 */
	int (*purge)(void *arg, void *addr, size_t size);
	/* A whole range as it was reserved. NULL: it is kept for ever. */
	void (*release)(void *arg, void *addr, size_t size);
};

/**
 * hz3_set_page_provider() - have memory provided by the program
 * @ops: the operations, copied
 * @arg: handed to each of them
 *
 * Before the first allocation. Where hz3 replaces malloc the C library
 * allocates before main(): call it from hz3_setup().
 *
 * Return: 0; EINVAL: no operation reserve, or a table of a later release;
 * EBUSY: hz3 has memory already.
 */
HZ3_API int hz3_set_page_provider(const struct hz3_page_ops *ops,
				  void *arg) HZ3_NOEXCEPT;

/**
 * hz3_set_page_region() - have all memory taken from a fixed region
 * @start: its first byte; the region is zero, as static memory is
 * @size: its length; 8 MiB is little
 *
 * Then hz3 makes no system call for memory, and gives none back.
 *
 * Return: 0; EINVAL: it is too small; EBUSY: hz3 has memory already.
 */
HZ3_API int hz3_set_page_region(void *start, size_t size) HZ3_NOEXCEPT;

/**
 * hz3_thread_attach() - give the calling thread its caches now
 *
 * Otherwise it gets them when it first allocates.
 *
 * Return: 0; ENOMEM: it has none, and works without.
 */
HZ3_API int hz3_thread_attach(void) HZ3_NOEXCEPT;

/**
 * hz3_thread_detach() - take the calling thread's caches away
 *
 * What they hold goes to its owners, as at the end of a thread. The thread gets
 * new ones when it next allocates.
 */
HZ3_API void hz3_thread_detach(void) HZ3_NOEXCEPT;

/**
 * hz3_thread_flush() - send home what the calling thread freed of others
 *
 * Without it that waits for a batch, or for some hundred milliseconds.
 */
HZ3_API void hz3_thread_flush(void) HZ3_NOEXCEPT;

/**
 * hz3_thread_idle() - the calling thread is about to wait for long
 *
 * Its caches become empty, and stay.
 */
HZ3_API void hz3_thread_idle(void) HZ3_NOEXCEPT;

/*
 * Contexts: a thread's caches without a thread, for fibers and green threads,
 * and for systems without TLS. A context may be used by any thread, by one at a
 * time; the runtime sees to it that what the last one did is seen by the next.
 * Blocks are like all others: any of them may be freed through any context, by
 * hz3_free() and, in a build that replaces it, by free(). In a forked child
 * those go on that nobody was using at the fork.
 */
struct hz3_context;

/**
 * hz3_context_create() - make a context
 *
 * Return: the context; or NULL with errno ENOMEM.
 */
HZ3_API struct hz3_context *hz3_context_create(void) HZ3_NOEXCEPT;

/**
 * hz3_context_destroy() - the end of a context
 * @context: the context, or NULL; its blocks stay as they are
 */
HZ3_API void hz3_context_destroy(struct hz3_context *context) HZ3_NOEXCEPT;

/**
 * hz3_context_malloc() - allocate a block through a context
 * @context: the context
 * @size: bytes
 *
 * Return: as hz3_malloc().
 */
HZ3_MALLOC((2))
void *hz3_context_malloc(struct hz3_context *context, size_t size) HZ3_NOEXCEPT;

/**
 * hz3_context_calloc() - allocate a block of zeros through a context
 * @context: the context
 * @nmemb: how many
 * @size: of how many bytes
 *
 * Return: as hz3_calloc().
 */
HZ3_MALLOC((2, 3))
void *hz3_context_calloc(struct hz3_context *context, size_t nmemb,
			 size_t size) HZ3_NOEXCEPT;

/**
 * hz3_context_realloc() - change the size of a block through a context
 * @context: the context
 * @ptr: any block, or NULL to allocate one
 * @size: its new size; 0 frees the block
 *
 * Return: as hz3_realloc().
 */
HZ3_ALLOC((3))
void *hz3_context_realloc(struct hz3_context *context, void *ptr,
			  size_t size) HZ3_NOEXCEPT;

/**
 * hz3_context_aligned_alloc() - allocate with an alignment through a context
 * @context: the context
 * @alignment: a power of two
 * @size: bytes
 *
 * Return: as hz3_aligned_alloc().
 */
HZ3_MALLOC((3))
void *hz3_context_aligned_alloc(struct hz3_context *context, size_t alignment,
				size_t size) HZ3_NOEXCEPT;

/**
 * hz3_context_free() - free a block through a context
 * @context: the context
 * @ptr: any block, or NULL
 */
HZ3_API void hz3_context_free(struct hz3_context *context,
			      void *ptr) HZ3_NOEXCEPT;

/**
 * hz3_context_flush() - hz3_thread_flush() of a context
 * @context: the context
 */
HZ3_API void hz3_context_flush(struct hz3_context *context) HZ3_NOEXCEPT;

/**
 * hz3_context_idle() - hz3_thread_idle() of a context
 * @context: the context
 */
HZ3_API void hz3_context_idle(struct hz3_context *context) HZ3_NOEXCEPT;

#ifdef __cplusplus
}
#endif

#endif
