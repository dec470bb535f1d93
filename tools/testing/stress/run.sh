#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Usage: run.sh OBJTREE [stress options]
#        run.sh --patterns OBJTREE [THREADS...]
#        run.sh --self-test OBJTREE
#
# Tortures the allocator of an object tree: SECS seconds (20) with contents
# checked, then a third of that with the ownership oracle.
#
# With --patterns: every destination pattern with each number of threads (2,
# 16 and 128), SECS seconds each (0.5), with the oracle. With --self-test: an
# allocator that is wrong on purpose; errors must be found.
#
# SEED= repeats a run, in trees with HZ3_DEBUG_DELAY also the delays.
# Where malloc is not replaced (sanitizers), the program is built again with
# our own names and linked with the static library.

set -eu

mode=torture
case ${1:-} in
--patterns | --self-test)
	mode=${1#--}
	shift
	;;
esac
OBJTREE=${1:?usage: run.sh [--patterns|--self-test] OBJTREE ...}
shift
export OBJTREE
# shellcheck source=tools/testing/selftests/lib.sh
. "$(dirname "$0")/../selftests/lib.sh"
# shellcheck disable=SC2154  # here and top are lib.sh's
src=$top/tools/testing/stress/stress.c
find_tools
out=$OBJTREE/tools/testing/stress
mkdir -p "$out"

# build PROGRAM FLAGS...: unless it is there and as new as its sources
build()
{
	prog=$1
	shift
	[ ! -x "$prog" ] || [ -n "$(find "${src%/*}" "$OBJTREE/.config" \
		-newer "$prog" -type f -print -quit)" ] || return 0
	# shellcheck disable=SC2086  # CC may be a list
	$CC -std=gnu11 -D_GNU_SOURCE -g -pthread "$@"
}

options='--churn --fork'
# shellcheck disable=SC2086  # lists of flags
if cfg HZ3_OVERRIDE_LIBC && cfg SHARED_LIB; then
	build "$out/stress" -O2 -fno-builtin -o "$out/stress" "$src"
	start=preloaded
else
	flags='-fno-omit-frame-pointer'
	# neither runtime is ready for a child of a process with threads
	! cfg SANITIZE_ADDRESS || { flags="$flags -fsanitize=address"
				    options=--churn; }
	! cfg SANITIZE_THREAD || { flags="$flags -fsanitize=thread"
				   options=--churn; }
	! cfg SANITIZE_UNDEFINED || flags="$flags -fsanitize=undefined"
	rm -f "$out/stress-hz3" # the library is part of it
	build "$out/stress-hz3" -DUSE_HZ3_NAMES -O1 $flags \
		-I "$top/include/uapi" -o "$out/stress-hz3" "$src" \
		"$OBJTREE/libhakozuna_hz3.a" -ldl
	start=plain
fi

# The delays are repeated with the rest.
if cfg HZ3_DEBUG_DELAY; then
	: "${SEED:=$(date +%s)}"
	HZ3_CONF=${HZ3_CONF:+$HZ3_CONF,}delay_seed:$((SEED % 1000000000))
	export HZ3_CONF
	echo "# HZ3_CONF=$HZ3_CONF SEED=$SEED"
fi

# stress OPTIONS...
stress()
{
	# shellcheck disable=SC2086  # a list of options
	$start "$prog" $options ${SEED:+-S "$SEED"} "$@"
}

torture()
{
	secs=${SECS:-20}
	[ $start = preloaded ] || options="$options --no-bound -t 16"
	native || options="$options --no-bound -t 8"
	rc=0
	stress -s "$secs" "$@" || rc=1
	stress -s $((secs / 3 + 1)) --oracle "$@" || rc=1
	return $rc
}

# result GOOD NAME: counts, and shows what the program said if it is bad
result()
{
	if [ "$1" = y ]; then
		passed=$((passed + 1))
		echo "ok - $2: $(sed -n 's/^stress: \([0-9]* ops\).*/\1/p' \
			"$out/stdout")"
	else
		failed=$((failed + 1))
		echo "not ok - $2: $(grep -h -m1 'error: ' "$out/stderr" ||
			echo "exit status $rc")"
		cat "$out/stderr" "$out/stdout" | cut -c1-200 | sed 's/^/# /'
	fi
}

# try OPTIONS...: its exit status is in $rc, its words are in files
try()
{
	rc=0
	stress "$@" >"$out/stdout" 2>"$out/stderr" || rc=$?
}

# Small blocks, and some that are not: the remote path is about objects.
patterns()
{
	[ $# -gt 0 ] || set -- 2 16 128
	options=$(echo "$options" | sed 's/churn/&=100/; s/fork/&=150/')
	for threads; do
		for dest in random ring all-to-one one-to-all burst; do
			try -s "${SECS:-0.5}" -t "$threads" --dest $dest \
				--oracle --max-size 65536 --live 32 \
				--remote-pct 80 --no-bound
			good=n
			[ $rc -ne 0 ] || good=y
			result $good "$dest, $threads threads"
		done
	done
}

# An error that was made must be named, and nothing else may go wrong.
self_test()
{
	for how in dup overlap lost; do
		case $how in
		lost)	text='were lost by the allocator'
			# only known where mallinfo2() is ours
			[ $start = preloaded ] || continue ;;
		*)	text="handed out to .* but .* 1025's block" ;;
		esac
		try -s 0.5 -t 4 --max-size 4096 --live 4 --no-bound \
			--break $how
		good=n
		[ $rc -ne 1 ] || ! grep -q "error: .*$text" "$out/stderr" ||
			! grep -q "error: .*$text" "$out/stdout" || good=y
		result $good "break=$how is found"
	done
}

passed=0
failed=0
case $mode in
torture)	torture "$@"; exit ;;
patterns)	patterns "$@" ;;
self-test)	self_test ;;
esac
echo "$passed passed, $failed failed"
[ $failed -eq 0 ] && [ $passed -gt 0 ]
