#!/bin/sh
# SPDX-License-Identifier: MIT
#
# What a program that embeds us pays: the text, as size(1) counts it, that the
# linker takes for malloc, calloc, realloc and free, and what is resident with
# the first allocation, against a program without. The goals are 24 KiB and
# 64 KiB; Documentation/performance/footprint.rst has the figures.
# selftest: needs=CC_OPTIMIZE_FOR_SIZE,STATIC_LIB,native timeout=60

. "$(dirname "$0")/lib.sh"

TEXT_MAX=26500 RESIDENT_MAX=64
dir=$work/embed
mkdir -p "$dir"
cat >"$dir/program.c" <<'END'
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifdef EMBED
#include <hz3/hz3.h>
#define malloc	hz3_malloc
#define calloc	hz3_calloc
#define realloc hz3_realloc
#define free	hz3_free
#endif

static char text[8192];

/* KiB that the kernel calls anonymous: no files, no pages of others. */
static long anonymous(void)
{
	int fd = open("/proc/self/smaps_rollup", O_RDONLY);
	ssize_t len = read(fd, text, sizeof(text) - 1);
	char *line = len > 0 ? strstr(text, "Anonymous:") : NULL;

	close(fd);
	return line ? atol(line + 10) : -1;
}

int main(void)
{
#ifdef EMBED
	char *p = malloc(100);

	if (!p)
		return 1;
	*p = 1;
#endif
	printf("%ld\n", anonymous());
#ifdef EMBED
	p = realloc(p, 200);
	free(p);
	free(calloc(1, 10));
#endif
	return 0;
}
END

# program NAME FLAGS...
program()
{
	name=$1
	shift
	$CC -O2 -fno-builtin -pthread -I "$top/include/uapi" \
		-o "$dir/$name" "$dir/program.c" "$@" -Wl,--gc-sections -ldl
}

# The first column of size(1): code, constants, and what the linker adds
text_of()
{
	size "$dir/$1" | awk 'NR == 2 { print $1 }'
}

anonymous_of()
{
	plain "$dir/$1" || fail "the program: exit status $?"
}

embed="-DEMBED $OBJTREE/libhakozuna_hz3.a"
# relocations of a program that may be anywhere are no code
program without-text -no-pie
# shellcheck disable=SC2086  # a flag and a file
program with-text -no-pie $embed
program without
# shellcheck disable=SC2086
program with $embed
text=$(($(text_of with-text) - $(text_of without-text)))
resident=$(($(anonymous_of with) - $(anonymous_of without)))
echo "text $text bytes, resident $resident KiB"
[ "$text" -gt 4096 ] || fail 'the program is not ours'
[ "$text" -le "$TEXT_MAX" ] || fail "text: $text bytes, $TEXT_MAX allowed"
[ "$resident" -gt 0 ] || fail 'nothing is resident'
[ "$resident" -le "$RESIDENT_MAX" ] ||
	fail "resident: $resident KiB, $RESIDENT_MAX allowed"
