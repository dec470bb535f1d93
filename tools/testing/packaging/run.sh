#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Usage: run.sh OBJTREE [FILTER]
#
# Runs the tests of this folder: what is installed or packed serves somebody
# who has nothing but that. FILTER is a shell pattern for the name. As with the
# selftests, a test ends with 0 (pass), 4 (does not apply) or anything else.

set -eu

OBJTREE=${1:?usage: run.sh OBJTREE [FILTER]}
filter=${2:-*}
export OBJTREE

here=$(cd "$(dirname "$0")" && pwd)
. "$here/../../../scripts/tempfiles.sh"
tmp=$(temp_folder packaging)
remove_at_exit "$tmp"
log=$tmp/log
passed=0
failed=0
skipped=0

for test in "$here"/t_*.sh; do
	name=$(basename "$test" .sh)
	# shellcheck disable=SC2254  # a pattern is wanted
	case ${name#t_} in
	$filter) ;;
	*) continue ;;
	esac
	rc=0
	start=$(date +%s)
	timeout -k 5 600 sh -eu "$test" >"$log" 2>&1 </dev/null || rc=$?
	what="${name#t_} ($(($(date +%s) - start)) s)"
	case $rc in
	0)	echo "ok - $what"
		passed=$((passed + 1)) ;;
	4)	echo "ok - $what # SKIP $(sed -n 's/^skipped: //p' "$log")"
		skipped=$((skipped + 1)) ;;
	*)	echo "not ok - $what: exit status $rc"
		tail -n 30 "$log" | cut -c1-300 | sed 's/^/    # /'
		failed=$((failed + 1)) ;;
	esac
done
[ "$skipped" -eq 0 ] || echo "$skipped skipped"
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$((passed + skipped))" -gt 0 ]
