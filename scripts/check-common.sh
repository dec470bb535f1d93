# shellcheck shell=sh
# SPDX-License-Identifier: MIT
#
# Sourced by the static checks: finds the source root, a place for temporary
# files, a configured object tree and the compiler flags of the real build.
#
# The Makefile sets srctree, objtree, CC and SRCARCH; by hand none is needed:
# the root is the folder above this one and the configuration is the default
# one, made in a temporary tree.

set -eu

# byte order and byte lengths, whatever the user's locale
LC_ALL=C
export LC_ALL
# the checks start make themselves: theirs is not the job of the outer one
unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES GNUMAKEFLAGS || :

check_name=$(basename "$0")
root=$(cd "$(dirname "$0")/.." && pwd)

case "${objtree:-}" in
'')	objtree=$root ;;
/*)	;;
*)	objtree=$(cd "$objtree" && pwd) ;;
esac
cd "$root"

: "${CC:=gcc}"
: "${SRCARCH:=${ARCH:-$(uname -m)}}"

# the folders that make up the allocator, bottom up
code_dirs='lib mm remote shard init'

. scripts/tempfiles.sh
tmp=$(temp_folder check)
remove_at_exit "$tmp"

# die TEXT: a check that cannot run must not look like one that passed
die()
{
	echo "$check_name: $*" >&2
	exit 2
}

# need PROGRAM PACKAGE
need()
{
	command -v "$1" >/dev/null 2>&1 ||
		die "$1 is missing: apt-get install $2"
}

# list_files FIND-TESTS...: files of the tree that people wrote
list_files()
{
	set -- \( "$@" \)
	for dir in arch include $code_dirs tools scripts; do
		[ -d "$dir" ] || continue
		find "$dir" -path include/generated -prune -o \
			-path include/config -prune -o \
			-name build -prune -o -name .tmp -prune -o \
			-type f "$@" -print
	done | sort
}

# core_c: the C files of the allocator itself, without its tests
core_c()
{
	for dir in $code_dirs; do
		[ -d "$dir" ] || continue
		find "$dir" -name tests -prune -o -type f -name '*.c' -print
	done | sort
}

# cross_prefix ARCH: of its tools, nothing on such a machine
cross_prefix()
{
	[ "$1" = "$(uname -m)" ] || echo "$1-linux-gnu-"
}

# cross_cc ARCH: a compiler for ARCH, or nothing
cross_cc()
{
	if [ "$1" = "$SRCARCH" ]; then
		echo "$CC"
	elif command -v "$(cross_prefix "$1")gcc" >/dev/null 2>&1; then
		echo "$(cross_prefix "$1")gcc"
	fi
}

# sub_make ARCH OBJTREE GOALS...: the tree's own make, quietly
sub_make()
{
	sub_arch=$1
	sub_tree=$2
	shift 2
	sub_cross=$(cross_prefix "$sub_arch")
	env -u CC -u ARCH -u SRCARCH -u srctree -u objtree \
		-u KBUILD_OUTPUT -u CROSS_COMPILE \
		make -s O="$sub_tree" ARCH="$sub_arch" \
		${sub_cross:+CROSS_COMPILE="$sub_cross"} "$@"
}

# made_tree ARCH GOAL: print an object tree configured by GOAL, with the
# generated headers; made once.  KCONFIG_SEED matters to randconfig.
made_tree()
{
	made=$tmp/tree-$1-$2-${KCONFIG_SEED:-}
	if ! [ -f "$made/include/generated/autoconf.h" ]; then
		mkdir -p "$made"
		if ! { sub_make "$1" "$made" "$2" &&
		       sub_make "$1" "$made" prepare
		     } >"$tmp/log" 2>&1; then
			cat "$tmp/log" >&2
			die "cannot configure a tree for $1 with $2"
		fi
	fi
	echo "$made"
}

# configured_tree ARCH: the caller's own tree when it fits, else a default one
configured_tree()
{
	if [ "$1" = "$SRCARCH" ] &&
	   [ -f "$objtree/include/generated/autoconf.h" ]; then
		echo "$objtree"
	else
		made_tree "$1" defconfig
	fi
}

# compiled_c TREE: the C files this configuration compiles, from the folders'
# "obj-y += x.o" and "obj-$(CONFIG_X) += x.o"
compiled_c()
{
	for dir in $code_dirs; do
		[ ! -f "$dir/Makefile" ] || awk -v dir="$dir" '
		FILENAME ~ /auto.conf$/ {
			if (sub(/=y$/, ""))
				on["obj-$(" $0 ")"] = 1
			next
		}
		{
			sub(/#.*/, "")
			more = sub(/\\$/, "")
			n = split($0, word, /[ \t+:]*=[ \t]*|[ \t]+/)
			i = 1
			if (!continued) {
				wanted = word[1] == "obj-y" || word[1] in on
				i = 2
			}
			for (; i <= n && wanted; i++)
				if (word[i] ~ /\.o$/) {
					sub(/\.o$/, ".c", word[i])
					print dir "/" word[i]
				}
			continued = more
		}' "$1/include/config/auto.conf" "$dir/Makefile"
	done | sort -u
}

# cpp_flags ARCH TREE: what every C file is compiled with
cpp_flags()
{
	echo "-std=gnu11 -D_GNU_SOURCE -include include/hz3/kconfig.h" \
		"-I arch/$1/include -I include -I include/uapi" \
		"-I $2/include"
}

# judge STATUS FILE: show the complaints of a checker that returned STATUS;
# 1 means complaints, anything else that it did not run to its end
judge()
{
	cat "$2" >&2
	[ "$1" -eq 1 ] || die "broke down with status $1"
	[ -s "$2" ] || die "failed without a word"
}

# verdict NR_BAD TEXT: the last line of a check and its exit status
verdict()
{
	if [ "$1" -ne 0 ]; then
		echo "$check_name: $1 problem(s)" >&2
		exit 1
	fi
	[ -z "${V:-}" ] || echo "$check_name: $2"
	exit 0
}
