#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Usage: run.sh OBJTREE [FILTER]
#
# Builds and runs the selftests against the libraries of an object tree. FILTER
# are shell patterns for the name. A test is a program x.c or x.cc, run in each
# of its modes (preload, linked, static), or a script t_x.sh. Its first comment
# may say
#	selftest: modes=M,M needs=N,N timeout=SECONDS ldflags=FLAGS serial
# with needs: native (no emulator), or a CONFIG_ symbol without CONFIG_, which
# is not set when a ! is before it.
# It ends with 0 (pass), 4 (does not apply) or anything else (fail).
#
# SELFTEST_LONG=1 takes ten times as long; JOBS=1 runs one at a time.
# SELFTEST_LIB=FILE runs what a preloaded library can be tested with, against
# that one: the tree's, but as it was installed or packed.

set -eu

# The second form is for run.sh itself: run.sh --one NAME MODE
if [ "${1:-}" = --one ]; then
	one=y
	shift
	name=$1
	mode=$2
else
	one=
	OBJTREE=${1:?usage: run.sh OBJTREE [FILTER]}
	filter=${2:-*}
	export OBJTREE
fi

# shellcheck source=tools/testing/selftests/lib.sh
. "$(dirname "$0")/lib.sh"

# tag SOURCE NAME: what the source's selftest: line says
tag()
{
	sed -n "/selftest:/{s/.*[ ]$2=\([^ ]*\).*/\1/p;q;}" "$1"
}

source_of()
{
	for s in "$here/$1.c" "$here/$1.cc" "$here/$1.sh"; do
		[ ! -f "$s" ] || echo "$s"
	done
}

applies()
{
	for need in $(tag "$1" needs | tr , ' '); do
		case $need in
		native)	native || return 1 ;;
		!*)	! cfg "${need#!}" || return 1 ;;
		*)	cfg "$need" || return 1 ;;
		esac
	done
}

# program NAME MODE: where the program is
program()
{
	if [ "$2" = preload ] || [ "$2" = none ]; then
		echo "$work/$1"
	else
		echo "$work/$2/$1"
	fi
}

# build NAME MODE
build()
{
	src=$(source_of "$1")
	[ "$2" != script ] || return 0
	out=$(program "$1" "$2")
	case $2 in
	linked)	dep=$lib ;;
	static)	dep=$OBJTREE/libhakozuna_hz3.a ;;
	*)	dep=$src ;;
	esac
	# shellcheck disable=SC3013  # every sh we meet knows -nt
	if [ "$out" -nt "$src" ] && [ "$out" -nt "$dep" ] &&
	   [ -z "$(find "$here" -name '*.h' -newer "$out")" ]; then
		return 0
	fi
	compiler="$CC -std=gnu11"
	case $src in
	*.cc)	compiler="$CXX -std=gnu++17" ;;
	esac
	flags="-D_GNU_SOURCE -O1 -fno-builtin -pthread -Wall -Wextra"
	flags="$flags -I $top/include/uapi"
	case $2 in
	linked)	libs="-Wl,--no-as-needed -L$OBJTREE -lhakozuna_hz3"
		libs="$libs -Wl,-rpath,$OBJTREE" ;;
	static)	libs="-static -DSTATIC $OBJTREE/libhakozuna_hz3.a" ;;
	*)	libs='' ;;
	esac
	# shellcheck disable=SC2046,SC2086  # lists of flags
	$compiler $flags -o "$out" "$src" $(tag "$src" ldflags) $libs -ldl -lm
}

# limited COMMAND...: at most $limit seconds, and nothing it has started stays:
# timeout makes a process group for it
limited()
{
	rc=0
	timeout -k 5 "$limit" "$@" &
	group=$!
	wait "$group" || rc=$?
	kill -KILL -- "-$group" 2>/dev/null || :
	return "$rc"
}

# run NAME MODE: the test itself, its result in $?
run()
{
	src=$(source_of "$1")
	limit=$(tag "$src" timeout)
	: "${limit:=60}"
	[ -z "${SELFTEST_LONG:-}" ] || limit=$((limit * 10))
	if [ "${src%.sh}" != "$src" ]; then
		limited sh "$src"
		return $?
	fi
	out=$(program "$1" "$2")
	if [ "$2" = preload ] && native; then
		limited env "LD_PRELOAD=$lib" "$out"
	elif [ "$2" = preload ]; then
		# shellcheck disable=SC2086
		limited $RUNNER -E "LD_PRELOAD=$lib" "$out"
	else
		# shellcheck disable=SC2086
		limited $RUNNER "$out"
	fi
}

