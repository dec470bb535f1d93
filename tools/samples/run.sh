#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Usage: run.sh OBJTREE [FILTER]
#
# Builds the samples with the static library of an object tree, as a program
# that embeds hz3 would be, and runs them. FILTER is a shell pattern for the
# name. A sample whose comment says `needs: SYMBOL` or `needs: !SYMBOL` is for
# libraries that have CONFIG_SYMBOL, or have it not: those that compare hz3 with
# malloc are for where malloc is the C library's.
#
# A sample is a program in C, C++ or Rust; a module in C with a Python program
# that imports it; or a script, which is given the object tree and a folder, and
# may end with 4: what it needs cannot be had here. Those and the ones that do not
# apply are counted apart.

set -eu

OBJTREE=${1:?usage: run.sh OBJTREE [FILTER]}
filter=${2:-*}
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
. "$top/scripts/tempfiles.sh"
out=$(temp_folder samples)
remove_at_exit "$out"
: "${CC:=gcc}"
: "${CXX:=g++}"
export CC
passed=0
failed=0
skipped=0

# build SOURCE PROGRAM COMPILER...
build()
{
	source=$1
	program=$2
	shift 2
	lib=$(sed -n 's/^ \* libs: //p' "$source")
	# shellcheck disable=SC2046,SC2086  # lists of flags
	"$@" -O2 -Wall -Wextra -Werror -pthread -o "$program" "$source" \
		-I "$top/include/uapi" \
		${lib:+$(pkg-config --cflags "$lib")} \
		"$OBJTREE/libhakozuna_hz3.a" \
		${lib:+$(pkg-config --libs "$lib")} -ldl
}

# rust SOURCE PROGRAM RUSTC'S-OPTIONS...
rust()
{
	source=$1
	program=$2
	shift 2
	rustc --edition 2021 -O -D warnings -o "$program" "$@" \
		-L "native=$OBJTREE" -l static=hakozuna_hz3 "$source"
}

# sample SOURCE NAME: build and run it
# shellcheck disable=SC2086  # a compiler and its options
sample()
{
	case $1 in
	*.sh)
		timeout -k 5 300 sh "$1" "$OBJTREE" "$out" ;;
	*.rs)
		rust "$1" "$out/$2-own" --cfg own && run "$out/$2-own" &&
			rust "$1" "$out/$2" && run "$out/$2" ;;
	*.cc)
		build "$1" "$out/$2" $CXX -std=gnu++17 && run "$out/$2" ;;
	*)
		if [ ! -f "$here/$2.py" ]; then
			build "$1" "$out/$2" $CC -std=gnu11 && run "$out/$2"
			return
		fi
		# What is linked into a module is its own affair.
		build "$1" "$out/hz3$2.so" $CC -std=gnu11 -shared -fPIC \
			-Wl,--exclude-libs,ALL &&
			PYTHONPATH=$out run /usr/bin/python3 -B "$here/$2.py" ;;
	esac
}

# applies SOURCE: has the library what it needs?
applies()
{
	need=$(sed -n 's/.*[*#!] needs: \(.*\)/\1/p' "$1")
	case $need in
	'')	return 0 ;;
	!*)	! grep -q "^CONFIG_${need#!}=y" "$OBJTREE/.config" ;;
	*)	grep -q "^CONFIG_$need=y" "$OBJTREE/.config" ;;
	esac
}

run()
{
	timeout -k 5 120 "$@"
}

for source in "$here"/*.c "$here"/*.cc "$here"/*.rs "$here"/*.sh; do
	name=$(basename "$source")
	name=${name%.*}
	[ "$name" != run ] || continue
	# shellcheck disable=SC2254  # a pattern is wanted
	case $name in
	$filter) ;;
	*) continue ;;
	esac
	rc=0
	applies "$source" || {
		echo "ok - $name # SKIP not for this library: needs $need"
		skipped=$((skipped + 1))
		continue
	}
	sample "$source" "$name" >"$out/log" 2>&1 </dev/null || rc=$?
	case $rc in
	0)	echo "ok - $name"
		passed=$((passed + 1)) ;;
	4)	echo "ok - $name # SKIP cannot be had here"
		skipped=$((skipped + 1)) ;;
	*)	echo "not ok - $name: exit status $rc"
		failed=$((failed + 1)) ;;
	esac
	sed 's/^/    # /' "$out/log"
done
[ "$skipped" -eq 0 ] || echo "$skipped skipped"
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$((passed + skipped))" -gt 0 ]
