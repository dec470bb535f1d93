#!/bin/sh
# SPDX-License-Identifier: MIT
#
# make bench, bench-quick, bench-report, bench-readme: both lanes, libc and
# PEERS side by side.
#
#   bench.sh bench         all that is timed in tools/bench/bench.suite, so long
#                          that the fastest take a second, five repetitions:
#                          an hour or two, and 6 GiB of memory
#   bench.sh bench-quick   what is tagged quick, three repetitions: less than
#                          ten minutes with all that has to be built first
#   bench.sh bench-report  the tables and pictures of the last results again
#   bench.sh bench-readme  the same, and the table into README.rst
#
#   PEERS=    jemalloc, mimalloc, tcmalloc: Debian's, installed if missing;
#             NAME=/path/lib.so: any other (default: jemalloc mimalloc tcmalloc)
#   ARGS=     more options of tools/bench/compare, as --reps 3 or --only large
#   RESULTS=  the folder that the latter two read, if not the last
#
# Results are in out/bench/DATE-TIME of the object tree: summary.md,
# summary.csv, runs.csv and plots/*.svg.

set -eu

top=$(cd "$(dirname "$0")/.." && pwd)
tree=${objtree:-$top}
bench=$top/tools/bench
results=$tree/out/bench
: "${PEERS:=}" "${ARGS:=}"
command="make ${1-}${PEERS:+ PEERS=\"$PEERS\"}${ARGS:+ ARGS=\"$ARGS\"}"
: "${PEERS:=jemalloc mimalloc tcmalloc}"

# prepare SIZE PROGRAM...: the real programs' inputs, made with libc
prepare()
{
	"$bench/real/run.sh" --setup "$results/inputs" "$@"
}

# The last command: nothing is read of this file any more, so that it may change
# meanwhile.
# shellcheck disable=SC2086  # PEERS and ARGS are lists
compare()
{
	exec "$bench/compare" --tree "$tree" --suite "$bench/bench.suite" \
		--out "$results/$(date +%Y%m%d-%H%M%S)" --command "$command" \
		"$@" $ARGS \
		fast scale system $PEERS
}

case ${1-} in
bench)
	"$top/scripts/install-deps.sh" build demo bench
	prepare demo redis python3 sqlite3 perl node
	prepare short gcc git
	compare --set scale=500 --skip short,memory
	;;
bench-quick)
	"$top/scripts/install-deps.sh" build demo bench
	prepare short redis python3 sqlite3
	compare --only quick --reps 3
	;;
bench-report | bench-readme)
	for last in "$results"/*/runs.csv; do :; done
	last=${RESULTS:-${last%/runs.csv}}
	[ -e "$last/runs.csv" ] || {
		echo "no results in $last, make bench leaves some" >&2
		exit 1
	}
	[ "$1" = bench-report ] || set -- "$1" --readme "$top/README.rst"
	shift
	"$bench/compare" --report "$last" "$@"
	;;
*)
	echo "usage: $0 bench|bench-quick|bench-report|bench-readme" >&2
	exit 2
	;;
esac
