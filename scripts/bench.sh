#!/bin/sh
# SPDX-License-Identifier: MIT
#
# make bench, make bench-quick, make bench-report: both lanes, libc and PEERS
# side by side.
#
#   bench.sh bench         all that is timed in tools/bench/bench.suite, five
#                          repetitions: an hour or two
#   bench.sh bench-quick   what is tagged quick, three repetitions: less than
#                          ten minutes with all that has to be built first
#   bench.sh bench-report  the tables and pictures of the last results again
#
#   PEERS=    jemalloc, mimalloc, tcmalloc: Debian's, installed if missing;
#             NAME=/path/lib.so: any other (default: jemalloc mimalloc tcmalloc)
#   ARGS=     more options of tools/bench/compare, as --reps 3 or --only large
#   RESULTS=  the folder that bench-report reads, if not the last
#
# Results are in out/bench/DATE-TIME of the object tree: summary.md,
# summary.csv, runs.csv and plots/*.svg.

set -eu

top=$(cd "$(dirname "$0")/.." && pwd)
tree=${objtree:-$top}
bench=$top/tools/bench
results=$tree/out/bench
: "${PEERS:=jemalloc mimalloc tcmalloc}" "${ARGS:=}"

# prepare SIZE PROGRAM...: the real programs' inputs, made with libc
prepare()
{
	"$bench/real/run.sh" --setup "$results/inputs" "$@"
}

# shellcheck disable=SC2086  # PEERS and ARGS are lists
compare()
{
	"$bench/compare" --tree "$tree" --suite "$bench/bench.suite" \
		--out "$results/$(date +%Y%m%d-%H%M%S)" "$@" $ARGS \
		fast scale system $PEERS
}

case ${1-} in
bench)
	"$top/scripts/install-deps.sh" build demo bench
	prepare demo redis python3 sqlite3 perl node
	prepare short gcc git
	compare --skip short,memory
	;;
bench-quick)
	"$top/scripts/install-deps.sh" build demo bench
	prepare short redis python3 sqlite3
	compare --only quick --reps 3
	;;
bench-report)
	for last in "$results"/*/runs.csv; do :; done
	last=${RESULTS:-${last%/runs.csv}}
	[ -e "$last/runs.csv" ] || {
		echo "no results in $last, make bench leaves some" >&2
		exit 1
	}
	"$bench/compare" --report "$last"
	;;
*)
	echo "usage: $0 bench|bench-quick|bench-report" >&2
	exit 2
	;;
esac
