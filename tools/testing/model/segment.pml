/* SPDX-License-Identifier: MIT */
/*
 * Granules: taken, put back, purged while others work: mm/segment.c and
 * shard_purge(), which drops the shard's lock around the system call.
 *
 * One shard, room for two segments of two granules. Two users take a granule,
 * write to it, look whether that is still there and put it back, twice each.
 * Two purgers go over the segments at the same time.
 *
 *	take_granule()	take_granules(), segment_take(), segment_create()
 *	put_granule()	drop_span(), span_destroy(), segment_put()
 *	settle()	settle_segment(), file_segment(), segment_destroy()
 *	purger()	shard_purge(), purge_segment(), segment_purge_begin(),
 *			os_purge(), segment_purge_end()
 *
 * Each critical section is one step: it looks at nothing but what the lock
 * guards. The system call is a step of its own, without the lock.
 *
 * Left out: time. A segment is aged when a purger comes to it, which is decay
 * 0; a longer decay only makes purges rarer. The arena hands a segment out
 * again as it is; that it may decommit it first makes it only cleaner.
 *
 * Steps are sequentially consistent, as the lock makes the code's.
 *
 * Properties
 *	PURGED_IN_USE	no granule is purged while somebody has it
 *	SEGMENT_GONE	no segment is given back while somebody purges in it
 *	NOT_ZERO	what is said to be zero has no old data
 *	GRANULE_LOST	in the end all granules are free
 *	no non-progress cycle	a purge ends
 *
 *	CHILD_LOSES_RUN	with FORK: no run is on its way out when a fork copies it
 *
 * FORK: the first user forks at its end, after gate_close() has waited for the
 * purges in flight (lib/gate.c, heap_fork_prepare()); the child has no other
 * thread. That closing keeps new purges out only makes fewer of them.
 */

#define NR_SEGMENTS 2
#define ALL 3			/* both granules of a segment */
#define ROUNDS 2

/* Names of properties: 0 asserts it; run.sh has a mutant break just one. */
hidden byte PURGED_IN_USE, SEGMENT_GONE, NOT_ZERO, GRANULE_LOST;
hidden byte CHILD_LOSES_RUN;

/* All sets are of granules. */
typedef segment {
	bool taken;		/* from the arena */
	bool turn;		/* another each time it was */
	bool is_dirty;		/* in the shard's list */
	byte free;
	byte dirty;
	byte aged;
	byte purging;		/* to say what goes wrong; not in the code */
	byte used;
	byte data;		/* old data or new */
};
segment seg[NR_SEGMENTS];
byte nr_segments;
byte nr_done;
byte inside;			/* purge_gate */

#ifdef FORK
#define FORKER_PID 2	/* a user; watch and init come first */
#define RUNS provided (!child || _pid == FORKER_PID)
bool child;
#else
#define RUNS
#endif

/* segment_is_empty(): a run that is being purged is not free. */
#ifdef DESTROY_PURGING
#define IS_EMPTY(s) ((seg[s].free | seg[s].purging) == ALL)
#else
#define IS_EMPTY(s) (seg[s].free == ALL)
#endif

inline settle(s)
{
	if
	:: IS_EMPTY(s) && nr_segments > 1 ->
		seg[s].taken = false;
		seg[s].is_dirty = false;
		nr_segments--
	:: else -> seg[s].is_dirty = seg[s].dirty
	fi
}

/* Any segment with a free granule, or else a new one. */
inline take_granule()
{
	atomic {
		if
		:: seg[0].taken && seg[0].free -> s = 0
		:: seg[1].taken && seg[1].free -> s = 1
		:: else ->
			if
			:: !seg[0].taken -> s = 0
			:: !seg[1].taken -> s = 1
			:: else -> goto next	/* NULL */
			fi;
			seg[s].taken = true;
			seg[s].turn = !seg[s].turn;
			seg[s].free = ALL;
			seg[s].dirty = (seg[s].data -> ALL : 0);
			seg[s].aged = 0;
			nr_segments++
		fi;
		g = (seg[s].free & 1 -> 1 : 2);
		assert(seg[s].dirty & g || !(seg[s].data & g) || NOT_ZERO);
		seg[s].free = seg[s].free & ~g;
		seg[s].dirty = seg[s].dirty & ~g;
		seg[s].aged = seg[s].aged & ~g;
		seg[s].used = seg[s].used | g;
		seg[s].is_dirty = seg[s].dirty
	}
}

