#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Usage: headercheck.sh
#
# Every header must compile alone.  Internal ones with the flags of the build,
# in each defconfig and allyesconfig, for each architecture there is a
# compiler for; <asm/x.h> through the
# <hz3/x.h> that wraps it; installed ones without any of our flags, as strict
# C11 and as C++ too.  aarch64 is left out when its compiler is missing.

. "$(dirname "$0")/check-common.sh"

nr=0
: >"$tmp/out"

# try LANGUAGE-FLAGS INCLUDE-TEXT NAME...: compile "#include INCLUDE-TEXT"
try()
{
	flags=$1
	include=$2
	name=$3
	nr=$((nr + 1))
	# shellcheck disable=SC2086  # flags and CC are lists
	if ! echo "#include $include" |
	     $compiler $flags -fsyntax-only - >"$tmp/err" 2>&1 ||
	     [ -s "$tmp/err" ]; then
		echo "$name: does not compile alone ($compiler)" >>"$tmp/out"
		sed 's/^/    /' "$tmp/err" >>"$tmp/out"
	fi
}

# An inline function nobody calls here is no fault of the header.
warn='-Wall -Wextra -Werror -Wno-unused-function -Wno-unused-variable'
warn="$warn -Wno-unused-macros"

# internal_headers ARCH GOAL
internal_headers()
{
	tree=$(made_tree "$1" "$2")
	cpp=$(cpp_flags "$1" "$tree")
	for header in $(find include/hz3 -name '*.h' | sort); do
		try "-x c $cpp $warn" "<${header#include/}>" "$header"
	done
	for header in $(find "arch/$1/include" include/asm-generic \
			-name '*.h' 2>/dev/null | sort); do
		base=$(basename "$header")
		if [ -f "include/hz3/$base" ]; then
			try "-x c $cpp $warn" "<hz3/$base>" "$header"
		elif ! grep -q '^#[ 	]*error' "$header"; then
			case $header in
			arch/*)	include="<asm/$base>" ;;
			*)	include="<asm-generic/$base>" ;;
			esac
			try "-x c $cpp $warn" "$include" "$header"
		fi
	done
}

uapi_headers()
{
	warn='-Wall -Wextra -Wpedantic -Werror'
	for header in $(find include/uapi -name '*.h' | sort); do
		include="<${header#include/uapi/}>"
		for std in c11 gnu11 c99; do
			try "-x c -std=$std -pedantic $warn -I include/uapi" \
				"$include" "$header (-std=$std)"
		done
		command -v "$cxx" >/dev/null 2>&1 || continue
		c_compiler=$compiler
		compiler=$cxx
		for std in c++11 c++17; do
			try "-x c++ -std=$std $warn -I include/uapi" \
				"$include" "$header (-std=$std)"
		done
		compiler=$c_compiler
	done
}

for arch in arch/*/include; do
	arch=${arch%/include}
	arch=${arch#arch/}
	compiler=$(cross_cc "$arch")
	if [ -z "$compiler" ]; then
		echo "headercheck.sh: no compiler for $arch, left out"
		continue
	fi
	for goal in $(cd "arch/$arch/configs" && echo *_defconfig) \
		    allyesconfig; do
		internal_headers "$arch" "$goal"
	done
done

compiler=$CC
cxx=${CXX:-g++}
uapi_headers

[ "$nr" -gt 0 ] || die "found no headers"
cat "$tmp/out" >&2
verdict "$(grep -c '^[^ ]' "$tmp/out" || :)" "$nr compilations"
