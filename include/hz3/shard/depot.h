/* SPDX-License-Identifier: MIT */
/* Depots: a shard's stock of magazines. With the shard's lock held. */
#ifndef HZ3_SHARD_DEPOT_H
#define HZ3_SHARD_DEPOT_H

#include <hz3/shard/shard.h>

struct magazine *magazine_get(struct shard *sh)
	__hidden __must_check __must_hold(&sh->lock);
void magazine_put(struct shard *sh, struct magazine *m)
	__hidden __must_hold(&sh->lock);
struct magazine *depot_get(struct shard *sh, u32 bin)
	__hidden __must_check __must_hold(&sh->lock);
void depot_put(struct shard *sh, u32 bin, struct magazine *m)
	__hidden __must_hold(&sh->lock);
void depot_drain_inbox(struct shard *sh) __hidden __must_hold(&sh->lock);
void depot_reap(struct shard *sh, bool all) __hidden __must_hold(&sh->lock);
void pool_lock_fork(void) __hidden;
void pool_unlock_fork(void) __hidden;
void pool_reset_fork(void) __hidden;

#endif
