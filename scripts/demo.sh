#!/bin/bash
# SPDX-License-Identifier: MIT
#
# make demo: real programs under libc and under both lanes, one table.
#
#   demo.sh [NAME=LIBRARY...]
#
# Installs what is missing and builds both lanes; with arguments it measures
# the named libraries instead. The programs are those of the real-program
# tests (tools/testing/realprogs), in a size of their own. For each of them the
# table says how long it ran, its largest resident set, which allocator
# answered (asked inside every one of its processes, see whoami.c) and whether
# its output was the one it has under libc. The exit status is 1 when
# anything was not as it should be.
#
# One run of each: the times show that nothing is wrong, not who is faster.
# Benchmarks are in tools/bench.

# the Makefile may start us with another shell
[ -n "${BASH_VERSION-}" ] || exec bash "$0" "$@"

set -eu

top=$(cd "$(dirname "$0")/.." && pwd)
progs=$top/tools/testing/realprogs/progs
. "$top/tools/testing/realprogs/figures.sh"
. "$top/scripts/tempfiles.sh"
programs='python3 redis sqlite3 git gcc'

step()
{
	printf '  %-7s %s\n' "$1" "$2"
}

quietly()
{
	local status=0

	"$@" > "$work/log" 2>&1 || status=$?
	if [ "$status" -ne 0 ]; then
		tail -n 40 "$work/log"
		echo "demo: failed: $*" >&2
		exit "$status"
	fi
}

prepare_lanes()
{
	step INSTALL 'compiler, kconfig, the programs of the demo'
	"$top/scripts/install-deps.sh" build demo
	for lane in fast scale; do
		step BUILD "libhakozuna_hz3_$lane.so"
		quietly make -C "$top" "all_ldpreload_$lane"
		lanes+=("$lane=$top/libhakozuna_hz3_$lane.so")
	done
}

# "12 x hz3_fast.so 0.1.0": what the witnesses said
answered()
{
	awk '{
		who = $2
		sub(".*/", "", who)
		sub("^libhakozuna_", "", who)
		if ($3 != "-")
			who = who " " $3
		seen[who]++
	} END {
		for (who in seen) {
			printf "%s%d x %s", sep, seen[who], who
			sep = ", "
		}
	}' "$1.witness"
}

is_hz3()
{
	[ -s "$1.witness" ] && awk '$3 == "-" { exit 1 }' "$1.witness"
}

row()
{
	printf '%-8s  %-9s  %7s  %9s  %-9s  %s\n' "$@" >> "$work/table"
}

# One program under one allocator, compared with what it said under libc.
run_one()
{
	local program=$1 name=$2 lib=$3 dir=$work/$1 output=reference

	if ! "$progs/$program.sh" --run "$dir" demo "$name" ${lib:+"$lib"} \
		> "$dir/$name.log" 2>&1; then
		output=FAILED
	elif [ "$name" != libc ]; then
		output=equal
		cmp -s "$dir/libc.out" "$dir/$name.out" || output=DIFFERENT
	fi
	# an hz3 lane has a version, libc has none
	case $name in
	libc) ! is_hz3 "$dir/$name" || output=PRELOADED ;;
	fast | scale) is_hz3 "$dir/$name" || output='NOT HZ3' ;;
	esac
	wall=$(wall "$dir/$name" | awk '{ printf "%.2f", $1 }')
	peak=$(peak_kib "$dir/$name" | awk '{ printf "%.1f", $1 / 1024 }')
	row "$program" "$name" "$wall" "$peak" "$output" \
		"$(answered "$dir/$name")"
	printf '%8s s  %s\n' "$wall" "$output"
	case $output in
	reference | equal) ;;
	*)
		failed=$((failed + 1))
		tail -n 20 "$dir/$name.log"
		diff -a "$dir/libc.out" "$dir/$name.out" | head -10 || :
		;;
	esac
}

run_program()
{
	local program=$1 lane

	step SETUP "$program"
	quietly "$progs/$program.sh" --setup "$work/$program" demo
	for lane in libc= "${lanes[@]}"; do
		printf '  %-7s %-8s under %-8s' RUN "$program" "${lane%%=*}"
		run_one "$program" "${lane%%=*}" "${lane#*=}"
	done
	# what was compared is needed no longer, and is large
	rm -rf "${work:?}/$program"
}

begin=$SECONDS
failed=0
lanes=()
work=$(temp_folder demo)
remove_at_exit "$work"
chmod 755 "$work"

if [ $# -gt 0 ]; then
	for lane in "$@"; do
		lanes+=("${lane%%=*}=$(realpath "${lane#*=}")")
	done
else
	prepare_lanes
fi
row program allocator 'wall s' 'peak MiB' output 'processes and their malloc'
row -------- --------- ------- --------- --------- --------------------------
for program in $programs; do
	run_program "$program"
done
echo
cat "$work/table"
echo
if [ "$failed" -ne 0 ]; then
	echo "demo: $failed runs were wrong, $((SECONDS - begin)) s"
	exit 1
fi
echo "demo: every output as under libc, $((SECONDS - begin)) s"
