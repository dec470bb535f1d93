// SPDX-License-Identifier: MIT
/*
 * Formatting and writing for the moments when nothing else works: inside
 * malloc, in a forked child, with a corrupted heap. See <hz3/lib/fmt.h>.
 *
 * Text that does not fit is cut off; a buffer always ends in a NUL.
 */
#include <sys/syscall.h>

#include <errno.h>

#include <hz3/lib/fmt.h>
#include <hz3/syscall.h>

/* Digits of a 64-bit number in base 10, and "0x" with 16 of base 16. */
#define NUMBER_MAX 24

static void put_char(struct fmt_sink *out, char c)
{
	if (out->len + 1 < out->size)
		out->buf[out->len++] = c;
}

static void put_padded(struct fmt_sink *out, const char *s, size_t len,
		       size_t width)
{
	for (; width > len; width--)
		put_char(out, ' ');
	while (len--)
		put_char(out, *s++);
}

/**
 * fmt_number() - append a number
 * @out: where to
 * @value: the number
 * @base: 10 or 16
 * @prefix: what is in front of its digits
 * @width: characters at least, blanks come first
 *
 * Context: any.
 */
void fmt_number(struct fmt_sink *out, u64 value, unsigned int base,
		const char *prefix, size_t width)
{
	char text[NUMBER_MAX];
	char *p = text + sizeof(text);
	size_t len;

	do {
		*--p = "0123456789abcdef"[value % base];
		value /= base;
	} while (value);
	for (len = fmt_length(prefix); len; len--)
		*--p = prefix[len - 1];
	put_padded(out, p, (size_t)(text + sizeof(text) - p), width);
}

static void put_signed(struct fmt_sink *out, long value, size_t width)
{
	u64 magnitude = value < 0 ? -(u64)value : (u64)value;

	fmt_number(out, magnitude, 10, value < 0 ? "-" : "", width);
}

/**
 * fmt_string() - append a string
 * @out: where to
 * @s: the string, or NULL
 * @width: characters at least, blanks come first
 *
 * Context: any.
 */
void fmt_string(struct fmt_sink *out, const char *s, size_t width)
{
	if (!s)
		s = "(null)";
	put_padded(out, s, fmt_length(s), width);
}

/* A long is as wide as a size_t on everything we run on. */
static_assert(sizeof(long) == sizeof(size_t), "%l and %z are read alike");

/**
 * fmt_vformat() - format into a buffer
 * @buf: where the text goes, NUL-terminated; cut off when it is too long
 * @size: bytes at @buf, at least 1
 * @format: see <hz3/lib/fmt.h>
 * @args: what @format names
 *
 * Context: any.
 * Return: the length of the text in @buf.
 */
size_t fmt_vformat(char *buf, size_t size, const char *format, va_list args)
{
	struct fmt_sink out = { .buf = buf, .size = size, .len = 0 };
	const char *start;
	size_t width;
	bool wide;

	for (; *format; format++) {
		if (*format != '%') {
			put_char(&out, *format);
			continue;
		}
		start = format++;
		for (width = 0; *format >= '0' && *format <= '9'; format++)
			width = width * 10 + (size_t)(*format - '0');
		wide = *format == 'l' || *format == 'z';
		format += wide;
		switch (*format) {
		case 's':
			fmt_string(&out, va_arg(args, const char *), width);
			break;
		case 'c':
			put_char(&out, (char)va_arg(args, int));
			break;
		case 'd':
			put_signed(&out,
				   wide ? va_arg(args, long) :
					  va_arg(args, int),
				   width);
			break;
		case 'u':
		case 'x':
			fmt_number(&out,
				   wide ? va_arg(args, unsigned long) :
					  va_arg(args, unsigned int),
				   *format == 'u' ? 10 : 16, "", width);
			break;
		case 'p':
			fmt_number(&out, (uptr)va_arg(args, void *), 16, "0x",
				   width);
			break;
		case '%':
			put_char(&out, '%');
			break;
		default: /* unknown, or the end: show what was written */
			put_padded(&out, start, (size_t)(format - start), 0);
			format--;
		}
	}
	buf[out.len] = '\0';
	return out.len;
}

/**
 * fmt_format() - format into a buffer
 * @buf: where the text goes, NUL-terminated; cut off when it is too long
 * @size: bytes at @buf, at least 1
 * @format: see <hz3/lib/fmt.h>
 *
 * Context: any.
 * Return: the length of the text in @buf.
 */
size_t fmt_format(char *buf, size_t size, const char *format, ...)
{
	va_list args;
	size_t len;

	va_start(args, format);
	len = fmt_vformat(buf, size, format, args);
	va_end(args);
	return len;
}

/**
 * fmt_write() - write all of a text to a file descriptor
 * @fd: where to; may be closed, then nothing happens
 * @text: what
 * @len: how much
 *
 * Goes on after signals and partial writes, gives up at any other error:
 * there is nobody to tell.
 *
 * Context: any.
 */
void fmt_write(int fd, const char *text, size_t len)
{
	long ret;

	while (len) {
		ret = syscall6(SYS_write, fd, (long)text, (long)len, 0, 0, 0);
		if (ret == -EINTR)
			continue;
		if (syscall_failed(ret) || !ret)
			return;
		text += ret;
		len -= (size_t)ret;
	}
}

/**
 * fmt_print() - format one line and write it in one piece
 * @fd: where to
 * @format: see <hz3/lib/fmt.h>; at most FMT_LINE_MAX bytes are written, and a
 *          line that was cut off still ends in a newline
 *
 * Context: any.
 */
void fmt_print(int fd, const char *format, ...)
{
	char line[FMT_LINE_MAX];
	va_list args;
	size_t len;

	va_start(args, format);
	len = fmt_vformat(line, sizeof(line), format, args);
	va_end(args);
	if (len == sizeof(line) - 1)
		line[len - 1] = '\n';
	fmt_write(fd, line, len);
}
