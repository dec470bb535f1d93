#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Usage: selftest.sh OBJTREE [NAME=]LIBRARY...
#
# Runs every program of bench.suite with a hundredth of its work, with libc's
# malloc and each library preloaded: it must end well, which it does only when
# no allocation failed and no object was damaged, print its line of results,
# and name the right allocator. One real program is run likewise. With an
# allocator that spoils objects (damage.c) each program must fail.

set -u

here=$(cd "$(dirname "$0")" && pwd)
objtree=$(cd "$1" && pwd)
shift
. "$here/../../scripts/tempfiles.sh"
work=$(temp_folder bench-selftest)
remove_at_exit "$work"
passed=0
failed=0
real=sqlite3 # starts at once and is soon done

# "replace 2 1" and so on, but for those that sleep long
commands()
{
	sed -n '/--idle/d
		s/^command = \(.*\)[$]scale/\11/p' "$here/bench.suite"
}

# ok WHAT COMMAND...: the command's verdict on $output
ok()
{
	local what=$1

	shift
	if "$@"; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "not ok $what"
		echo "$output"
	fi
}

# good STATUS NAME ALLOCATOR
good()
{
	[ "$1" -eq 0 ] &&
		grep -q "^\[ALLOCATOR\] $3" <<< "$output" &&
		grep -Eq "^$2: threads=[0-9]+ ops=[1-9][0-9]* time=[0-9.]+ \
ops/s=[0-9.]+ rss=[1-9][0-9]*\$" <<< "$output"
}

# noticed STATUS NAME: by the program itself, it did not just crash
noticed()
{
	[ "$1" -eq 1 ] &&
		grep -Eq "^$2: (an object|a line|the list|realloc|calloc) " \
			<<< "$output"
}

# all_programs LIBRARY VERDICT [ALLOCATOR]
all_programs()
{
	local library=$1 verdict=$2 name args

	shift 2
	while read -r name args; do
		# shellcheck disable=SC2086  # a list of arguments
		output=$(LD_PRELOAD=$library \
			"$objtree/tools/bench/$name" $args 2>&1)
		ok "$name $args with ${library:-libc}" \
			"$verdict" $? "$name" "$@"
	done
}

# real_program LIBRARY ALLOCATOR
real_program()
{
	output=$(LD_PRELOAD=$1 "$here/real/run.sh" "$work" short $real 2>&1)
	ok "$real with ${1:-libc}" good $? $real "$2"
}

output=$("$here/real/run.sh" --setup "$work" short $real 2>&1)
ok "setup of $real" test $? -eq 0
real_program '' 'libc (.* processes'
all_programs '' good 'glibc ' < <(commands)
for library; do
	library=$(realpath "${library#*=}")
	real_program "$library" "$library (.* processes"
	all_programs "$library" good 'hz3 ' < <(commands)
done

# what two threads write to at a time is not spoiled by a malloc
${CC:-cc} -std=gnu11 -O1 -shared -fPIC -fno-builtin -o "$work/damage.so" \
	"$here/damage.c" || exit
all_programs "$work/damage.so" noticed \
	< <(commands | grep -v '^sharing [0-9]* 1$')

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
