#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Usage: format-check.sh [--fix] [FILE...]
#
# Every .c and .h file must be what clang-format 14 makes of it with our
# .clang-format.  --fix rewrites the files instead of complaining.

. "$(dirname "$0")/check-common.sh"

mode='--dry-run -Werror'
if [ "${1:-}" = --fix ]; then
	mode=-i
	shift
fi

format=${CLANG_FORMAT:-}
if [ -z "$format" ]; then
	format=clang-format
	command -v clang-format-14 >/dev/null 2>&1 && format=clang-format-14
fi
need "$format" clang-format
# other versions break lines elsewhere: a verdict of theirs means nothing
case $("$format" --version) in
*'version 14.'*) ;;
*) die "needs clang-format 14, this is $("$format" --version)" ;;
esac

files=${*:-$(list_files -name '*.[ch]' | grep -v '^scripts/coccinelle/')}
[ -n "$files" ] || die "no C files"

# clang silently falls back to its own style when it finds no file
[ -f .clang-format ] || die ".clang-format is missing"

# shellcheck disable=SC2086  # lists
if ! "$format" --style=file $mode $files; then
	echo "format-check.sh: scripts/format-check.sh --fix mends this" >&2
	exit 1
fi
verdict 0 "$(echo "$files" | wc -w) files"
