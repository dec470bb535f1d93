/* SPDX-License-Identifier: MIT */
/*
 * The futex lock: include/hz3/lock.h and lib/lock.c.
 *
 * Three threads, each inside twice; one of them is in fork() the first time.
 *
 *	try_raw()	__lock_try_raw(): one compare-and-swap
 *	acquire()	lock_acquire(), lock_hold(), __lock_wait()
 *	release()	lock_release(), lock_unhold()
 *	wake()		__lock_wake(), FUTEX_WAKE of one
 *	futex_wait()	FUTEX_WAIT: the kernel compares and enqueues in one step
 *
 * Left out: the number of spins. A round of spinning is a load and perhaps a
 * try; any number of rounds that find the lock taken equals one, or none, of
 * which the model chooses either. The kernel wakes any sleeper, not the first:
 * more than it does. A signal ends one wait; more of them would only hide a
 * sleeper that nobody wakes.
 *
 * Steps are sequentially consistent. That acquire and release are enough for
 * what the lock guards is argued in <hz3/lock.h> and memory-ordering.rst.
 *
 * Properties
 *	MUTUAL_EXCLUSION	nobody is inside while another is
 *	LOST_WAKEUP		nobody sleeps for ever: all threads end
 *	no non-progress cycle	a waiter sleeps; it does not spin without bound
 */

#define NR_THREADS 3
#define ROUNDS 2

#define FREE 0
#define HELD 1
#define CONTENDED 2

/* Names of properties: 0 asserts it; run.sh has a mutant break just one. */
hidden byte MUTUAL_EXCLUSION, LOST_WAKEUP;

byte state;			/* struct lock */
bool asleep[NR_THREADS];	/* in the futex's queue */
bool signals = 1;		/* that are still to come */
byte forker = 255;		/* hz3_fork_owner */
byte nr_inside;
byte nr_done;

inline try_raw(ok)
{
#ifdef TRY_LOAD_STORE
	ok = state == FREE;
	if
	:: ok -> state = HELD
	:: else
	fi
#else
	d_step {
		ok = state == FREE;
		if
		:: ok -> state = HELD
		:: else
		fi
	}
#endif
}

inline futex_wait()
{
	atomic {
		if
#ifndef WAIT_NO_COMPARE
		:: state != CONTENDED	/* EAGAIN */
		:: else
#else
		:: true
#endif
			-> asleep[me] = true
		fi
	}
	if
	:: !asleep[me]
	:: atomic { asleep[me] && signals -> signals = 0; asleep[me] = false }
	fi
}

inline wake()
{
	atomic {
		if
		:: asleep[0] -> asleep[0] = false
		:: asleep[1] -> asleep[1] = false
		:: asleep[2] -> asleep[2] = false
		:: else
		fi
	}
}

inline acquire()
{
	try_raw(ok);
	if
	:: ok
	:: !ok && forker == me
	:: !ok && forker != me ->
		/* the bounded spin */
#ifdef SPIN_FOREVER
		do
		:: ok -> break
		:: !ok && state == FREE -> try_raw(ok)
		:: !ok && state != FREE
		od;
#else
		if
		:: state == FREE -> try_raw(ok)
		:: true
		fi;
#endif
		do
		:: ok -> break
		:: else ->
			d_step {
				ok = state == FREE;
#ifdef WOKEN_TAKES_HELD
				state = (slept && ok -> HELD : CONTENDED)
#else
				state = CONTENDED
#endif
			}
			if
			:: ok
			:: else ->
				futex_wait();
#ifdef WOKEN_TAKES_HELD
				slept = true
#endif
			fi
		od
	fi;
	ok = false
}

inline release()
{
	if
#ifndef FORK_OWNER_RELEASES
	:: forker == me
	:: forker != me ->
#else
	:: true ->
#endif
		d_step {
			ok = state == CONTENDED;
			state = FREE
		}
		if
#ifndef WAKE_LOST
		:: ok -> wake()
#endif
		:: else
		fi
	fi;
	ok = false
}

inline critical_section()
{
	nr_inside++;
	assert(nr_inside == 1 || MUTUAL_EXCLUSION);
	nr_inside--
}

/* Between prepare and fork(), other handlers allocate. */
inline fork_handlers()
{
	forker = me;
	acquire();
	release();
	critical_section();
	forker = 255
}

proctype user(byte me)
{
	byte round;
	bool ok;
#ifdef WOKEN_TAKES_HELD
	bool slept;
#endif

	do
	:: round == ROUNDS -> break
	:: else ->
		if
		:: acquire()
		:: try_raw(ok);		/* lock_try() */
			if
			:: ok -> ok = false
			:: else -> goto next
			fi
		fi;
		if
		:: me == 0 && round == 0 -> fork_handlers()
		:: else -> critical_section()
		fi;
		release();
next:		round++
	od;
	nr_done++
}

/* Runs when nothing else can. */
active proctype watch()
{
	timeout;
	assert(nr_done == NR_THREADS || LOST_WAKEUP)
}

init
{
	atomic {
		run user(0);
		run user(1);
		run user(2)
	}
}
