#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Usage: checkatomics.sh [OBJTREE]
#
# Does the shared library of an aarch64 tree use the atomic instructions that
# its configuration says, and no others?

objtree=${1:-${objtree:-}}

. "$(dirname "$0")/check-common.sh"

lib=$(find "$objtree" -maxdepth 1 -name 'libhakozuna_hz3.so.*' -type f)
[ -f "$lib" ] || die "no shared library in $objtree: run make there"
[ "$(cat "$objtree/.arch")" = aarch64 ] || die "$objtree is not for aarch64"
: "${OBJDUMP:=$(cross_prefix aarch64)objdump}"
need "$OBJDUMP" binutils-aarch64-linux-gnu
"$OBJDUMP" -d --no-show-raw-insn "$lib" >"$tmp/code"

# uses KIND PATTERN: instructions that match, wanted or not
uses()
{
	nr=$(grep -cE "$2" "$tmp/code" || :)
	case $1 in
	no*)	[ "$nr" -eq 0 ] || complain "$nr ${1#no-}" ;;
	*)	[ "$nr" -gt 0 ] || complain "no ${1#some-}" ;;
	esac
}

bad=0
complain()
{
	echo "$lib: $* instructions" >&2
	bad=$((bad + 1))
}

lse='[[:space:]](cas|swp|(ld|st)(add|set|clr))(|a|l|al)[bh]?[[:space:]]'
llsc='[[:space:]](ldxr|ldaxr|stxr|stlxr)[bh]?[[:space:]]'
helpers='[[:space:]]bl[[:space:]].*<__aarch64_(cas|swp|ldadd|ldset|ldclr)'
case $(sed -n 's/^CONFIG_ARM64_\(LSE\|LLSC\|OUTLINE\).*=y/\1/p' \
	"$objtree/.config") in
LSE)
	uses some-LSE "$lse"
	uses no-exclusive "$llsc"
	uses no-helper "$helpers"
	;;
LLSC)
	uses no-LSE "$lse"
	uses some-exclusive "$llsc"
	uses no-helper "$helpers"
	;;
OUTLINE)
	uses some-helper "$helpers"
	;;
*)	die "$objtree/.config chooses no atomics" ;;
esac
verdict "$bad" "atomics are as configured"
