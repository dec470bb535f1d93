#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Usage: run.sh OBJTREE
#
# Counts the instructions of the paths in budgets.txt with the shared library
# of an object tree preloaded, and fails when one takes more than it may.
#
# Each path is walked twice, the second time with twice the operations; the
# difference, divided by the operations, is what one takes: startup, symbol
# lookup and whatever else happens once are in both. Callgrind counts, or, for
# another architecture, qemu, which then logs every instruction.
#
# JOBS=1 walks one path at a time.

set -eu

# The second form is for run.sh itself: run.sh --one PATH OPERATIONS FUNCTIONS
# BUDGET PROOF...
one=
if [ "$1" = --one ]; then
	one=y
	shift
else
	OBJTREE=${1:?usage: run.sh OBJTREE}
fi
export OBJTREE
# shellcheck source=tools/testing/selftests/lib.sh
. "$(dirname "$0")/../selftests/lib.sh"
find_tools
# Settings in the environment are not what is counted.
for var in $(env | sed -n 's/^\(HZ3_[A-Za-z_]*\)=.*/\1/p'); do
	unset "$var"
done
# shellcheck disable=SC2154  # lib.sh's
prog=$OBJTREE/tools/testing/budget/budget table=$here/budgets.txt

die()
{
	echo "budget: $*" >&2
	exit 2
}

# The library itself says how it was configured.
find_lane()
{
	HZ3_CONF=confirm_conf:true preloaded "$prog" pair-16 1 \
		>"$tmp/conf" 2>&1 || die "$(cat "$tmp/conf")"
	for setting in NUM_SHARDS REMOTE_STASH_DENSE; do
		sed -n "s/^hz3: CONFIG_HZ3_$setting=//p" "$tmp/conf"
	done | tr '\n' ' ' >"$tmp/lane"
	case $(cat "$tmp/lane") in
	'8 y ')	 lane=fast ;;
	'32 n ') lane=scale ;;
	*)	 die "$lib is neither lane: there are no budgets for it" ;;
	esac
}

# column NAME: its number in the table's head
column()
{
	awk -v name="$1" '/^# path/ {
		for (i = 2; i <= NF; i++)
			if ($i == name)
				print i - 1
	}' "$table"
}

# callgrind PATH OPERATIONS FUNCTIONS
callgrind()
{
	profile=$tmp/profile.$1
	log=$tmp/log.$1
	LD_PRELOAD=$lib valgrind --tool=callgrind --collect-atstart=no \
		--toggle-collect="$3" --callgrind-out-file="$profile" \
		"$prog" "$1" "$2" >"$log" 2>&1 || die "$(cat "$log")"
	sed -n 's/^totals: //p' "$profile"
}

# The same with qemu. It names the program's functions and not the library's,
# so that one of the program that is not called from the library ends it.
qemu()
{
	log=$tmp/log.$1
	# shellcheck disable=SC2086  # a command and its options
	$RUNNER -singlestep -d exec,nochain -D /dev/stdout \
		-E "LD_PRELOAD=$lib" "$prog" "$1" "$2" 2>"$log" |
		awk -v functions="^${3%\*}" '
		$5 != "" && $5 !~ /^(memset|clock_gettime)$/ {
			on[$2] = $5 ~ functions
		}
		{ n += on[$2] }
		END { print n + 0 }'
	[ ! -s "$log" ] || die "$(cat "$log")"
}

# went_through PATH NAME...: its profile must name each function, or for !NAME,
# must not.
went_through()
{
	profile=$tmp/profile.$1
	shift
	for name; do
		if grep -Eq "fn=\([0-9]+\) ${name#!}\$" "$profile"; then
			[ "$name" = "${name#!}" ] || return 1
		else
			[ "$name" != "${name#!}" ] || return 1
		fi
	done
}

# judge PATH OPERATIONS FUNCTIONS BUDGET PROOF...
judge()
{
	once=$($count "$1" "$2" "$3")
	twice=$($count "$1" $(($2 * 2)) "$3")
	each=$(awk -v n=$((twice - once)) -v ops="$2" \
		'BEGIN { printf "%.1f", n / ops }')
	verdict=$(awk -v each="$each" -v budget="$4" 'BEGIN {
		if (each <= 0)
			print "NOT COUNTED"
		else
			print each <= budget ? "ok" : "EXCEEDED"
	}')
	path=$1 budget=$4
	shift 4
	[ "$count" != callgrind ] || went_through "$path" "$@" ||
		verdict="ANOTHER WAY than $*"
	printf '%-12s%8s%8s  %s\n' "$path" "$each" "$budget" "$verdict"
	[ "$verdict" = ok ]
}

if [ -n "$one" ]; then
	judge "$@"
	exit
fi
. "$top/scripts/tempfiles.sh"
tmp=$(temp_folder budget)
remove_at_exit "$tmp"
count=callgrind
if ! native; then
	count=qemu
elif ! command -v valgrind >/dev/null; then
	die "valgrind is missing: apt-get install valgrind"
fi
find_lane
# shellcheck disable=SC2154  # lib.sh's
nr_column=$(column "$target-$lane")
[ -n "$nr_column" ] || die "there are no budgets for $target"

echo "$target, $lane lane: instructions an operation, by $count"
printf '%-12s%8s%8s\n' path counted budget
awk -v column="$nr_column" '/^[^#]/ && $column != "-" {
	printf "%s %s %s %s", $1, $2, $3, $column
	for (i = 8; i <= NF; i++)
		printf " %s", $i
	print ""
}' "$table" >"$tmp/rows"
export tmp count
xargs -L 1 -P "${JOBS:-2}" sh "$0" --one <"$tmp/rows" | tee "$tmp/lines" || :
passed=$(grep -c ' ok$' "$tmp/lines" || :)
# whoever said nothing broke down
failed=$(($(wc -l <"$tmp/rows") - passed))
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
