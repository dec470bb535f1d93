#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Usage: selftest.sh OBJTREE [NAME=]LIBRARY...
#
# Runs every program of bench.suite with a hundredth of its work and each
# library preloaded: it must end well, which it does only when no allocation
# failed and no object was damaged, print its line of results, and name hz3
# as its allocator.

set -u

here=$(cd "$(dirname "$0")" && pwd)
objtree=$(cd "$1" && pwd)
shift
passed=0
failed=0

# "replace 2 1" and so on, but for those that sleep long
commands()
{
	sed -n '/--idle/d
		s/^command = \(.*\)[$]scale/\11/p' "$here/bench.suite"
}

judge()
{
	local output=$1 status=$2 name=$3

	[ "$status" -eq 0 ] &&
		grep -q '^\[ALLOCATOR\] hz3 ' <<< "$output" &&
		grep -Eq "^$name: threads=[0-9]+ ops=[1-9][0-9]* time=[0-9.]+ \
ops/s=[1-9][0-9]* rss=[1-9][0-9]*\$" <<< "$output"
}

for library; do
	while read -r name args; do
		# shellcheck disable=SC2086  # a list of arguments
		output=$(LD_PRELOAD=${library#*=} \
			"$objtree/tools/bench/$name" $args 2>&1)
		if judge "$output" $? "$name"; then
			passed=$((passed + 1))
		else
			failed=$((failed + 1))
			echo "not ok $name $args with $library"
			echo "$output"
		fi
	done < <(commands)
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
