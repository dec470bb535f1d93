/* SPDX-License-Identifier: MIT */
/*
 * A thread of our own, of which the C library knows nothing: made by the
 * kernel alone, so that any slow path may start it, whatever locks of the
 * library its caller holds; a thread of pthread_create() could not be started
 * from free(), and would keep a process alive whose main thread has left.
 *
 * It has no thread-local storage: what it runs may make system calls, take
 * locks and read the clock, and may not touch errno or thread_current().
 * Signals stay blocked in it for ever.
 */
#ifndef HZ3_TASK_H
#define HZ3_TASK_H

#include <hz3/types.h>

bool task_start(void (*fn)(void)) __hidden __must_check;
void task_sleep(u32 ms) __hidden;
void task_reset(void) __hidden;

#endif
