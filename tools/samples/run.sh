#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Usage: run.sh OBJTREE [FILTER]
#
# Builds the samples with the static library of an object tree, as a program
# that embeds hz3 would be, and runs them. FILTER is a shell pattern for the
# name. Where the library does not replace malloc, "own" is the C library's.

set -eu

OBJTREE=${1:?usage: run.sh OBJTREE [FILTER]}
filter=${2:-*}
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
: "${CC:=gcc}"
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
passed=0
failed=0

# build SOURCE PROGRAM
build()
{
	lib=$(sed -n 's/^ \* libs: //p' "$1")
	# shellcheck disable=SC2046,SC2086  # lists of flags
	$CC -std=gnu11 -O2 -Wall -Wextra -Werror -pthread -o "$2" "$1" \
		-I "$top/include/uapi" \
		${lib:+$(pkg-config --cflags "$lib")} \
		"$OBJTREE/libhakozuna_hz3.a" \
		${lib:+$(pkg-config --libs "$lib")} -ldl
}

for source in "$here"/*.c; do
	name=$(basename "$source" .c)
	# shellcheck disable=SC2254  # a pattern is wanted
	case $name in
	$filter) ;;
	*) continue ;;
	esac
	rc=0
	{ build "$source" "$out/$name" && timeout 120 "$out/$name"; } \
		>"$out/log" 2>&1 </dev/null || rc=$?
	if [ $rc -eq 0 ]; then
		echo "ok - $name"
		passed=$((passed + 1))
	else
		echo "not ok - $name: exit status $rc"
		failed=$((failed + 1))
	fi
	sed 's/^/    # /' "$out/log"
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
