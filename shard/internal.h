/* SPDX-License-Identifier: MIT */
/* What cache.c, refill.c and remote.c share: a thread's loaded magazines. */
#ifndef SHARD_INTERNAL_H
#define SHARD_INTERNAL_H

#include <hz3/shard/thread.h>

/* How many objects the loaded magazine of a bin may hold; 0: there is none. */
static inline u32 cache_cap(const struct thread *t, u32 bin)
{
	if (t->top[bin] == NO_TOP)
		return 0;
	return (u32)(t->limit[bin] - magazine_of(t->top[bin])->slot);
}

/* Detach the loaded magazine; cache_set_block() must follow. */
static inline struct magazine *cache_detach(struct thread *t, u32 bin)
{
	void **top = t->top[bin];
	struct magazine *m;

	if (top == NO_TOP)
		return NULL;
	m = magazine_of(top);
	m->count = (u32)(top - m->slot);
	m->bin = bin;
	return m;
}

/* What is wanted of any shard. */
struct request {
	u32 bin;      /* an object of it, or BIN_RUN */
	size_t size;  /* of a run */
	size_t align; /* of a run */
	bool zeroed;  /* a run is known to be zero: out */
};

/* refill.c */
void *heap_rescue(struct request *rq) __hidden __must_check;

/* cache.c */
struct thread *cache_thread(void) __hidden;
u32 cache_next_cap(const struct thread *t, u32 bin) __hidden;
bool cache_refill(struct thread *t, u32 bin) __hidden __must_check;
void *cache_rescue(u32 bin) __hidden __must_check;
void *cache_take_direct(u32 bin) __hidden __must_check;

/* remote.c */
void remote_flush(struct thread *t, u32 budget) __hidden;
void remote_put_empty(struct thread *t, struct shard *sh)
	__hidden __must_hold(&sh->lock);
void remote_put_home(void *ptr, u32 tag) __hidden;

#endif
