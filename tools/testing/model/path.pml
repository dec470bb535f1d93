/* SPDX-License-Identifier: MIT */
/*
 * The way of a freed object: stash, dispatcher, inbox, depot, span, retired.
 *
 * Three shards and somebody who does the housekeeping. Shards 1 and 2 own a
 * span of two objects each, 0 and 1, 2 and 3; shard 3 owns none. Each thread
 * frees what it holds, may allocate once, and ends, in any order; what it
 * holds to the end it frees when its stash is gone already. At last
 * heap_purge() must bring every object back to its span.
 *
 *	           thread of shard 1   of shard 2    of shard 3     allocate
 *	(none)     holds 0, 2          -, is idle    1, 3           1 and 3
 *	-DFINE     0, 2                -             1, 3           1
 *	-DDENSE    0, 2                -             1, 3           3
 *	-DTHREE    2                   0             1, 3           2
 *	-DFORK     2                   -             1, forks       3
 *	  -DFINE   2                   -             1, forks       nobody
 *
 * With -DFINE critical sections are taken apart (lock.inc), with -DTHREE the
 * housekeeping waits for the end, with -DDENSE a bank is the stash.
 *
 *	stash.inc	remote/stash_*.c, message.c, shard/remote.c
 *	inbox.inc	remote/inbox.c
 *	lock.inc	<hz3/lock.h>
 *	fork.inc	shard/fork.c, threads_reset_fork()
 *	free_object()	heap_free(), cache_free_full(), cache_free_remote()
 *	stock()		make_room() and cache_release(): depot_put()
 *	malloc_object()	cache_malloc(), cache_poll(), cache_refill()
 *	refill()	refill_from(), own shard, or another that has room
 *	drain()		depot_drain_inbox()
 *	put()		shard_put(): span_put(), and drop_span() if empty
 *	reap()		reap_shard(): inbox, depot_reap(), empty_magazine()
 *	leave()		heap_thread_exit(), cache_release(), remote_put_home()
 *	purge_all()	heap_purge(): two rounds of reap_shards()
 *
 * A span without objects outside is retired at once, and is `gone`: its tags
 * are cleared and its pages may be purged at any moment, until span_create()
 * makes it anew. The code keeps some, which are gone later or never, so it has
 * fewer such moments. How the purge itself works is segment.pml's.
 *
 * Left out, and why no run that matters is missing:
 * - bins: magazines of different bins meet nowhere but in a mixed message,
 *   which the owner sorts by tag, each object for itself;
 * - depots and loaded magazines are sets: under the lock, or of one thread,
 *   who looks sees the whole. The spare never leaves its thread, nor do the few
 *   empty magazines it keeps for messages;
 * - weights of inboxes, budgets, ages, room hints: whoever posts may help, who
 *   misses may flush, who absorbs may refuse, on any occasion;
 * - thread states and the thread list: release_state() passes on a state with
 *   nothing in it;
 * - locks below a shard's (pool, arena, meta): never held across a step;
 * - growing: who finds nothing allocates elsewhere, where nobody else is.
 *
 * Steps are sequentially consistent. That release and acquire are enough for
 * that is argued in <hz3/remote/inbox.h> and memory-ordering.rst.
 *
 * Properties
 *	OBJECT_LOST	in the end each object is back in its span
 *	DELIVERED_TWICE	no object comes to where it is already, nor is handed
 *			out while the program has it
 *	TOUCHED		no object is looked up or used whose span is gone
 *	WRONG_OWNER	an object comes home under its own shard's lock only
 *	INBOX_LEFT	in the end the inboxes are empty
 *	STUCK		everybody comes to an end
 *	LOCKED		only with the lock is looked at what it guards
 *	no non-progress cycle	drains and flushes end
 */

#define NR_SHARDS 3
#ifdef DENSE
#define NR_MAGAZINES 3
#else
#define NR_MAGAZINES 2
#endif

#define ALL 15
#define BIT(o) (1 << (o))
#define OWNER_OF(o) ((o) / 2 + 1)
#define OBJECTS_OF(sh) ((3 << (2 * (sh) - 2)) & ALL)

#define REAPER 4

/* HELD_BY(t): what thread t holds at first. MALLOCS: which threads allocate. */
#if defined(THREE)
#define HELD_BY(t) (t == 1 -> BIT(2) : (t == 2 -> BIT(0) : BIT(1) | BIT(3)))
#define MALLOCS BIT(2)
#elif defined(FORK)
#define HELD_BY(t) (t == 1 -> BIT(2) : (t == 2 -> 0 : BIT(1)))
#ifdef FINE
#define MALLOCS 0
#else
#define MALLOCS BIT(3)
#endif
#else
#define HELD_BY(t) (t == 2 -> 0 : (t == 1 -> BIT(0) | BIT(2) : BIT(1) | BIT(3)))
#if defined(FINE)
#define MALLOCS BIT(1)
#elif defined(DENSE)
#define MALLOCS BIT(3)
#else
#define MALLOCS (BIT(1) | BIT(3))
#endif
#endif
#define HELD (HELD_BY(1) | HELD_BY(2) | HELD_BY(3))
#define NR_THREADS (2 + (HELD_BY(2) != 0))

