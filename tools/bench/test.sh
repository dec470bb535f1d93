#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Tests of the benchmark runner: its arithmetic, a tiny session of each front
# end, and that it refuses allocators which are not what they claim to be. No
# figure is judged.
#
#   test.sh TREE
#
# TREE has the fast lane as libhakozuna_hz3.so and the programs of make
# bench_mt_remote_malloc bench_malloc_args bench_malloc_dist. The last line is
# `N passed, N failed`, the exit status 1 when one failed.

set -u

bench=$(cd "$(dirname "$0")" && pwd)
tree=$(cd "$1" && pwd)
fast=$tree/libhakozuna_hz3.so
libc=$(ldd /bin/sh | awk '$1 ~ /^libc\.so/ { print $3 }')
passed=0
failed=0
. "$bench/../../scripts/tempfiles.sh"
work=$(temp_folder bench-test)
remove_at_exit "$work"

export PYTHONDONTWRITEBYTECODE=1 LC_ALL=C

# expect STATUS WHAT COMMAND...
expect()
{
	wanted=$1
	what=$2
	shift 2
	status=0
	"$@" >"$work/log" 2>&1 </dev/null || status=$?
	if [ "$status" -eq "$wanted" ]; then
		echo "ok $what"
		passed=$((passed + 1))
		return
	fi
	tail -n 30 "$work/log" | sed 's/^/# /'
	echo "not ok $what # status $status, not $wanted"
	failed=$((failed + 1))
}

# front PROGRAM RESULTS OPTION...: with as little work as possible
front()
{
	program=$1
	results=$2
	shift 2
	"$bench/$program" --tree "$tree" --no-build --idle-wait 0 \
		--out "$work/$results" "$@"
}

small()
{
	front matrix "$@" --reps 2 --seconds 0.05 --threads 2 --remote 50 \
		--ranges 16-2048 --matched --single
}

# runs RESULTS N: so many runs, all good
runs()
{
	awk -F, -v n="$2" 'NR > 1 && $9 == "ok" && $10 > 0 { ok++ }
		END { print ok, "of", NR - 1; exit ok != n || NR != n + 1 }' \
		"$work/$1/runs.csv"
}

# refused ALLOCATOR: before anything is run
refused()
{
	expect 2 "refuses ${1##*/} as ${1%%=*}" small refused "$1"
}

expect 0 unittest python3 -m unittest discover -s "$bench" -t "$bench"

expect 0 'matrix runs' small matrix fast="$fast" system
expect 0 'matrix: runs.csv' runs matrix 20
expect 0 'matrix: table of scores' grep -q '^| T2 R50 16-2048 matched (ops/s' \
	"$work/matrix/summary.md"
expect 0 'matrix: remote rates' grep -q '^## Effective remote rate' \
	"$work/matrix/summary.md"
expect 0 'matrix: summary.csv' grep -q '^single app,system,2,0,' \
	"$work/matrix/summary.csv"
expect 2 'matrix keeps earlier results' small matrix fast="$fast" system

cat >"$work/good.suite" <<-'END'
	[suite]
	title = the suite's title
	[lines]
	command = sh -c 'ls /; echo 1,000 lines/s'
	score = ([\d,]+) lines/s
	better = higher
	[wall]
	command = ls /
END
sed '$a[fails]\ncommand = false' "$work/good.suite" >"$work/bad.suite"
expect 0 'compare runs' front compare compare --suite "$work/good.suite" \
	--reps 2 fast="$fast" mine="$fast" system
expect 0 'compare: runs.csv' runs compare 12
expect 0 'compare: title' grep -q "^# the suite's title" \
	"$work/compare/summary.md"
expect 1 'compare: a failure is told' front compare failing \
	--suite "$work/bad.suite" --reps 1 fast="$fast" system
expect 0 'compare: a failure is shown' grep -q '^| fails (s .*X1/1 | X1/1' \
	"$work/failing/summary.md"
expect 2 'compare: no such benchmark' front compare none \
	--suite "$work/good.suite" --only nothing fast="$fast"

cp "$bench/../../README.rst" "$work/README.rst"
expect 0 'a table in the README' "$bench/compare" --report "$work/compare" \
	--readme "$work/README.rst"
expect 0 'README: figures' grep -Eq '^  lines( +[0-9.kM]+[*]?){3}$' \
	"$work/README.rst"

# a python3 in $PATH may be a script that needs a $PATH
python=$(python3 -c 'import sys; print(sys.executable)')
expect 0 'a report without gnuplot' env PATH=/nowhere "$python" \
	"$bench/compare" --report "$work/compare"
cp "$work/log" "$work/report.log"
expect 0 'it says so' grep -q 'gnuplot is missing' "$work/report.log"
expect 0 'and keeps the data' test -s "$work/compare/plots/ratio-1.dat"

echo 'no library' >"$work/text.so"
refused "fast=$libc"
refused "fast=$work/missing.so"
refused "fast=$work/text.so"
refused "scale=$fast"
refused "jemalloc=$fast"
refused "mine=$work/text.so"

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