inline put_granule()
{
	atomic {
		seg[s].used = seg[s].used & ~g;
		seg[s].free = seg[s].free | g;
		seg[s].dirty = seg[s].dirty | g;
		settle(s)
	}
}

proctype user() RUNS
{
	byte round, s, g;

	do
	:: round == ROUNDS -> break
	:: else ->
		take_granule();
		seg[s].data = seg[s].data | g;
		assert(seg[s].data & g || PURGED_IN_USE);
		put_granule();
next:		round++;
		s = 0;
		g = 0
	od;
#ifdef FORK
	if
#ifdef NO_GATE
	:: _pid == FORKER_PID -> child = true
#else
	:: atomic { _pid == FORKER_PID && !inside -> child = true }
#endif
	:: true
	fi;
#endif
	nr_done++
}

/* The next aged run, or 0. */
inline purge_begin()
{
	run_of = seg[s].aged;
	seg[s].purging = seg[s].purging | run_of;
#ifndef PURGE_IN_PLACE
	seg[s].dirty = seg[s].dirty & ~run_of;
	seg[s].free = seg[s].free & ~run_of;
#endif
	seg[s].aged = 0
}

inline purge_end()
{
	assert(seg[s].taken && seg[s].turn == turn || SEGMENT_GONE);
	seg[s].purging = seg[s].purging & ~run_of;
#if !defined(PURGE_KEEPS) && !defined(PURGE_IN_PLACE)
	seg[s].free = seg[s].free | run_of;
#endif
#ifndef REFUSED_CLEAN
	if
	:: refused ->
#ifdef REFUSED_AGED
		seg[s].aged = seg[s].aged | run_of;
#endif
		seg[s].dirty = seg[s].dirty | run_of
	:: else
	fi;
#endif
	refused = false
}

proctype purger() RUNS
{
	byte s, run_of;
	bool refused, turn;

	inside++;
	do
	:: s == NR_SEGMENTS -> break
	:: s < NR_SEGMENTS && !(seg[s].taken && seg[s].is_dirty) -> s++
	:: atomic {
		s < NR_SEGMENTS && seg[s].taken && seg[s].is_dirty ->
		seg[s].is_dirty = false;
		seg[s].aged = seg[s].dirty;
		turn = seg[s].turn;
		purge_begin()
	   }
	   do
	   :: atomic { run_of == 0 -> settle(s); s++; break }
	   :: run_of != 0 ->
		d_step {
			assert(!(seg[s].used & run_of) || PURGED_IN_USE);
			assert(seg[s].taken && seg[s].turn == turn ||
			       SEGMENT_GONE)
		}
		if
		:: seg[s].data = seg[s].data & ~run_of
		:: refused = true
		fi;
		atomic {
			purge_end();
			purge_begin()
		}
	   od
	od;
	inside--;
	nr_done++
}

/* Runs when nothing else can. */
active proctype watch()
{
	timeout;
#ifdef FORK
	assert(!child || !(seg[0].purging || seg[1].purging) ||
	       CHILD_LOSES_RUN);
	/* The child's other threads are not there to be done. */
	!child;
#endif
	assert(nr_done == 4 && !(seg[0].taken && seg[0].free != ALL) &&
	       !(seg[1].taken && seg[1].free != ALL) || GRANULE_LOST)
}

init
{
	atomic {
		run user();
		run user();
		run purger();
		run purger()
	}
}