/* Names of properties: 0 asserts it; run.sh has a mutant break just one. */
hidden byte OBJECT_LOST, DELIVERED_TWICE, TOUCHED, WRONG_OWNER;
hidden byte INBOX_LEFT, STUCK, LOCKED;

/* Sets of objects. */
byte live = HELD;		/* the program has them */
byte in_span = ALL & ~(HELD);	/* free bits */
byte gone;			/* their span is retired */
byte depot[NR_SHARDS + 1];

byte nr_done;			/* threads that ended */
bool finished;			/* all was purged in the end */

#include "fork.inc"
#include "inbox.inc"
#include "stash.inc"

inline lowest(set, o)
{
	if
	:: set & 1 -> o = 0
	:: !(set & 1) && (set & 2) -> o = 1
	:: !(set & 3) && (set & 4) -> o = 2
	:: else -> o = 3
	fi
}

/* span_is_empty: used counts what is not in the span, wherever it is. */
#ifdef RETIRE_TRANSIT
#define IS_EMPTY(sh) (!(live & OBJECTS_OF(sh)))
#else
#define IS_EMPTY(sh) (!(~in_span & OBJECTS_OF(sh)))
#endif

/*
 * What the lock guards is looked at with the lock. Not asserted where each
 * step stands alone: there a lack of it must show in what it does.
 */
#ifdef FINE
#define WITH_LOCK(sh)
#else
#define WITH_LOCK(sh) assert(holder[sh] == me || LOCKED);
#endif

inline put(sh, o)
{
	d_step {
		WITH_LOCK(sh)
		assert(!(gone & BIT(o)) || TOUCHED);
		assert(OWNER_OF(o) == sh || WRONG_OWNER);
		assert(!((in_span | live) & BIT(o)) || DELIVERED_TWICE);
		in_span = in_span | BIT(o);
		if
		:: IS_EMPTY(sh) -> gone = gone | OBJECTS_OF(sh)
		:: else
		fi
	}
}

inline drain(sh)
{
	inbox_take(sh, list);
	do
	:: list == 0 -> break
	:: else ->
		/* Read and written apart: what the lock is for. */
		tmp = depot[sh];
		d_step {
			WITH_LOCK(sh)
			assert(!(OBJECTS(list) & gone) || TOUCHED);
			assert(!(OBJECTS(list) & ~OBJECTS_OF(sh)) ||
			       WRONG_OWNER);
			assert(!(OBJECTS(list) & (tmp | in_span | live)) ||
			       DELIVERED_TWICE);
			depot[sh] = tmp | OBJECTS(list);
			tmp = list;
			list = NEXT(list);
			magazine_put(tmp);
			tmp = 0
		}
	od
}

/* What a miss loads from a shard: what the depot has, or one object. */
inline refill(sh)
{
	BEGIN(sh)
	drain(sh);
	atomic {
		WITH_LOCK(sh)
		loaded = depot[sh];
		depot[sh] = 0;
		if
		:: loaded == 0 && (in_span & OBJECTS_OF(sh)) ->
			gone = gone & ~OBJECTS_OF(sh);	/* span_create() */
			lowest(in_span & OBJECTS_OF(sh), o);
			loaded = BIT(o);
			in_span = in_span & ~BIT(o);
			o = 0
		:: else
		fi;
		GOT(loaded)
	}
	END(sh)
}

inline reap(sh)
{
#ifndef REAP_NO_DRAIN
	drain(sh);
#endif
	/* empty_magazine(): ours to their span, others to their owners */
	do
	:: !(depot[sh] & OBJECTS_OF(sh)) -> break
	:: else ->
		d_step {
			WITH_LOCK(sh)
			lowest(depot[sh] & OBJECTS_OF(sh), o);
			depot[sh] = depot[sh] & ~BIT(o)
		}
		put(sh, o);
		o = 0
	od;
	dst = 1;
	do
	:: dst > NR_SHARDS -> break
	:: dst <= NR_SHARDS && !(depot[sh] & OBJECTS_OF(dst)) -> dst++
	:: else ->
		magazine_get(m);
		if
		:: m ->
			d_step {
				FILL(m, depot[sh] & OBJECTS_OF(dst));
				depot[sh] = depot[sh] & ~OBJECTS_OF(dst)
			}
			inbox_post(dst, m)
		:: else		/* it stays for better days */
#ifdef REAP_RETRIES
			-> dst--
#endif
		fi;
		dst++
	od;
	dst = 0
}

