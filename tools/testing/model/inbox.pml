/* SPDX-License-Identifier: MIT */
/*
 * One inbox: post, take, and the reuse of magazines: remote/inbox.c.
 *
 * Three producers send MESSAGES(me) magazines each; the owner drains while
 * they do and once when they are done. A producer that finds the inbox over
 * its bound drains for the owner; far over it, it waits for the lock.
 *
 *	inbox_post(), inbox_take()	inbox.inc
 *	producer()	cache_get(), inbox_post(), the rest of cache_post()
 *	drain()		depot_drain_inbox()
 *	owner()		cache_refill() and reap_try(), as far as they drain
 *
 * Left out: what becomes of the objects. A message carries one, its own; where
 * it goes is path.pml's. Each message weighs 1.
 *
 * Steps are sequentially consistent. That release and acquire are enough for
 * that is argued in <hz3/remote/inbox.h> and memory-ordering.rst.
 *
 * Properties
 *	OBJECT_LOST	in the end every object was delivered
 *	DELIVERED_TWICE	no object, and no magazine, comes out twice
 *	MISWEIGHED	the weight is that of what waits: who posts over the
 *			bound knows it
 *	LOCKED		only the holder releases the lock
 *	no non-progress cycle	a post and a drain end
 *
 * Whether a head can be the same again, posted anew, between a producer's look
 * and its compare-and-swap is asked by WITNESS_ABA: it can.
 */

#define NR_SHARDS 1
#define NR_PRODUCERS 3
#ifdef SMALL			/* to look for cycles takes longer */
#define ALL 15
#define MESSAGES(me) (me < 1 -> 2 : 1)
#else
#define ALL 31
#define MESSAGES(me) (me < 2 -> 2 : 1)
#endif
#define OBJECT(me, i) (1 << ((me) + 3 * (i)))
#define NR_MAGAZINES 3
#define OWNER NR_PRODUCERS

#define WEIGHED
#define BOUND 2			/* INBOX_BYTES_MAX */
#define FAR_OVER 3		/* four times that, in the code */
#define WEIGHT_MAX 3		/* INBOX_WEIGHT_MASK */

/* Names of properties: 0 asserts it; run.sh has a mutant break just one. */
hidden byte LOCKED, OBJECT_LOST, DELIVERED_TWICE, MISWEIGHED;
hidden byte ABA_HAPPENS;

byte nr_waiting;		/* magazines in the inbox */

#ifdef WITNESS_ABA
/* Was everything taken since a producer looked at head? */
bool taken[3];
#define LOOKED() taken[me] = false;
#define ABA_CHECK() assert(old == 0 || !taken[me] || ABA_HAPPENS);
#define ABA_TAKEN() taken[0] = true; taken[1] = true; taken[2] = true;
#else
#define LOOKED()
#define ABA_CHECK()
#define ABA_TAKEN()
#endif

#define POSTED(dst, m)                                          \
	ABA_CHECK()                                             \
	nr_waiting++;                                           \
	assert(weight[dst] == nr_waiting ||                     \
	       (weight[dst] == WEIGHT_MAX &&                    \
		nr_waiting > WEIGHT_MAX) || MISWEIGHED);
#define TAKEN(sh)                                               \
	ABA_TAKEN()                                             \
	nr_waiting = 0;

#include "lock.inc"
#include "inbox.inc"

byte delivered;
byte nr_done;

inline drain(sh)
{
	inbox_take(sh, list);
	do
	:: list == 0 -> break
	:: else ->
		d_step {
			m = list;
			list = mag[m].link;
			assert(!(delivered & mag[m].objects) ||
			       DELIVERED_TWICE);
			delivered = delivered | mag[m].objects;
			magazine_put(m);
			m = 0
		}
	od
}

inline help()
{
	if
	:: result < BOUND
	:: result >= FAR_OVER -> lock(1); ok = true
	:: else -> lock_try(1, ok)
	fi;
#ifdef HELP_UNLOCKED
	ok = result >= BOUND;
#endif
	if
	:: ok -> drain(1); unlock(1); ok = false
	:: else
	fi
}

proctype producer(byte me)
{
	byte i, m, list, result, old, old_weight;
#ifdef WEIGHT_STALE
	byte first_weight;
#endif
	bool ok, won;

	do
	:: i == MESSAGES(me) -> break
	:: else ->
		atomic {
			magazine_get(m);
			if
			:: m -> mag[m].objects = OBJECT(me, i)
			:: else
			fi
		}
		if
		:: m -> inbox_post(1, m); old_weight = 0; help()
		:: else -> delivered = delivered | OBJECT(me, i)
		fi;
		result = 0;
		i++
	od;
	nr_done++
}

proctype owner(byte me)
{
	byte m, list;

	lock(1);
	drain(1);
	unlock(1);
	nr_done == NR_PRODUCERS;
	lock(1);
	drain(1);
	unlock(1);
	assert(head[1] == 0 || OBJECT_LOST);
	assert(delivered == ALL || OBJECT_LOST)
}

init
{
	atomic {
		run producer(0);
		run producer(1);
		run producer(2);
		run owner(OWNER)
	}
}
