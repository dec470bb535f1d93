// SPDX-License-Identifier: MIT
/*
 * malloc_trim(), mallinfo() and relatives: the C library's questions about
 * its heap, answered with ours. Linked in when we replace its malloc.
 */
#include <hz3/lib/fmt.h>

#include "internal.h"
#include "libc.h"
#include "libc_names.h"

/**
 * malloc_trim() - give unused memory back to the system now
 * @pad: how much to keep; everything that can go, goes
 *
 * See hz3_purge_all() in <hz3/hz3.h>.
 *
 * Return: 1 if memory was given back, else 0.
 */
int malloc_trim(size_t pad)
{
	(void)pad;
	return hz3_purge_all() != 0;
}
libc_alias(__malloc_trim, malloc_trim);

/**
 * mallinfo2() - figures of the heap
 *
 * Return: see struct mallinfo2 in libc_names.h for what they mean here.
 */
struct mallinfo2 mallinfo2(void)
{
	struct mallinfo2 info = { .arena = 0 };
	struct heap_stats st;

	heap_get_stats(&st);
	info.arena = st.committed - min(st.committed, st.large_used);
	info.ordblks = st.nr_spans;
	info.hblks = st.nr_large;
	info.hblkhd = st.large_used;
	info.fsmblks = st.cached;
	info.uordblks = min(stats_in_use(&st) - st.large_used, info.arena);
	info.fordblks = info.arena - info.uordblks;
	info.keepcost = st.dirty;
	return info;
}
libc_alias(__mallinfo2, mallinfo2);
libc_alias(__libc_mallinfo2, mallinfo2);

/**
 * mallinfo() - mallinfo2() before there was much memory
 *
 * Return: the same figures, cut to an int.
 */
struct mallinfo mallinfo(void)
{
	struct mallinfo2 wide = mallinfo2();
	struct mallinfo info = {
		.arena = (int)wide.arena,
		.ordblks = (int)wide.ordblks,
		.hblks = (int)wide.hblks,
		.hblkhd = (int)wide.hblkhd,
		.fsmblks = (int)wide.fsmblks,
		.uordblks = (int)wide.uordblks,
		.fordblks = (int)wide.fordblks,
		.keepcost = (int)wide.keepcost,
	};

	return info;
}
libc_alias(__mallinfo, mallinfo);
libc_alias(__libc_mallinfo, mallinfo);

/* Largest M_MXFAST that glibc accepts on 64-bit machines. */
#define MXFAST_MAX 160

/**
 * mallopt() - tune the C library's heap
 * @param: one of the M_ constants
 * @value: the parameter's value
 *
 * Ours has hardly any of these parameters: those that param_hint() knows. What
 * glibc accepts is accepted as the hint it is, and programs that insist on
 * success run.
 *
 * Return: 1, or 0 for a value that makes no sense.
 */
int mallopt(int param, int value)
{
	char text[16];

	fmt_format(text, sizeof(text), "%d", value);
	param_hint(param, text);
	switch (param) {
	case MALLOPT_MXFAST:
		return value >= 0 && value <= MXFAST_MAX;
	case MALLOPT_MMAP_THRESHOLD:
		/* Negative: glibc takes it for a huge size and refuses. */
		return value >= 0;
	default:
		return 1;
	}
}
libc_alias(__mallopt, mallopt);
libc_alias(__libc_mallopt, mallopt);

/**
 * malloc_stats() - print figures of the heap on standard error
 */
void malloc_stats(void)
{
	stats_print(FMT_STDERR);
}
libc_alias(__malloc_stats, malloc_stats);

static bool put(FILE *fp, const char *format, ...) __printf(2, 3);
static bool put(FILE *fp, const char *format, ...)
{
	char line[FMT_LINE_MAX];
	va_list args;

	va_start(args, format);
	fmt_vformat(line, sizeof(line), format, args);
	va_end(args);
	return libc_fputs(line, fp);
}

/* What glibc prints for each arena, and again for all of them: we have one. */
static bool put_heap(FILE *fp, const struct heap_stats *st)
{
	return put(fp, "<total type=\"fast\" count=\"%zu\" size=\"%zu\"/>\n",
		   st->nr_threads, st->cached) &&
	       put(fp, "<total type=\"rest\" count=\"%zu\" size=\"%zu\"/>\n",
		   st->nr_spans, st->small_free);
}

/* As in glibc, large blocks ("mmap") are not part of the system's bytes. */
static bool put_system(FILE *fp, const struct heap_stats *st)
{
	size_t system = st->committed - min(st->committed, st->large_used);

	return put(fp, "<system type=\"current\" size=\"%zu\"/>\n", system) &&
	       put(fp, "<aspace type=\"total\" size=\"%zu\"/>\n",
		   st->reserved) &&
	       put(fp, "<aspace type=\"mprotect\" size=\"%zu\"/>\n", system);
}

/* Ours, for those who know: an element that glibc's readers skip. */
static bool put_own(FILE *fp, const struct heap_stats *st)
{
	return put(fp, "<hz3 version=\"%s\" segments=\"%zu\" spans=\"%zu\"",
		   hz3_version(), st->nr_segments, st->nr_spans) &&
	       put(fp, " small=\"%zu\" medium=\"%zu\" large=\"%zu\"",
		   st->small_used, st->medium_used, st->large_used) &&
	       put(fp, " cached=\"%zu\" dirty=\"%zu\" records=\"%zu\"",
		   st->cached, st->dirty, st->meta) &&
	       put(fp, " threads=\"%zu\"/>\n", st->nr_threads);
}

/**
 * malloc_info() - print figures of the heap as XML
 * @options: must be 0
 * @fp: where to; stdio may allocate its buffer meanwhile
 *
 * There is no history, so glibc's <system type="max"> is missing.
 *
 * Return: 0, EINVAL, or -1 when @fp has an error.
 */
int malloc_info(int options, FILE *fp)
{
	struct heap_stats st;
	bool ok;

	if (options)
		return EINVAL;
	heap_get_stats(&st);
	ok = put(fp, "<malloc version=\"1\">\n<heap nr=\"0\">\n") &&
	     put(fp, "<sizes>\n</sizes>\n") && put_heap(fp, &st) &&
	     put_system(fp, &st) && put(fp, "</heap>\n") && put_heap(fp, &st) &&
	     put(fp, "<total type=\"mmap\" count=\"%zu\" size=\"%zu\"/>\n",
		 st.nr_large, st.large_used) &&
	     put_system(fp, &st) && put_own(fp, &st) && put(fp, "</malloc>\n");
	return ok ? 0 : -1;
}
libc_alias(__malloc_info, malloc_info);
