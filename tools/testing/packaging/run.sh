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
log=$(mktemp)
trap 'rm -f "$log"' EXIT
passed=0
failed=0

for test in "$here"/t_*.sh; do
	name=$(basename "$test" .sh)
	# shellcheck disable=SC2254  # a pattern is wanted
	case ${name#t_} in
	$filter) ;;
	*) continue ;;
	esac
	rc=0
	start=$(date +%s)
	timeout -k 5 300 sh -eu "$test" >"$log" 2>&1 </dev/null || rc=$?
	what="${name#t_} ($(($(date +%s) - start)) s)"
	case $rc in
	0)	echo "ok - $what" ;;
	4)	echo "ok - $what # SKIP $(sed -n 's/^skipped: //p' "$log")" ;;
	*)	echo "not ok - $what: exit status $rc"
		tail -n 30 "$log" | cut -c1-300 | sed 's/^/    # /' ;;
	esac
	case $rc in
	0 | 4)	passed=$((passed + 1)) ;;
	*)	failed=$((failed + 1)) ;;
	esac
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
