#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Usage: hotpath.sh [--fix] LIBRARY
#
# Counts the instructions of the hit paths of hz3_malloc and hz3_free in the
# disassembly, from the entry to the first return, and fails when there are
# more than Documentation/design/hot-paths.rst promises, or when a call, a
# saved register, an atomic read-modify-write or a division appears.
#
# Then compares them, line by line, with hotpath-ARCH.golden, if the library
# was made by the compiler named there: another one writes other instructions,
# of which only the number is judged. --fix writes that file again.

set -eu

here=$(cd "$(dirname "$0")" && pwd)
fix=
if [ "${1:-}" = --fix ]; then
	fix=y
	shift
fi
lib=${1:?usage: hotpath.sh [--fix] LIBRARY}
. "$here/tempfiles.sh"
tmp=$(temp_folder hotpath)
remove_at_exit "$tmp"
case $(LC_ALL=C readelf -h "$lib") in
*X86-64*)
	arch=x86_64 objdump=objdump malloc_max=16 free_max=22
	never='^(call|push|lock|div|idiv|xchg|cmpxchg)'
	;;
*AArch64*)
	arch=aarch64 objdump=aarch64-linux-gnu-objdump
	malloc_max=19 free_max=31
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
		awk -f "$here/hotpath.awk"
}

# What the library says it was made by, its start files included.
compiler()
{
	LC_ALL=C readelf -p .comment "$lib" |
		sed -n 's/^ *\[ *[0-9a-f]*\]  *//p' | sort | paste -sd ';'
}

golden()
{
	cat <<-EOF
	# SPDX-License-Identifier: MIT
	# The hit paths on $arch; written by hotpath.sh --fix.
	# compiler: $(compiler)
	EOF
	for symbol in hz3_malloc hz3_free; do
		printf '\n%s:\n' "$symbol"
		path "$symbol" | sed 's/^/\t/'
	done
}

compare()
{
	golden >"$tmp/new"
	if [ "$(sed -n 3p "$tmp/new")" != "$(sed -n 3p "$golden")" ]; then
		echo "# only counted: this is of $(compiler)," \
			"the golden one of $(sed -n '3s/.*compiler: //p' "$golden")"
	elif diff -u --label golden --label "$lib" "$golden" "$tmp/new" \
		>"$tmp/diff"; then
		echo "ok - the hit paths are the golden ones"
		passed=$((passed + 1))
	else
		echo "not ok - the hit paths differ from the golden ones;" \
			"if that is meant: hotpath.sh --fix LIBRARY"
		sed 's/^/# /' "$tmp/diff"
		failed=$((failed + 1))
	fi
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

golden=$here/hotpath-$arch.golden
if [ -n "$fix" ]; then
	golden >"$tmp/new"
	cp "$tmp/new" "$golden"
fi
passed=0
failed=0
budget hz3_malloc "$malloc_max"
budget hz3_free "$free_max"
compare
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
