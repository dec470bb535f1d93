/* SPDX-License-Identifier: MIT */
/*
 * Text without stdio: formatting into a fixed buffer, and write(2).
 *
 * Known conversions: %s %c %d %u %lu %zu %x %lx %zx %p %%, each with an
 * optional decimal width that pads with blanks on the left. Anything else is
 * copied as it stands, so that a typo shows instead of eating arguments.
 *
 * Context: any; nothing is allocated, locked or left in errno.
 */
#ifndef HZ3_LIB_FMT_H
#define HZ3_LIB_FMT_H

#include <hz3/types.h>

#include <stdarg.h>

/* Longest line fmt_print() writes; threads may have 16 KiB of stack. */
#define FMT_LINE_MAX 256

#define FMT_STDERR 2

/* strlen(), which a compiler makes of most loops that are called so. */
static inline size_t fmt_length(const char *s)
{
	size_t len = 0;

	while (s[len])
		len++;
	return len;
}

/* Where the text goes. @len is below @size, one byte is kept for a NUL. */
struct fmt_sink {
	char *buf;
	size_t size;
	size_t len;
};

void fmt_string(struct fmt_sink *out, const char *s, size_t width) __hidden;
void fmt_number(struct fmt_sink *out, u64 value, unsigned int base,
		const char *prefix, size_t width) __hidden;
size_t fmt_vformat(char *buf, size_t size, const char *format, va_list args)
	__hidden __printf(3, 0);
size_t fmt_format(char *buf, size_t size, const char *format, ...)
	__hidden __printf(3, 4);
void fmt_write(int fd, const char *text, size_t len) __hidden;
void fmt_print(int fd, const char *format, ...) __hidden __printf(2, 3);

#endif
