#!/bin/sh
# SPDX-License-Identifier: MIT
#
# make htmldocs: without a warning, and with every function of the header; a
# function that is not described, or wrongly, is an error.

. "$(dirname "$0")/lib.sh"

no_output in_tree htmldocs
html=$OBJTREE/build/docs/html
sed -n 's/^FUNC \(hz3_[a-z_]*\) .*/\1/p' "$top/init/abi.txt" >"$dir/functions"
[ -s "$dir/functions" ] || fail 'no function is exported'
while read -r name; do
	grep -q "id=\"c.$name\"" "$html/core-api/hz3.html" ||
		fail "$name is not there"
done <"$dir/functions"

cat >"$dir/planted.h" <<'END'
/**
 * planted_right() - a function as it should be
 * @a: a number
 */
int hz3_planted_silent(int a);
/**
 * hz3_planted_wrong() - a function whose parameter has another name
 * @b: a number
 */
int hz3_planted_wrong(int a);
/*
 * hz3_planted_plain() - a comment that is not kernel-doc
 * @a: a number
 */
int hz3_planted_plain(int a);
/**
 * hz3_planted_good() - a function as it should be
 * @a: a number
 */
int hz3_planted_good(int a);
END
for text in 'no kernel-doc comment right above int hz3_planted_silent' \
	'no kernel-doc comment right above int hz3_planted_plain' \
	'hz3_planted_wrong(): @a is not described' \
	'hz3_planted_wrong(): has no parameter b'; do
	says "$text" awk -f "$top/scripts/kernel-doc.awk" "$dir/planted.h"
done
errors=$(awk -f "$top/scripts/kernel-doc.awk" "$dir/planted.h" \
	2>&1 >"$dir/described") && fail 'mistakes are no error'
[ "$(echo "$errors" | wc -l)" -eq 4 ] || fail "not four mistakes: $errors"
grep -q 'c:function:: int hz3_planted_good(int a)$' "$dir/described" ||
	fail 'a good function is not described'
