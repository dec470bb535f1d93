// SPDX-License-Identifier: MIT
/*
 * Delays at ordering points. See <hz3/delay.h>.
 *
 * A thread's choices come from a generator of its own, begun with the seed
 * and the thread's number in the order of first use: with one seed the n-th
 * point of the m-th thread is delayed alike in every run, as far as the
 * threads come in the same order and do the same.
 *
 * What it needs is a word of static TLS and two system calls: no libc, no
 * allocation. System calls leave errno alone. A signal handler that comes
 * between may see a state half advanced, and then draws other numbers.
 */
#include <sys/syscall.h>

#include <hz3/atomic.h>
#include <hz3/syscall.h>

#define SPIN_MAX     2048U /* turns: up to some ten microseconds */
#define SLEEP_US_MAX 128U

u32 debug_delay_seed = DELAY_SEED;
u32 debug_delay_every = DELAY_EVERY;

static u32 nr_threads; /* that came to a point; atomic, relaxed */
static __thread struct delay_state self __tls_initial_exec;

/* One of Vigna's splitmix64 steps: neighbouring inputs, unlike outputs. */
static u64 mix(u64 x)
{
	x += 0x9E3779B97F4A7C15UL;
	x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9UL;
	x = (x ^ x >> 27) * 0x94D049BB133111EBUL;
	return x ^ x >> 31;
}

/**
 * delay_begin() - set a generator to its start
 * @st: the generator
 * @seed: of the run
 * @number: of the thread
 */
void delay_begin(struct delay_state *st, u32 seed, u32 number)
{
	st->seed = seed;
	/* 0 is where a shift register stays for ever. */
	st->rnd = mix((u64)seed << 32 | number) | 1;
}

/**
 * delay_next() - what a thread does at its next point
 * @st: the thread's generator
 * @every: it waits at one point in so many; 0: at none
 *
 * Spins keep the CPU, so that others run beside; yields and sleeps make others
 * run instead. Half of the delays are yields: the cheapest way to let many
 * threads on few CPUs overtake.
 *
 * Return: what to do.
 */
struct delay delay_next(struct delay_state *st, u32 every)
{
	struct delay d = { .kind = DELAY_NONE };
	u64 r;

	st->rnd ^= st->rnd << 13;
	st->rnd ^= st->rnd >> 7;
	st->rnd ^= st->rnd << 17;
	/* What is left of a multiplication's low half is better mixed. */
	r = mix(st->rnd);
	if (!every || (u32)r % every)
		return d;
	switch (r >> 32 & 7) {
	case 0:
		d.kind = DELAY_SLEEP;
		d.amount = (u32)(r >> 40) % SLEEP_US_MAX + 1;
		break;
	case 1 ... 4:
		d.kind = DELAY_YIELD;
		break;
	default:
		d.kind = DELAY_SPIN;
		d.amount = (u32)(r >> 40) % SPIN_MAX + 1;
	}
	return d;
}

static void spin(u32 turns)
{
	while (turns--)
		cpu_relax();
}

/* As struct timespec of the kernel's interface. */
static void sleep_us(u32 us)
{
	long time[2] = { 0, (long)us * 1000 };

	syscall6(SYS_nanosleep, (long)time, 0, 0, 0, 0, 0);
}

/* The access that gives the number is a point itself, and must find a seed. */
static void begin(struct delay_state *st, u32 seed)
{
	delay_begin(st, seed, 0);
	delay_begin(st, seed, fetch_add_relaxed(&nr_threads, 1U));
}

/**
 * debug_delay() - an ordering point
 *
 * Context: any; may sleep for a fraction of a millisecond, with locks held.
 */
void debug_delay(void)
{
	struct delay_state *st = &self;
	u32 seed = load_relaxed(&debug_delay_seed);
	struct delay d;

	if (unlikely(!st->rnd || st->seed != seed))
		begin(st, seed);
	d = delay_next(st, load_relaxed(&debug_delay_every));
	switch (d.kind) {
	case DELAY_NONE:
		break;
	case DELAY_SPIN:
		spin(d.amount);
		break;
	case DELAY_YIELD:
		syscall6(SYS_sched_yield, 0, 0, 0, 0, 0, 0);
		break;
	case DELAY_SLEEP:
		sleep_us(d.amount);
		break;
	}
}
