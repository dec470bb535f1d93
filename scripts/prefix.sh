#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Usage: prefix.sh PREFIX OBJECT HEADERS
#
# Gives what hz3.o exports another prefix than hz3_, in place, and hides all
# else, so that a program can have more than one of us: foo_ makes foo_malloc()
# of hz3_malloc(), and nothing of malloc(). HEADERS/foo/ gets the installed
# headers with the same names in them: #include <foo/hz3.h>.
#
# NM and OBJCOPY name the tools.

set -eu

prefix=${1:?usage: prefix.sh PREFIX OBJECT HEADERS}
object=${2:?}
headers=${3:?}
: "${NM:=nm}" "${OBJCOPY:=objcopy}"
. "$(dirname "$0")/tempfiles.sh"
tmp=$(temp_folder prefix)
remove_at_exit "$tmp"

case $prefix in
*[!a-z0-9_]* | [0-9_]* | *[!_])
	echo "prefix.sh: $prefix: small letters, digits and _, which is last" >&2
	exit 1
	;;
esac
folder=${prefix%_}
upper=$(echo "$prefix" | tr '[:lower:]' '[:upper:]')

# Those that a program defines for us (hz3_conf) have the prefix as well.
$NM -g "$object" | sed -n 's/.* [A-Zvw] \(hz3_[a-z0-9_]*\)$/\1/p' |
	sort -u >"$tmp/names"
if [ ! -s "$tmp/names" ]; then
	echo "prefix.sh: $object exports nothing" >&2
	exit 1
fi
sed "s/^hz3_\(.*\)/& $prefix\1/" "$tmp/names" >"$tmp/renamed"
$OBJCOPY --keep-global-symbols="$tmp/names" "$object" "$tmp/object"
$OBJCOPY --redefine-syms="$tmp/renamed" "$tmp/object" "$object"

mkdir -p "$headers/$folder"
for header in "$(dirname "$0")"/../include/uapi/hz3/*.h; do
	sed -e "s/\<hz3_/$prefix/g" -e "s/\<HZ3_/$upper/g" \
		-e "s,<hz3/,<$folder/,g" "$header" \
		>"$headers/$folder/$(basename "$header")"
done
