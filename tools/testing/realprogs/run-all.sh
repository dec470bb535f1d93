#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Runs real programs with the library preloaded and compares what they do with
# the same run under libc.
#
#   run-all.sh [--lib FILE] [--short|--long] [NAME...]
#
# Without names all programs of progs/ are run. The closing line is
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
	if "$progs/$name.sh" ${options[@]+"${options[@]}"}; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
	fi
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
