#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The static library with musl: it builds without a warning, replaces musl's
# malloc, and programs with threads, forks and remote frees pass as they do
# with glibc. The shared library is for glibc only; hz3 doctor says so.

. "$(dirname "$0")/lib.sh"

native || skip 'the compiler is for this machine'
selftests=$top/tools/testing/selftests
programs='alignment api_public realloc_walk overflow usable thread_churn
	destructors fork_storm remote_exit remote_oneway remote_fork'

# What glibc's <malloc.h> has and musl's has not; hz3 defines it all the same.
mkdir "$dir/include"
cat >"$dir/include/malloc.h" <<'END'
#include <stdio.h>
#include <stdlib.h>
#include_next <malloc.h>

struct mallinfo2 {
	size_t arena, ordblks, smblks, hblks, hblkhd, usmblks, fsmblks,
	       uordblks, fordblks, keepcost;
};
struct mallinfo2 mallinfo2(void);
int malloc_trim(size_t pad);
int malloc_info(int options, FILE *fp);
void *pvalloc(size_t size);
END

for lane in fast scale; do
	tree=$dir/$lane
	other_tree "$tree" CC=musl-gcc ${lane}_defconfig
	no_output other_tree "$tree" CC=musl-gcc W=e prepare
	no_output other_tree "$tree" CC=musl-gcc W=e libhakozuna_hz3.a
	build="musl-gcc -std=gnu11 -D_GNU_SOURCE -O2 -fno-builtin -pthread
		-I $dir/include -I $top/include/uapi -static"
	# shellcheck disable=SC2086  # words
	$build -o "$tree/hello" "$here/hello.c" "$tree/libhakozuna_hz3.a"
	says "$(in_tree hz3version)" "$tree/hello"
	for name in $programs; do
		# shellcheck disable=SC2086
		$build -DSTATIC -o "$tree/program" "$selftests/$name.c" \
			"$tree/libhakozuna_hz3.a"
		"$tree/program" || fail "$name, $lane: status $?"
	done
done
