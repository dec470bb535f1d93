#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The manuals are well-formed, and have every function, option and command.

. "$(dirname "$0")/lib.sh"

man=$dir/share/man
in_tree prefix="$dir" install_man install_bins

# has TEXT PAGE: as mandoc shows it
has()
{
	mandoc -T ascii "$man/$2" | sed 's/.\x08//g' | grep -q -F -e "$1" ||
		fail "$2 has no $1"
}

nr=0
for page in "$man"/man*/*; do
	no_output mandoc -T lint -W warning "$page"
	! grep -n '@[A-Za-z]' "$page" || fail "$page is not filled in"
	nr=$((nr + 1))
done
[ "$nr" -ge 10 ] || fail "$nr pages are installed"
sed -n 's/^FUNC \(hz3_[a-z_]*\) .*/\1/p' "$top/init/abi.txt" >"$dir/functions"
[ -s "$dir/functions" ] || fail 'no function is exported'
while read -r name; do
	has "$name(" "man3/$name.3"
done <"$dir/functions"
"$dir/bin/hz3" config --list | sed 's/:.*//' >"$dir/keys"
[ -s "$dir/keys" ] || fail 'no option is listed'
while read -r key; do
	has "$key:" man5/hz3.conf.5
done <"$dir/keys"
"$dir/bin/hz3" --help | grep -o -e ' hz3 [a-z]*' -e '--[a-z]*' |
	sed 's/ hz3 //' | sort -u >"$dir/words"
while read -r word; do
	has "$word" man1/hz3.1
done <"$dir/words"
