#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Runs real programs with the library preloaded and compares what they do with
# the same run under libc.
#
#   run-all.sh [--lib [NAME=]FILE]... [--short|--long] [NAME...]
#
# Without libraries both lanes are tested, those that make all_ldpreload_fast
# and all_ldpreload_scale leave. Without names all programs of progs/ are run.
# A test is a program under one library. The closing line is
# `N passed, N failed`; the exit status is 1 when one failed.

set -eu

progs=$(cd "$(dirname "$0")" && pwd)/progs
options=()
names=()
passed=0
failed=0

while [ $# -gt 0 ]; do
	case $1 in
	--lib)
		options+=(--lib "$2")
		shift
		;;
	-*) options+=("$1") ;;
	*) names+=("$1") ;;
	esac
	shift
done
if [ ${#names[@]} -eq 0 ]; then
	for file in "$progs"/*.sh; do
		names+=("$(basename "$file" .sh)")
	done
fi
trap 'exit 130' INT
for name in "${names[@]}"; do
	status=0
	out=$("$progs/$name.sh" ${options[@]+"${options[@]}"}) || status=$?
	printf '%s\n' "$out"
	ok=$(grep -c '^ok ' <<< "$out") || :
	bad=$(grep -c '^not ok ' <<< "$out") || :
	# a script that failed and named nothing broke down
	if [ "$status" -ne 0 ] && [ "$bad" -eq 0 ]; then
		echo "not ok $name # status $status"
		bad=1
	fi
	passed=$((passed + ok))
	failed=$((failed + bad))
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
