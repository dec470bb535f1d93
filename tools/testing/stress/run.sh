#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Usage: run.sh OBJTREE [stress options]
#
# Tortures the allocator of an object tree: SECS seconds (20) with contents
# checked, then a third of that with the ownership oracle. SEED= repeats a run.
# Where malloc is not replaced (sanitizers), the program is built again with
# our own names and linked with the static library.

set -eu

OBJTREE=${1:?usage: run.sh OBJTREE [stress options]}
shift
export OBJTREE
# shellcheck source=tools/testing/selftests/lib.sh
. "$(dirname "$0")/../selftests/lib.sh"
# shellcheck disable=SC2154  # here and top are lib.sh's
src=$top/tools/testing/stress/stress.c
find_tools
secs=${SECS:-20}
out=$OBJTREE/tools/testing/stress
mkdir -p "$out"

options='--churn --fork'
# shellcheck disable=SC2086  # lists of flags
if cfg HZ3_OVERRIDE_LIBC && cfg SHARED_LIB; then
	prog=$out/stress
	[ -x "$prog" ] || $CC -std=gnu11 -D_GNU_SOURCE -O2 -g -fno-builtin \
		-pthread -o "$prog" "$src"
	start=preloaded
else
	prog=$out/stress-hz3
	flags='-fno-omit-frame-pointer'
	# neither runtime is ready for a child of a process with threads
	! cfg SANITIZE_ADDRESS || { flags="$flags -fsanitize=address"
				    options=--churn; }
	! cfg SANITIZE_THREAD || { flags="$flags -fsanitize=thread"
				   options=--churn; }
	! cfg SANITIZE_UNDEFINED || flags="$flags -fsanitize=undefined"
	$CC -std=gnu11 -D_GNU_SOURCE -DUSE_HZ3_NAMES -O1 -g -pthread $flags \
		-I "$top/include/uapi" -o "$prog" "$src" \
		"$OBJTREE/libhakozuna_hz3.a" -ldl
	options="$options --no-bound -t 16"
	start=plain
fi
native || options="$options --no-bound -t 8"

rc=0
# shellcheck disable=SC2086
for mode in "-s $secs" "-s $((secs / 3 + 1)) --oracle"; do
	$start "$prog" $options ${SEED:+-S "$SEED"} $mode "$@" || rc=1
done
exit $rc
