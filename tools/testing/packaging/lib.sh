# SPDX-License-Identifier: MIT
#
# What the tests of this folder share, on top of the selftests' helpers. Gives
# each a folder of its own, $dir, for the time it runs.
# shellcheck shell=sh

. "$(dirname "$0")/../selftests/lib.sh"

LC_ALL=C
export LC_ALL
find_tools
. "$top/scripts/tempfiles.sh"
dir=$(temp_folder packaging)
remove_at_exit "$dir"
chmod 755 "$dir"

# in_tree GOAL...: make in the object tree that is tested
in_tree()
{
	make -s -C "$top" O="$OBJTREE" "$@"
}

# other_tree TREE GOAL...: make in another one; nothing of our caller's make is
# inherited but the compiler
other_tree()
{
	tree=$1
	shift
	(unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES GNUMAKEFLAGS SRCARCH
	 exec make -s -j2 -C "$top" O="$tree" "$@")
}

# no_output COMMAND...: it must succeed and say nothing
no_output()
{
	out=$("$@" 2>&1) || fail "$*: status $?: $out"
	[ -z "$out" ] || fail "$*: $out"
}

# says TEXT COMMAND...: its output must have a line with TEXT
says()
{
	text=$1
	shift
	out=$("$@" 2>&1) || :
	case $out in
	*"$text"*) ;;
	*) fail "$*: does not say '$text': $out" ;;
	esac
}
