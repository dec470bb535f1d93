#!/bin/sh
# SPDX-License-Identifier: MIT
#
# What a program that embeds us pays: the code that the linker takes for malloc,
# calloc, realloc and free, and what is resident of our own at the first
# allocation. The goals are 24 KiB and 64 KiB.
# selftest: needs=CC_OPTIMIZE_FOR_SIZE,STATIC_LIB,native timeout=60

. "$(dirname "$0")/lib.sh"

TEXT_MAX=32200 RESIDENT_MAX=64
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
	long before = anonymous() < 0 ? -1 : anonymous();
	char *p = malloc(100);
	long after;

	if (!p || before < 0)
		return 1;
	*p = 1;
	after = anonymous();
	p = realloc(p, 200);
	free(p);
	free(calloc(1, 10));
	printf("%ld\n", after - before);
	return 0;
}
END

# text_of NAME FLAGS...: bytes of code in the program
text_of()
{
	name=$1
	shift
	$CC -O2 -fno-builtin -pthread -I "$top/include/uapi" \
		-o "$dir/$name" "$dir/program.c" "$@" -Wl,--gc-sections -ldl
	size -A "$dir/$name" | awk '$1 == ".text" { print $2 }'
}

plain_text=$(text_of without)
text=$(($(text_of with -DEMBED "$OBJTREE/libhakozuna_hz3.a") - plain_text))
resident=$(plain "$dir/with") || fail "the program: exit status $?"
echo "text $text bytes, resident $resident KiB"
[ "$text" -gt 4096 ] || fail 'the program is not ours'
[ "$text" -le "$TEXT_MAX" ] || fail "text: $text bytes, $TEXT_MAX allowed"
[ "$resident" -gt 0 ] || fail 'nothing is resident'
[ "$resident" -le "$RESIDENT_MAX" ] ||
	fail "resident: $resident KiB, $RESIDENT_MAX allowed"
