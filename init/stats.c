// SPDX-License-Identifier: MIT
/*
 * The figures, for people: malloc_stats(), and option stats_print at exit.
 *
 * Written to a file descriptor and not to stdio's stderr: at exit that may be
 * closed, and with a heap that is being debugged stdio may not work.
 */
#include <hz3/lib/fmt.h>

#include "internal.h"

#define STATS_VERSION 1

static void line(int fd, const char *label, size_t value)
{
	fmt_print(fd, "%s %10zu\n", label, value);
}

/**
 * stats_in_use() - bytes that belong to the program
 * @st: the heap's figures
 *
 * The counters are read one after another while threads go on, so that a
 * difference may come out negative; then it is 0.
 *
 * Return: bytes in blocks of all sizes.
 */
size_t stats_in_use(const struct heap_stats *st)
{
	size_t small = st->small_used - min(st->small_used, st->cached);

	return small + st->medium_used + st->large_used;
}

/**
 * hz3_get_stats() - see <hz3/embed.h>
 * @stats: filled in, as much as its size says
 */
void hz3_get_stats(struct hz3_stats *stats)
{
	struct hz3_stats out = { .version = STATS_VERSION };
	struct heap_stats st;

	heap_get_stats(&st);
	out.used_bytes = stats_in_use(&st);
	out.cached_bytes = st.cached;
	out.dirty_bytes = st.dirty;
	out.committed_bytes = st.committed;
	out.reserved_bytes = st.reserved;
	out.record_bytes = st.meta;
	out.medium_bytes = st.medium_used;
	out.large_bytes = st.large_used;
	out.nr_medium = st.nr_medium;
	out.nr_large = st.nr_large;
	out.nr_segments = st.nr_segments;
	out.nr_threads = st.nr_threads;
	copy_figures(stats, &out, sizeof(out));
}

/**
 * stats_print() - print the heap's figures
 * @fd: where to
 *
 * The first lines look like glibc's malloc_stats(), for the scripts that read
 * it; there is one heap, so "Arena 0" is everything without large blocks.
 *
 * Context: takes locks, does not allocate.
 */
void stats_print(int fd)
{
	struct heap_stats st;

	heap_get_stats(&st);
	fmt_print(fd, "Arena 0:\n");
	line(fd, "system bytes     =",
	     st.committed - min(st.committed, st.large_used));
	line(fd, "in use bytes     =", stats_in_use(&st) - st.large_used);
	fmt_print(fd, "Total (incl. mmap):\n");
	line(fd, "system bytes     =", st.committed);
	line(fd, "in use bytes     =", stats_in_use(&st));
	fmt_print(fd, "hz3 %s:\n", hz3_version());
	line(fd, "large blocks     =", st.nr_large);
	line(fd, "large bytes      =", st.large_used);
	line(fd, "medium blocks    =", st.nr_medium);
	line(fd, "medium bytes     =", st.medium_used);
	line(fd, "small bytes      =", st.small_used);
	line(fd, "of that cached   =", st.cached);
	line(fd, "room in spans    =", st.small_free);
	line(fd, "spans            =", st.nr_spans);
	line(fd, "segments         =", st.nr_segments);
	line(fd, "free, resident   =", st.dirty);
	line(fd, "reserved bytes   =", st.reserved);
	line(fd, "record bytes     =", st.meta);
	line(fd, "threads          =", st.nr_threads);
}
