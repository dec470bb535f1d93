#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Who has only read README: its own lines build an interpreter with a heap of
# its own, of what was installed and of the source. 10,000 of them must leave
# nothing, neither in hz3's figures nor in memory: they see to that themselves.

. "$(dirname "$0")/lib.sh"

# line TEXT: README's line that begins so
line()
{
	lines=$(sed -n "s/^  \($1.*\)/\1/p" "$top/README.rst")
	[ "$(echo "$lines" | grep -c .)" -eq 1 ] ||
		fail "README has not one line with '$1' but: $lines"
	echo "$lines"
}

# follow LINE PROGRAM: do what the line says, and run what it makes
follow()
{
	rm -f "$2"
	eval "$1" || fail "README's '$1': status $?"
	out=$(timeout 60 "./$2" 2>&1) || fail "'$1', then $2: $out"
	case $out in
	'10000 interpreters'*) echo "$2: $out" ;;
	*) fail "'$1', then $2: $out" ;;
	esac
}

link_line=$(line 'cc -o server')
embed_line=$(line 'cc -static')
no_output in_tree prefix="$dir/hz3" install

# what the lines expect to be there
cd "$dir" || exit
cp "$top/tools/samples/interp.c" server.c
cp "$top/tools/samples/interp.c" vm.c
cp "$top/tools/samples/sample.h" .

# what README says of a prefix of one's own
export PKG_CONFIG_PATH="$dir/hz3/lib/pkgconfig"
LD_LIBRARY_PATH=$dir/hz3/lib follow "$link_line" server
readelf -d server | grep -q 'NEEDED.*libhakozuna_hz3' ||
	fail 'server is not linked with hz3'

mkdir include
ln -s "$top/include/uapi" include/uapi
ln -s "$OBJTREE/libhakozuna_hz3.a" .
follow "$embed_line" vm
