/* SPDX-License-Identifier: MIT */
/* What arena.c shares with arena_purge.c only. */
#ifndef MM_INTERNAL_H
#define MM_INTERNAL_H

#include <hz3/mm/arena.h>

u32 arena_count(void) __hidden;
bool arena_claim_run(struct arena *a, u32 first, u32 n) __hidden __must_check;
void arena_release_run(struct arena *a, u32 first, u32 n) __hidden;

#endif
