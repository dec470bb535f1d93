#!/bin/sh
# SPDX-License-Identifier: MIT
#
# What can this compiler do? Prints a Kconfig fragment of hidden symbols.
# Kconfig 4.11 cannot ask, so the menu sources this file.
#
# usage: CC="gcc" SRCARCH=x86_64 toolchain.sh

set -eu

# A compiler for another machine would only show in a flood of errors. None
# at all is no matter yet: one can look at the menu without it.
machine=$($CC -dumpmachine 2>/dev/null || :)
case $machine in
"$SRCARCH"-* | '') ;;
*)
	echo "$CC compiles for $machine, not for ARCH=$SRCARCH:" \
		"give CROSS_COMPILE=" >&2
	exit 1
	;;
esac

. "$(dirname "$0")/tempfiles.sh"
tmp=$(temp_folder toolchain)
remove_at_exit "$tmp"

symbol()
{
	printf 'config %s\n\tdef_bool %s\n' "$1" "$2"
}

# try SYMBOL flag...: does the compiler accept the flags?
try()
{
	name=$1
	shift
	# shellcheck disable=SC2086 # CC may bring flags along
	if $CC -Werror "$@" -xc "$tmp/t.c" -o "$tmp/t" >"$tmp/log" 2>&1; then
		symbol "$name" y
	else
		symbol "$name" n
	fi
}

cat >"$tmp/t.c" <<'EOF'
static __thread int t;
int main(void) { return t; }
EOF

echo "# Made by scripts/toolchain.sh"
# Link, where a runtime library is part of the feature.
try CC_HAS_ASAN -fsanitize=address
try CC_HAS_TSAN -fsanitize=thread
try CC_HAS_UBSAN -fsanitize=undefined
try LD_HAS_UNDEFINED_VERSION -shared -fPIC -Wl,--undefined-version
case $SRCARCH in
x86_64)
	try CC_HAS_TLSDESC -c -fPIC -mtls-dialect=gnu2
	;;
aarch64)
	try CC_HAS_TLSDESC -c -fPIC -ftls-model=global-dynamic
	try CC_HAS_OUTLINE_ATOMICS -moutline-atomics
	;;
riscv64)
	try CC_HAS_TLSDESC -c -fPIC -mtls-dialect=desc
	;;
esac
