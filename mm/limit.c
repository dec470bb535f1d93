// SPDX-License-Identifier: MIT
/*
 * Limits on committed bytes; see <hz3/mm/limit.h>.
 *
 *	0                                     hard - reserve     hard
 *	+-------------------------------------------+-------------+
 *	| whatever is asked for                     |   reserve   |
 *	+-------------------------------------------+-------------+
 *
 * The reserve is opened when the program has been refused something, so that
 * it can say so: small objects, which share segments, may then commit up to
 * the limit itself. It is closed again when there is room for others; until
 * then those have to ask arena_is_reserved().
 *
 * All of it is relaxed: one counter, and a flag that is a hint.
 */
#include <hz3/align.h>
#include <hz3/atomic.h>
#include <hz3/mm/arena.h>
#include <hz3/mm/limit.h>

#define RESERVE_BYTES SEGMENT_SIZE

struct limits limits;

static size_t committed;
static bool reserve_is_open;

/* What may be committed at most; a limit below two segments has no reserve. */
static size_t limit_now(bool with_reserve)
{
	size_t hard = load_relaxed(&limits.hard);

	if (!hard)
		return SIZE_MAX;
	if (with_reserve || hard < 2 * RESERVE_BYTES)
		return hard;
	return hard - RESERVE_BYTES;
}

/**
 * limit_charge() - before committing
 * @bytes: how much
 *
 * Return: whether the limit permits it.
 */
bool limit_charge(size_t bytes)
{
	size_t now = fetch_add_relaxed(&committed, bytes) + bytes;

	if (likely(now <= limit_now(load_relaxed(&reserve_is_open))))
		return true;
	fetch_sub_relaxed(&committed, bytes);
	return false;
}

/**
 * limit_uncharge() - after giving back, or when it could not be committed
 * @bytes: how much
 */
void limit_uncharge(size_t bytes)
{
	size_t now = fetch_sub_relaxed(&committed, bytes) - bytes;

	if (unlikely(load_relaxed(&reserve_is_open)) &&
	    now + RESERVE_BYTES <= limit_now(false))
		store_relaxed(&reserve_is_open, false);
}

/**
 * limit_committed() - what counts
 *
 * Return: bytes.
 */
size_t limit_committed(void)
{
	return load_relaxed(&committed);
}

/**
 * limit_allows() - could it ever be had
 * @bytes: of a block
 *
 * Return: false when it is more than the limit, whatever else is freed.
 */
bool limit_allows(size_t bytes)
{
	return bytes <= limit_now(false);
}

/**
 * limit_is_soft_passed() - should memory be given back now
 *
 * Return: true while more than the soft limit is committed.
 */
bool limit_is_soft_passed(void)
{
	size_t soft = load_relaxed(&limits.soft);

	return unlikely(soft) && limit_committed() > soft;
}

/**
 * limit_refused() - the program is about to be told that there is no memory
 */
void limit_refused(void)
{
	if (limit_committed() + RESERVE_BYTES > limit_now(false))
		store_relaxed(&reserve_is_open, true);
}

/**
 * limit_is_reserved() - is what is left for small objects only
 *
 * Return: true from the first refusal until there is room again.
 */
bool limit_is_reserved(void)
{
	return load_relaxed(&reserve_is_open);
}
