#!/bin/bash
# SPDX-License-Identifier: MIT
#
# A real program as a benchmark.
#
#   run.sh --setup DIR SIZE NAME...   make the tools and the inputs in DIR and
#                                     run each program once with libc
#   run.sh DIR SIZE NAME              one run with the allocator that is
#                                     preloaded into this script, or with libc
#
# The programs are those of the real-program tests (tools/testing/realprogs),
# SIZE is short, demo or long. The time is that of the program alone, for a
# server that of the load on it; the memory is its largest resident set. The
# run fails when a process of the program used another allocator, or when the
# output is not the one under libc.

set -eu

lib=${LD_PRELOAD-}
lib=${lib##*:}
unset LD_PRELOAD

top=$(cd "$(dirname "$0")/../../.." && pwd)
progs=$top/tools/testing/realprogs/progs
. "$top/tools/testing/realprogs/figures.sh"

# The runs of a program in a folder: run_once FOLDER SIZE NAME RUN [LIBRARY]
run_once()
{
	local folder=$1 size=$2 name=$3 run=$4

	shift 4
	if ! "$progs/$name.sh" --run "$folder" "$size" "$run" "$@" \
		> "$folder/$run.log" 2>&1; then
		cat "$folder/$run.log" >&2
		echo "$name failed with ${*:-libc}" >&2
		return 1
	fi
}

setup()
{
	local folder=$1/$3-$2 size=$2 name=$3

	[ ! -e "$folder/ready" ] || return 0
	echo "  SETUP   $folder"
	rm -rf "$folder"
	mkdir -p "$folder"
	"$progs/$name.sh" --setup "$folder" "$size" \
		> "$folder/setup.log" 2>&1 || {
		cat "$folder/setup.log" >&2
		return 1
	}
	run_once "$folder" "$size" "$name" libc
	: > "$folder/ready"
}

measure()
{
	local folder=$1/$3-$2 size=$2 name=$3 time

	[ -e "$folder/ready" ] || {
		echo "first: $0 --setup $*" >&2
		return 2
	}
	run_once "$folder" "$size" "$name" run ${lib:+"$lib"}
	cmp "$folder/libc.out" "$folder/run.out"
	time=$(wall "$folder/run")
	echo "[ALLOCATOR] ${lib:-libc} ($(wc -l < "$folder/run.witness")" \
		'processes)'
	awk -v name="$name" -v time="$time" -v rss="$(peak_kib "$folder/run")" \
		'BEGIN { printf "%s: threads=1 ops=1 time=%s ops/s=%.3f rss=%d\n",
			name, time, (time > 0 ? 1 / time : 0), rss }'
}

if [ "${1-}" = --setup ] && [ $# -ge 4 ]; then
	dir=$2 size=$3
	shift 3
	for name; do
		setup "$dir" "$size" "$name"
	done
elif [ $# -eq 3 ]; then
	measure "$@"
else
	sed -n '5,8s/^# *//p' "$0" >&2
	exit 2
fi
