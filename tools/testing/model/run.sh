#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Usage: run.sh [FILTER]
#
# Checks the models of this folder with spin: those that must hold, each to
# the last state, and those with a mistake built in, which must be refuted for
# the very property that they break. FILTER is a shell pattern for a test's
# name, as inbox* or *mutant*. Documentation/dev-tools/model.rst explains.
#
# JOBS=1 runs one at a time. KEEP=1 leaves the work folder, with the trails.

set -eu
LC_ALL=C
export LC_ALL

here=$(cd "$(dirname "$0")" && pwd)
cc=${HOSTCC:-gcc}

# One test a line: a file, what to look for, macros, and the property that must
# be refuted or, for a model that must hold, a minus.
#
# states: assertions in every state. cycles: none without progress, which here
# is none at all, since every process ends.
tests()
{
	cat <<-'END'
	lock	states	-			-
	lock	cycles	-			-
	lock	states	TRY_LOAD_STORE		MUTUAL_EXCLUSION
	lock	states	FORK_OWNER_RELEASES	MUTUAL_EXCLUSION
	lock	states	WAKE_LOST		LOST_WAKEUP
	lock	states	WAIT_NO_COMPARE		LOST_WAKEUP
	lock	states	WOKEN_TAKES_HELD	LOST_WAKEUP
	lock	cycles	SPIN_FOREVER		CYCLE

	inbox	states	-			-
	inbox	cycles	SMALL			-
	inbox	states	TAKE_LOAD_STORE		OBJECT_LOST
	inbox	states	POST_LINK_LATE		OBJECT_LOST
	inbox	states	POST_STORE		DELIVERED_TWICE
	inbox	states	WEIGHT_STALE		MISWEIGHED
	inbox	states	TAKE_KEEPS_WEIGHT	MISWEIGHED
	inbox	states	HELP_UNLOCKED		LOCKED
	inbox	states	WITNESS_ABA		ABA_HAPPENS
	inbox	cycles	POST_STALE		CYCLE

	path	states	-			-
	path	states	FINE			-
	path	states	DENSE			-
	path	states	THREE			-
	path	states	FORK			-
	path	states	FORK,FINE		-
	path	cycles	-			-
	path	states	EXIT_NO_FLUSH		OBJECT_LOST
	path	states	DENSE,EXIT_NO_FLUSH	OBJECT_LOST
	path	states	TAIL_EARLY		OBJECT_LOST
	path	states	REFILL_DROPS		OBJECT_LOST
	path	states	FINE,DRAIN_UNLOCKED	OBJECT_LOST
	path	states	DRAIN_UNLOCKED		LOCKED
	path	states	ABSORB_AND_SEND		DELIVERED_TWICE
	path	states	RETIRE_TRANSIT		TOUCHED
	path	states	SORT_FIRST		WRONG_OWNER
	path	states	REAP_NO_DRAIN		INBOX_LEFT
	path	states	ONE_ROUND		INBOX_LEFT
	path	states	FORK,FINE,FORK_NO_LOCKS	OBJECT_LOST
	path	states	FORK,CHILD_CLEARS_INBOX	OBJECT_LOST
	path	states	FORK,CHILD_ADOPTS	DELIVERED_TWICE
	path	states	FORK,CHILD_KEEPS_LOCKS	STUCK
	path	states	FORK,FORK_OWNER_WAITS	STUCK
	path	cycles	FINE,REAP_RETRIES	CYCLE

	segment	states	-			-
	segment	cycles	-			-
	segment	states	PURGE_IN_PLACE		PURGED_IN_USE
	segment	states	DESTROY_PURGING		SEGMENT_GONE
	segment	states	REFUSED_CLEAN		NOT_ZERO
	segment	states	PURGE_KEEPS		GRANULE_LOST
	segment	states	FORK			-
	segment	states	FORK,NO_GATE		CHILD_LOSES_RUN
	segment	cycles	REFUSED_AGED		CYCLE
	END
}

# Each test as: number, file, what, macros, property, name
numbered()
{
	tests | awk 'NF {
		name = $1 "-" ($4 == "-" ? $2 : "mutant")
		if ($3 != "-")
			name = name "-" $3
		print ++n, $0, name
	}'
}

# build FILE WHAT MACROS PROPERTY: pan, here. A mutant may break more than one
# property: it has the named one only. spin places the lines of an inline in the
# file that uses it; so it gets one file, and we remember.
build()
{
	set -- "$1" "$2" "$(echo "$3" | sed '/^-$/d; s/^/-D/; s/,/ -D/g')" "$4"
	# shellcheck disable=SC2086  # a list of flags
	$cc -E -x c -undef $3 "$here/$1.pml" >cpp.out || return
	awk -v broken="$4" '/^# [0-9]+ "/ {
		line = $2
		file = $3
		gsub(/"|.*\//, "", file)
		next
	}
	# a property that is 1 is not asserted
	broken != "-" && /^hidden byte / {
		gsub(/[A-Z_]+/, "& = 1")
		sub(broken " = 1", broken)
	} {
		print >"flat.pml"
		print ++n, file ":" line++ >"map"
	}' cpp.out || return
	# -o3: each statement for itself, so that lines() misses none
	spin -o3 -a flat.pml || return
	case $2 in
	states)	flags=-DSAFETY ;;
	cycles)	flags=-DNP ;;
	esac
	# a refutation is found at once, faster than a compiler optimises
	[ "$4" != - ] || flags="$flags -Og"
	# shellcheck disable=SC2086
	$cc $flags -w -DNOFAIR -DCOLLAPSE -DMEMLIM=1024 -o pan pan.c
}

