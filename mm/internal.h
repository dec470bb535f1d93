/* SPDX-License-Identifier: MIT */
/* What the files of this folder share beside its public headers. */
#ifndef MM_INTERNAL_H
#define MM_INTERNAL_H

#include <hz3/mm/segment.h>

/* arena.c, for arena_purge.c */
u32 arena_count(void) __hidden;
bool arena_claim_run(struct arena *a, u32 first, u32 n) __hidden __must_check;
void arena_release_run(struct arena *a, u32 first, u32 n) __hidden;

#define WORDS_PER_GRANULE (GRANULE_SIZE / OBJECT_ALIGN / BITS_PER_WORD)

/* The free bits of a span. */
static inline u64 *span_words(const struct span *sp)
{
	struct segment *s = segment_of(sp);

	return &s->free_bits[(size_t)(sp - s->span) * WORDS_PER_GRANULE];
}

#endif
