// SPDX-License-Identifier: MIT
/*
 * The footprint, as sizes of symbols: scripts/footprint.sh compiles this and
 * reads them from the object file. Nothing is run, so the compiler may be one
 * for another machine.
 */
#include <hz3/remote/inbox.h>
#include <hz3/shard/shard.h>
#include <hz3/shard/thread.h>

#define DENSE IS_ENABLED(CONFIG_HZ3_REMOTE_STASH_DENSE)

/* The pointer in TLS, and what may be left free to align the state. */
char thread_bytes[sizeof(struct thread *) + THREAD_ALIGN - 1 +
		  sizeof(struct thread)];
char stash_bytes[sizeof(struct stash)];

/* Magazines at most: loaded and spare; one per destination and bin. */
char cache_bytes[2 * NR_BINS * sizeof(struct magazine)];
char bank_bytes[DENSE * (NR_SHARDS - 1) * NR_BINS * sizeof(struct magazine)];

char shard_bytes[sizeof(struct shard)];
char inbox_bytes[sizeof(struct inbox)];
