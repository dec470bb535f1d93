# SPDX-License-Identifier: MIT
#
# What run.sh and the t_*.sh share. Expects OBJTREE; sets
#	lib	the shared library		work	the folder for programs
#		(SELFTEST_LIB, if that is set)
#	CC CXX RUNNER (empty, or an emulator for the tree's architecture)
# shellcheck shell=sh disable=SC2034

OBJTREE=$(cd "$OBJTREE" && pwd)
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../../.." && pwd)
work=$OBJTREE/tools/testing/selftests
lib=$OBJTREE/libhakozuna_hz3.so.0
[ -e "$lib" ] || lib=$OBJTREE/libhakozuna_hz3.so
lib=${SELFTEST_LIB:-$lib}

# cfg NAME: is the bool set in the tree's configuration?
cfg()
{
	grep -q "^CONFIG_$1=y" "$OBJTREE/.config"
}

cfg_value()
{
	sed -n "s/^CONFIG_$1=//p" "$OBJTREE/.config"
}

find_tools()
{
	target=$(cat "$OBJTREE/.arch" 2>/dev/null || uname -m)
	if [ "$target" != "$(uname -m)" ]; then
		: "${CC:=$target-linux-gnu-gcc}"
		: "${CXX:=$target-linux-gnu-g++}"
		: "${RUNNER:=qemu-$target -L /usr/$target-linux-gnu}"
	fi
	: "${CC:=gcc}"
	case $CC in
	*clang*) : "${CXX:=$(echo "$CC" | sed 's/clang/clang++/')}" ;;
	*gcc*)	 : "${CXX:=$(echo "$CC" | sed 's/gcc/g++/')}" ;;
	*)	 : "${CXX:=g++}" ;;
	esac
	: "${RUNNER:=}"
	export CC CXX RUNNER
}

# preloaded COMMAND...: run it with the library, natively or emulated
preloaded()
{
	if [ -n "$RUNNER" ]; then
		# shellcheck disable=SC2086  # a command and its options
		$RUNNER -E "LD_PRELOAD=$lib" "$@"
	else
		LD_PRELOAD=$lib "$@"
	fi
}

plain()
{
	# shellcheck disable=SC2086
	$RUNNER "$@"
}

native()
{
	[ -z "$RUNNER" ]
}

skip()
{
	echo "skipped: $*" >&2
	exit 4
}

fail()
{
	echo "$*" >&2
	exit 1
}
