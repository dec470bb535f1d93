#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Two instances with prefixes of their own in one process, beside the C
# library's malloc: neither knows the other's blocks, and no name is left that
# a third could meet.
# selftest: needs=STATIC_LIB timeout=60

. "$(dirname "$0")/lib.sh"

dir=$work/prefix
rm -rf "$dir"
mkdir -p "$dir"
cross=
native || cross=$(cat "$OBJTREE/.arch")-linux-gnu-
for name in one two; do
	cp "$OBJTREE/hz3.o" "$dir/$name.o"
	NM=${cross}nm OBJCOPY=${cross}objcopy sh "$top/scripts/prefix.sh" \
		${name}_ "$dir/$name.o" "$dir"
done

cat >"$dir/program.c" <<'END'
#include <one/embed.h>
#include <one/hz3.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <two/embed.h>
#include <two/hz3.h>

#define MUST(cond)             \
	do {                   \
		if (!(cond))   \
			abort(); \
	} while (0)

static int nr_setups;

void one_setup(void)
{
	nr_setups += 1;
}

void two_setup(void)
{
	nr_setups += 100;
}

static void *work(void *arg)
{
	for (size_t size = 1; size < 4000000; size = size * 2 + 1) {
		char *a = one_malloc(size);
		char *b = two_malloc(size);
		char *c = malloc(size);

		MUST(a && b && c);
		memset(a, 1, size);
		memset(b, 2, size);
		memset(c, 3, size);
		MUST(one_owns(a) && !one_owns(b) && !one_owns(c));
		MUST(two_owns(b) && !two_owns(a) && !two_owns(c));
		a = one_realloc(a, size * 2);
		b = two_realloc(b, size * 2);
		MUST(a[size - 1] == 1 && b[size - 1] == 2);
		one_free(a);
		two_free(b);
		free(c);
	}
	return arg;
}

int main(void)
{
	struct one_heap_stats one = { .size = sizeof(one) };
	struct two_heap_stats two = { .size = sizeof(two) };
	struct one_heap *heap = one_heap_create();
	pthread_t id[4];

	MUST(heap && one_heap_malloc(heap, 100));
	for (int i = 0; i < 4; i++)
		MUST(!pthread_create(&id[i], NULL, work, NULL));
	for (int i = 0; i < 4; i++)
		MUST(!pthread_join(id[i], NULL));
	one_heap_get_stats(NULL, &one);
	two_heap_get_stats(NULL, &two);
	MUST(one.nr_heaps == 1 && two.nr_heaps == 0);
	one_heap_destroy(heap);
	MUST(nr_setups == 101);
	return 0;
}
END
# shellcheck disable=SC2086  # a compiler and its flags
$CC -std=gnu11 -O2 -Wall -Wextra -Werror -fno-builtin -pthread -I "$dir" \
	-o "$dir/program" "$dir/program.c" "$dir/one.o" "$dir/two.o" -ldl
plain "$dir/program" || fail "the program: exit status $?"
"${cross}nm" -g "$dir/one.o" | grep -v ' [Uw] ' |
	grep -v -E ' (one_[a-z_]*|_*DYNAMIC)$' >"$dir/others" || :
[ ! -s "$dir/others" ] || fail "more names: $(cat "$dir/others")"
! "${cross}nm" "$dir/program" | grep -q -E ' [A-Z] hz3_' ||
	fail 'a name of hz3_ is left'
[ "$("${cross}nm" -g "$dir/two.o" | grep -c ' T two_')" -gt 40 ] ||
	fail 'names are missing'