inline purge_round()
{
	sh = 1;
	do
	:: sh > NR_SHARDS -> break
	:: else -> BEGIN(sh) reap(sh) END(sh); sh++
	od;
	sh = 0
}

/* In one step: nobody else is there any more. */
inline purge_all()
{
	atomic {
		purge_round();
#ifndef ONE_ROUND
		purge_round();
#endif
		assert(!(IS_LEFT(1) || IS_LEFT(2) || IS_LEFT(3)) || INBOX_LEFT);
		assert((in_span | EXCUSED) == ALL || OBJECT_LOST);
		finished = true
	}
}

/* depot_put() of the loaded magazine; another is loaded. */
inline stock(next)
{
	d_step {
		WITH_LOCK(me)
		assert(!(depot[me] & loaded) || DELIVERED_TWICE);
		depot[me] = depot[me] | loaded;
		GAVE(loaded)
		loaded = next
	}
}

inline free_object()
{
	atomic {
		lowest(mine, obj);
		mine = mine & ~BIT(obj);
		live = live & ~BIT(obj);
		assert(!(gone & BIT(obj)) || TOUCHED);
		GOT(BIT(obj))
		if
		:: OWNER_OF(obj) == me && !(loaded & (loaded - 1)) ->
			loaded = loaded | BIT(obj);
			obj = 255
		:: OWNER_OF(obj) != me ->
			absorb(obj, kept);
			if
			:: kept -> kept = false; obj = 255
			:: else
			fi
		:: OWNER_OF(obj) == me && loaded	/* it is full */
		fi
	}
	if
	:: obj == 255
	:: obj != 255 && OWNER_OF(obj) == me ->
		BEGIN(me)
		stock(BIT(obj))
		END(me)
	:: else -> stash_push(obj)
	fi;
	obj = 0
}

inline pop()
{
	atomic {
		lowest(loaded, o);
		assert(!(gone & BIT(o)) || TOUCHED);
		assert(!((in_span | live) & BIT(o)) || DELIVERED_TWICE);
		loaded = loaded & ~BIT(o);
		mine = mine | BIT(o);
		live = live | BIT(o);
		GAVE(BIT(o))
		o = 0
	}
}

inline malloc_object()
{
	if
	:: loaded == 0 && PENDING >= BUDGET -> stash_flush(BUDGET)
	:: else
	fi;
	if
	:: loaded ->
	:: loaded == 0 ->
		/* cache_poll(), when a reaping was since */
		if
		:: PENDING -> stash_flush(FLUSH_ALL)
		:: true
		fi;
		if
#ifndef REFILL_DROPS
		:: loaded
		:: loaded == 0 ->
#else
		:: true ->
#endif
			refill(me);
			if
			:: !loaded && (in_span & OBJECTS_OF(1)) -> refill(1)
			:: !loaded && (in_span & OBJECTS_OF(2)) -> refill(2)
			:: else
			fi
		fi
	fi;
	if
	:: loaded -> pop()
	:: else		/* another span, which is not in the model */
	fi
}

inline leave()
{
#ifndef EXIT_NO_FLUSH
	stash_flush(FLUSH_ALL);
#endif
	BEGIN(me)
	stock(0)
	END(me);
	/* destructors that run later: remote_put_home() */
	atomic {
		out = mine;
		live = live & ~mine;
		GOT(mine)
		mine = 0
	}
	deliver(out)
}

proctype thread(byte me; byte mine; bool may_malloc) RUNS
{
	byte loaded, obj, o, out, m, list, tmp, old;
	bool kept, ok, won;
#ifdef DENSE
	byte bank[NR_SHARDS + 1];
#else
	byte slot[RING], wr, rd, chain, count, i;
#endif
	FORK_LOCALS

	do
	:: mine -> free_object()
	:: may_malloc -> may_malloc = false; malloc_object()
	FORK_CHOICES
	:: !(mine & (mine - 1)) && !may_malloc && MAY_LEAVE -> break
	od;
	leave();
	nr_done++;
	AFTERWARDS
}

proctype reaper(byte me) RUNS
{
	byte sh, m, o, dst, list, tmp, old;
	bool ok, won;

#ifndef THREE
	/* reap_poll(), once while the others run */
	sh = 1;
	do
	:: sh > NR_SHARDS -> break
	:: else ->
		BEGIN_TRY(sh) reap(sh) END_TRY(sh);
		sh++
	od;
#endif
	nr_done == NR_THREADS;
	purge_all()
}

/* Runs when nothing else can. */
active proctype watch()
{
	timeout;
	assert(finished || STUCK)
}

inline start(t)
{
	run thread(t, HELD_BY(t), (MALLOCS & BIT(t)) != 0)
}

init
{
	atomic {
		start(1);
#ifdef THREE
		start(2);
#endif
		start(3);
		run reaper(REAPER)
	}
}
