// SPDX-License-Identifier: MIT
/*
 * The figures behind mallinfo2() and friends: a snapshot of counters that
 * threads go on changing, taken one lock after the other.
 */
#include <hz3/mm/arena.h>
#include <hz3/mm/meta.h>
#include <hz3/shard/heap.h>
#include <hz3/shard/pheap.h>
#include <hz3/shard/shard.h>
#include <hz3/shard/sizeclass.h>
#include <hz3/shard/thread.h>

#include "internal.h"

/**
 * shard_add_stats() - what a shard, or a heap, has
 * @sh: the shard
 * @out: added to
 */
void shard_add_stats(struct shard *sh, struct heap_stats *out)
{
	struct list_head *pos;
	u32 bin;

	lock_acquire(&sh->lock);
	list_for_each(pos, &sh->dirty)
		out->dirty +=
			list_entry(pos, struct segment, dirty_link)->nr_dirty *
			GRANULE_SIZE;
	out->small_free += sh->span_bytes;
	out->medium_used += sh->run_bytes;
	out->nr_medium += sh->nr_runs;
	out->nr_segments += sh->nr_segments;
	for (bin = 0; bin < NR_BINS; bin++) {
		const struct depot *d = &sh->depot[bin];
		size_t bytes = (size_t)d->nr_out * bin_size(bin);

		out->nr_spans += d->nr_spans;
		out->small_used += bytes;
		out->small_free -= bytes;
		out->cached += (size_t)d->nr_objects * bin_size(bin);
	}
	lock_release(&sh->lock);
}

/**
 * heap_get_stats() - the figures behind mallinfo2() and friends
 * @out: filled in
 */
void heap_get_stats(struct heap_stats *out)
{
	struct arena_stats as;
	u32 i;

	*out = (struct heap_stats){ 0 };
	for (i = 1; i <= NR_SHARDS; i++)
		if (shard_is_ready((u8)i))
			shard_add_stats(&hz3_shard[i], out);
	pheaps_add_stats(out);
	arena_get_stats(&as);
	out->reserved = as.reserved_bytes;
	out->committed = as.committed_bytes;
	out->dirty += as.dirty_bytes;
	out->large_used = as.large_bytes;
	out->nr_large = as.nr_large;
	out->meta = meta_bytes();
	out->cached += thread_cached_bytes();
	out->nr_threads = thread_count();
}
