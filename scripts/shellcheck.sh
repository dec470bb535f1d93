#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Usage: shellcheck.sh [SCRIPT...]
#
# Runs shellcheck over every shell script of the tree, found by its name or
# its first line.

. "$(dirname "$0")/check-common.sh"

need shellcheck shellcheck

scripts()
{
	{
		list_files \( -name '*.sh' -o -perm -u+x \)
		[ ! -d .ci ] || find .ci -type f
	} | sort -u | while read -r file; do
		case $(head -n 1 "$file") in
		'#!'*sh | '# shellcheck shell='*) echo "$file" ;;
		esac
	done
}

files=${*:-$(scripts)}
[ -n "$files" ] || die "no scripts"

# xargs says 123 when one of its children complained
# shellcheck disable=SC2086  # names without blanks
printf '%s\n' $files | xargs -P 2 -n 8 shellcheck -x -P SCRIPTDIR \
	>"$tmp/out" || judge $(($? == 123 ? 1 : $?)) "$tmp/out"
verdict "$(grep -c '^In ' "$tmp/out" || :)" "$(echo "$files" | wc -w) scripts"
