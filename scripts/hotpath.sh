#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Usage: hotpath.sh LIBRARY
#
# Counts the instructions of the hit paths of hz3_malloc and hz3_free in the
# disassembly, from the entry to the first return, and fails when there are
# more than Documentation/design/hot-paths.rst promises, or when a call, a
# saved register, an atomic read-modify-write or a division appears.

set -eu

lib=${1:?usage: hotpath.sh LIBRARY}
case $(LC_ALL=C readelf -h "$lib") in
*X86-64*)
	objdump=objdump malloc_max=16 free_max=22
	never='^(call|push|lock|div|idiv|xchg|cmpxchg)'
	;;
*AArch64*)
	objdump=aarch64-linux-gnu-objdump malloc_max=19 free_max=31
	never='^(bl|blr|stp|ldp|.?div|ldaxr|stlxr|cas|swp|ldadd)$'
	;;
*)
	echo "hotpath.sh: no budget for the machine of $lib" >&2
	exit 1
	;;
esac

# path SYMBOL: its instructions up to the first return, one a line
path()
{
	addr=$(LC_ALL=C readelf -Ws --dyn-syms "$lib" |
		awk -v s="$1" '{ sub(/@.*/, "", $8) } $8 == s { print $2; exit }')
	[ -n "$addr" ] || { echo "hotpath.sh: no $1 in $lib" >&2; exit 1; }
	$objdump -d --no-show-raw-insn --start-address="0x$addr" "$lib" |
		awk '/^ *[0-9a-f]+:\t/ { sub(/^[^\t]*\t/, ""); print
				if ($1 == "ret") exit }'
}

# budget SYMBOL MAXIMUM
budget()
{
	insns=$(path "$1")
	n=$(printf '%s\n' "$insns" | wc -l)
	bad=$(printf '%s\n' "$insns" | awk '{ print $1 }' |
		grep -cE "$never" || true)
	if [ "$n" -gt "$2" ] || [ "$bad" -ne 0 ]; then
		echo "not ok - $1: $n instructions ($2 allowed)," \
			"$bad that must not be there"
		printf '%s\n' "$insns" | sed 's/^/# /'
		failed=$((failed + 1))
	else
		echo "ok - $1: $n instructions ($2 allowed)"
		passed=$((passed + 1))
	fi
}

passed=0
failed=0
budget hz3_malloc "$malloc_max"
budget hz3_free "$free_max"
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
