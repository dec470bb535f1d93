#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Usage: run.sh OBJTREE
#
# One binary serves every machine of its architecture, whatever its pages, its
# address space and its core: runs the unit tests of an object tree for another
# architecture, and the selftests that ask most of memory, in an emulator that
# plays one machine after the other.

set -eu

# The second form is for run.sh itself: run.sh --unit NAME OPTION VALUE FILTER...
if [ "$1" = --unit ]; then
	name=$2
	options="$3 $4"
	shift 4
	status=0
	# shellcheck disable=SC2086  # a command and its options
	$RUNNER $options "$OBJTREE/tools/testing/unit/hz3-unit" "$@" \
		>"$tmp/$name" 2>&1 || status=$?
	echo "# unit tests, $name: $options"
	[ "$status" -eq 0 ] || grep -E '^ *(not ok|#)' "$tmp/$name" || :
	tail -n 1 "$tmp/$name"
	exit "$status"
fi

OBJTREE=${1:?usage: run.sh OBJTREE}
export OBJTREE
# shellcheck source=tools/testing/selftests/lib.sh
. "$(dirname "$0")/../selftests/lib.sh"
find_tools
! native || fail "machines are emulated: for a tree of another architecture"
. "$top/scripts/tempfiles.sh"
tmp=$(temp_folder machines)
export tmp
remove_at_exit "$tmp"

# Architecture, name, an option of the emulator; then what is left out: suites
# that neither pages nor addresses have to do with, which take long.
#
# In a limited address space qemu 7.2 loses the pages that an mremap() with
# MREMAP_DONTUNMAP should leave behind: nothing large can be moved.
machines()
{
	others='!sizeclass !stash !inbox !bitmap !bits !fmt !lock !gate !delay'
	no_move='!large/resize_crowded !large/place_left_is_usable'
	cat <<-EOF
	aarch64 pages-16k -p 16384         $others
	aarch64 pages-64k -p 65536         $others
	aarch64 39-bit    -R 0x8000000000  $others $no_move
	aarch64 42-bit    -R 0x40000000000 $others $no_move
	riscv64 39-bit    -R 0x4000000000  $others $no_move
	EOF
	# LSE only is the one choice that wants a newer core.
	cfg ARM64_LSE || echo 'aarch64 armv8.0   -cpu cortex-a53'
}

# A real kernel refuses addresses that are not on its page boundaries, which
# the emulator lets pass, and rounds lengths up, perhaps over what is somebody
# else's. So no call of the library may have either.
aligned_calls()
{
	pages=$1
	echo "# system calls with pages of $pages"
	# shellcheck disable=SC2086  # a command and its options
	$RUNNER -p "$pages" -strace -D "$tmp/calls" \
		"$OBJTREE/tools/testing/unit/hz3-unit" arena large segment \
		span heap >"$tmp/log" 2>&1 || cat "$tmp/log"
	awk -v page="$pages" -f "$here/aligned.awk" "$tmp/calls"
}

failed=0
machines | sed -n "s/^$target //p" >"$tmp/list"
[ -s "$tmp/list" ] || fail "no machines are known for $target"
xargs -L 1 -P "${JOBS:-2}" sh "$0" --unit <"$tmp/list" || failed=1
[ "$target" != aarch64 ] || aligned_calls 65536 || failed=1

# Those that live on mapping, alignment and small stacks
while read -r name option value _; do
	echo "# selftests, $name: $option $value"
	RUNNER="$RUNNER $option $value" \
		sh "$here/../selftests/run.sh" "$OBJTREE" \
		'alignment calloc_zero early small_stack' \
		</dev/null || failed=1
done <"$tmp/list"
exit "$failed"
