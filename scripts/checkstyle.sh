#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Usage: checkstyle.sh [FILE.c FILE.h...]
#
# House style that a compiler does not see: SPDX line, 80 columns, no trailing
# blanks, files below 500 lines, functions of at most 80, a comment at every
# ordered access, kernel-doc above every public function, attributes only
# through macros, few conditionals in .c files; then shellcheck.sh.
# The layout itself is clang-format's, see format-check.sh.

. "$(dirname "$0")/check-common.sh"

c_files=${*:-$(list_files -name '*.[ch]' | grep -v '^scripts/')}
[ -n "$c_files" ] || die "no C files"

# shellcheck disable=SC2086  # names without blanks
awk -v strings=1 -f scripts/code-only.awk $c_files >"$tmp/code"
awk -f scripts/functions.awk "$tmp/code" >"$tmp/functions"
# shellcheck disable=SC2086
awk -v code="$tmp/code" -v functions="$tmp/functions" \
	-f scripts/checkstyle.awk $c_files >"$tmp/out" ||
	judge $? "$tmp/out"
nr=$(wc -l <"$tmp/out")
[ $# -eq 0 ] || verdict "$nr" "$# files"

# Everything else people wrote: SPDX in the first two lines, no trailing
# blanks.  Templates, data and expected outputs carry no licence line.
others()
{
	for file in Makefile Kconfig .clang-format .clang-tidy .editorconfig; do
		[ ! -f "$file" ] || echo "$file"
	done
	list_files \( -name Makefile -o -name 'Makefile.*' -o -name 'Kbuild*' \
		-o -name 'Kconfig*' -o -name '*.S' -o -name '*.sh' \
		-o -name '*.awk' -o -name '*.py' -o -name '*.cocci' \)
	# programs that were built here are executable too
	list_files -perm -u+x | while read -r file; do
		[ "$(head -c 2 "$file")" != '#!' ] || echo "$file"
	done
}

others | sort -u >"$tmp/others"
while read -r file; do
	if ! head -n 2 "$file" | grep -q 'SPDX-License-Identifier: MIT'; then
		echo "$file:1: no SPDX line in the first two lines"
	fi
	grep -n '[ 	]$' "$file" |
		sed "s,^\([0-9]*\):.*,$file:\1: blanks at the end of the line,"
done <"$tmp/others" >"$tmp/other-out"
cat "$tmp/other-out" >&2
nr=$((nr + $(wc -l <"$tmp/other-out")))

scripts/shellcheck.sh || nr=$((nr + 1))

verdict "$nr" "$(echo "$c_files" | wc -w) C files, $(wc -l <"$tmp/others") others"