if [ -n "$one" ]; then
	log=$work/log/$name.$mode
	start=$(date +%s)
	rc=0
	{ build "$name" "$mode" && run "$name" "$mode"; } \
		>"$log" 2>&1 </dev/null || rc=$?
	what="$name ($mode, $(($(date +%s) - start)) s)"
	case $rc in
	0)	echo "ok - $what" ;;
	4)	echo "ok - $what # SKIP $(sed 's/^skipped: //;q' "$log")" ;;
	*)	echo "not ok - $what: exit status $rc"
		head -n 15 "$log" | cut -c1-300 | sed 's/^/    # /' ;;
	esac
	exit 0
fi

find_tools
if cfg SANITIZE_ADDRESS || cfg SANITIZE_THREAD; then
	echo '# the sanitizer needs malloc for itself: no selftest applies'
	echo '0 passed, 0 failed'
	exit 0
fi
mkdir -p "$work/linked" "$work/static" "$work/log"
rm -f "$work"/log/* "$work"/log/.list*
native || export SELFTEST_EMULATED=1
! cfg HZ3_DEBUG || export SELFTEST_HZ3_DEBUG=1
! cfg ARM64_TBI || export SELFTEST_ARM64_TBI=1
! cfg HZ3_PURGE_FREE || export SELFTEST_PURGE_FREE=1

# wanted NAME PATTERN...: does one of them match?
wanted()
{
	name=$1
	shift
	for pattern; do
		# shellcheck disable=SC2254  # a pattern is wanted
		case $name in
		$pattern) return 0 ;;
		esac
	done
	return 1
}

set -f
# shellcheck disable=SC2086  # patterns, one by one
set -- $filter
set +f

# The list of tests: name and mode
list=$work/log/.list
for s in "$here"/*.c "$here"/*.cc "$here"/t_*.sh; do
	name=$(basename "$s")
	name=${name%.*}
	wanted "$name" "$@" || continue
	applies "$s" || continue
	modes=$(tag "$s" modes | tr , ' ')
	case $s in
	*.sh)	modes=script ;;
	*)	cfg HZ3_OVERRIDE_LIBC || continue ;;
	esac
	for mode in ${modes:-preload}; do
		[ "$mode" = preload ] || [ -z "${SELFTEST_LIB:-}" ] || continue
		case $mode in
		static)		cfg STATIC_LIB || continue ;;
		none)		continue ;;
		script)		cfg SHARED_LIB ||
				grep -q 'selftest:.*needs=[^ ]*STATIC_LIB' \
					"$s" || continue ;;
		*)		cfg SHARED_LIB || continue ;;
		esac
		echo "$name $mode"
	done
done >"$list.all"

# Those that measure time run alone, after the others.
while read -r name mode; do
	if grep -q 'selftest:.* serial' "$(source_of "$name")"; then
		echo "$name $mode" >>"$list.serial"
	else
		echo "$name $mode" >>"$list"
	fi
done <"$list.all"
touch "$list" "$list.serial"

{
	xargs -r -L 1 -P "${JOBS:-2}" sh "$0" --one <"$list"
	xargs -r -L 1 -P 1 sh "$0" --one <"$list.serial"
} | tee "$work/log/.out"
said=$(grep -c '^ok' "$work/log/.out" || true)
skipped=$(grep -c '^ok .* # SKIP' "$work/log/.out" || true)
passed=$((said - skipped))
failed=$(grep -c '^not ok' "$work/log/.out" || true)
missing=$(($(wc -l <"$list.all") - said - failed))
[ "$missing" -eq 0 ] || echo "not ok - $missing tests said nothing"
[ "$skipped" -eq 0 ] || echo "$skipped skipped"
echo "$passed passed, $((failed + missing)) failed"
[ "$((failed + missing))" -eq 0 ] && [ "$said" -gt 0 ]
