#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Usage: context-analysis.sh [FILE.c...]
#
# clang's thread safety analysis over the allocator: a lock released that is
# not held, held at return, taken twice, or __must_hold() ignored by a caller.
# The annotations are the ones sparse reads, see compiler_types.h.
#
# Every defconfig and allyesconfig is looked at, each with the files it
# compiles; random ones for files that depend on another choice.  A file that
# none of them compiles is a failure too.

. "$(dirname "$0")/check-common.sh"

clang=${CLANG:-clang}
need "$clang" clang
[ -d "arch/$SRCARCH" ] || die "arch/$SRCARCH does not exist"

target=
[ "$SRCARCH" = "$(uname -m)" ] || target="--target=$SRCARCH-linux-gnu"

: >"$tmp/out"
: >"$tmp/seen"

# analyse TREE FILES...
analyse()
{
	flags=$(cpp_flags "$SRCARCH" "$1")
	shift
	for file; do
		echo "$file" >>"$tmp/seen"
		# -w would silence the errors as well
		# shellcheck disable=SC2086  # a list of flags
		"$clang" $target $flags -Wno-everything -Wthread-safety \
			-Werror=thread-safety -fsyntax-only "$file" \
			>"$tmp/err" 2>&1 && ! [ -s "$tmp/err" ] && continue
		cat "$tmp/err" >&2
		echo "$file" >>"$tmp/out"
	done
}

# unseen: are there files no configuration has compiled so far?
unseen()
{
	core_c | grep -v -x -F -f "$tmp/seen" >"$tmp/unseen"
}

if [ $# -gt 0 ]; then
	tree=$(configured_tree "$SRCARCH")
	analyse "$tree" "$@"
else
	goals=$(cd "arch/$SRCARCH/configs" && echo *_defconfig)
	for goal in $goals allyesconfig; do
		tree=$(made_tree "$SRCARCH" "$goal")
		# shellcheck disable=SC2046  # names without blanks
		analyse "$tree" $(compiled_c "$tree")
	done
	KCONFIG_SEED=0
	while unseen && [ $KCONFIG_SEED -lt 20 ]; do
		KCONFIG_SEED=$((KCONFIG_SEED + 1))
		export KCONFIG_SEED
		tree=$(made_tree "$SRCARCH" randconfig)
		# shellcheck disable=SC2046  # names without blanks
		analyse "$tree" $(compiled_c "$tree" |
			grep -x -F -f "$tmp/unseen")
	done
	sed 's/$/: compiled by no configuration/' "$tmp/unseen" >&2
	cat "$tmp/unseen" >>"$tmp/out"
fi

[ -s "$tmp/seen" ] || die "no C files"
verdict "$(wc -l <"$tmp/out")" "$(sort -u "$tmp/seen" | wc -l) files"