# lines: which lines of the sources were reached, and which there are
lines()
{
	./pan -d >table
	awk 'FILENAME == "map" { at[$1] = $2; next }
	FILENAME == "out" {
		if (/^unreached in /)
			proc = $NF
		else if (match($0, /^\t.*, state [0-9]+/)) {
			split(substr($0, RSTART, RLENGTH), w, " ")
			never[proc, w[3]]
		}
		next
	}
	/^(proctype |init)/ { proc = $NF; next }
	/^\tstate/ && match($0, /flat\.pml:[0-9]+/) {
		line = at[substr($0, RSTART + 9, RLENGTH - 9)]
		print line >"there"
		if (!((proc, $2) in never))
			print line >"reached"
	}' map out table
}

# whole: did pan see every state, without a complaint?
whole()
{
	grep -q '^Full statespace search' out &&
	grep -q 'errors: 0$' out &&
	! grep -Eq 'not completed|too small|reached -DMEMLIM|out of memory' out
}

# verdict STATUS WHAT PROPERTY: what pan's output means; its words in $why
verdict()
{
	why=$(grep -m 1 '^pan:1: ' out | cut -d ' ' -f 2-) || :
	if [ "$3" = - ]; then
		: "${why:=$(grep -m 1 -E 'completed|small|bound' out)}"
		[ "$1" -eq 0 ] && whole || return
		[ "$2" = cycles ] || lines
		why=$(awk '/states, stored/ { n = $1 }
			/total actual/ { m = $1 }
			/elapsed/ { t = $4 }
			END { printf "%d states, %d MiB, %.1f s", n, m, t }' out)
	elif [ "$3" = CYCLE ]; then
		expr "$why" : 'non-progress cycle' >/dev/null
	else
		expr "$why" : "assertion violated .*||$3)" >/dev/null
	fi
}

# one FILE WHAT MACROS PROPERTY NAME, in a folder of its own
one()
{
	mkdir -p "$work/$5"
	cd "$work/$5"
	if ! build "$@" >build.log 2>&1; then
		echo "not ok $5: cannot build it: $(tail -n 1 build.log)"
		return
	fi
	options='-b -m20000'
	[ "$2" = states ] || options="$options -l"
	# in a forked child the other threads never end
	case $3 in
	*FORK*)	options="$options -E" ;;
	esac
	rc=0
	# shellcheck disable=SC2086
	timeout 300 ./pan $options >out 2>&1 || rc=$?
	if verdict $rc "$2" "$4"; then
		echo "ok $5: $why"
	else
		echo "not ok $5: ${why:-pan ended with $rc}"
	fi
}

# Is every step of the models taken in some run that holds, but for those that
# a comment says are not?
check_reached()
{
	cat "$work"/*/there | sort -u >"$work/.there"
	cat "$work"/*/reached | sort -u >"$work/.reached"
	comm -23 "$work/.there" "$work/.reached" |
	while IFS=: read -r file line; do
		sed -n "${line}p" "$here/$file" | grep -q 'not reached:' ||
			echo "$file:$line"
	done >"$work/.never"
	if [ -s "$work/.never" ]; then
		echo "not ok reached: never: $(tr '\n' ' ' <"$work/.never")"
	else
		echo "ok reached: $(wc -l <"$work/.there") lines"
	fi
}

# Is every property that a file names broken by a mutant of that file?
check_refuted()
{
	for file in "$here"/*.pml; do
		name=$(basename "$file" .pml)
		{
			echo CYCLE
			sed -n 's/^hidden byte \(.*\);/\1/p' "$file" |
				tr -d , | tr ' ' '\n'
		} | while read -r property; do
			tests | grep -Eq "^$name.*[[:blank:]]$property$" ||
				echo "$name:$property"
		done
	done >"$work/.unrefuted"
	if [ -s "$work/.unrefuted" ]; then
		echo "not ok refuted: not: $(tr '\n' ' ' <"$work/.unrefuted")"
	else
		echo "ok refuted: each property by a mutant"
	fi
}

if [ "${1:-}" = --one ]; then
	shift 2
	one "$@"
	exit
fi

for tool in spin "$cc"; do
	command -v "$tool" >/dev/null || {
		echo "run.sh: $tool is missing" >&2
		exit 2
	}
done
filter=${1:-*}
. "$here/../../../scripts/tempfiles.sh"
work=$(temp_folder model)
export work
if [ -n "${KEEP:-}" ]; then
	echo "# $work"
else
	remove_at_exit "$work"
fi

numbered | while read -r n file what macros property name; do
	# shellcheck disable=SC2254  # a pattern is wanted
	case $name in
	$filter) echo "$n $file $what $macros $property $name" ;;
	esac
done >"$work/.list"
{
	xargs -r -L 1 -P "${JOBS:-2}" sh "$0" --one <"$work/.list"
	if [ "$filter" = '*' ]; then
		check_reached
		check_refuted
	fi
} | tee "$work/.out"
passed=$(grep -c '^ok' "$work/.out" || :)
failed=$(grep -c '^not ok' "$work/.out" || :)
missing=$(($(wc -l <"$work/.list") - passed - failed))
[ "$missing" -le 0 ] || {
	echo "not ok - $missing tests said nothing"
	failed=$((failed + missing))
}
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
