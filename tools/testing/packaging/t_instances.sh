#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Two instances with prefixes of their own and hz3 itself, installed in one
# place: no file of one is another's, and a stranger links all three.

. "$(dirname "$0")/lib.sh"

usr=$dir/usr
files()
{
	(cd "$usr" && find . ! -type d | sort)
}

no_output in_tree prefix="$usr" install
files >"$dir/before"
for name in one two; do
	tree=$dir/$name
	mkdir "$tree"
	other_tree "$tree" embed_defconfig
	sed -i '/HZ3_API_PREFIX/d' "$tree/.config"
	echo "CONFIG_HZ3_API_PREFIX=\"${name}_\"" >>"$tree/.config"
	other_tree "$tree" olddefconfig
	other_tree "$tree" prefix="$dir/usr-$name" install
	no_output other_tree "$tree" prefix="$usr" install
	(cd "$dir/usr-$name" && find . ! -type d | sort) >"$dir/$name.files"
	comm -12 "$dir/before" "$dir/$name.files" >"$dir/common"
	[ ! -s "$dir/common" ] || fail "two have $(cat "$dir/common")"
done
comm -12 "$dir/one.files" "$dir/two.files" >"$dir/common"
[ ! -s "$dir/common" ] || fail "two have $(cat "$dir/common")"
sort "$dir/before" "$dir/one.files" "$dir/two.files" >"$dir/all"
files | diff "$dir/all" - || fail 'what is installed is not the sum'

cat >"$dir/program.c" <<'END'
#include <hz3/hz3.h>
#include <one/hz3.h>
#include <stdio.h>
#include <two/hz3.h>

int main(void)
{
	void *a = one_malloc(100);
	void *b = two_malloc(100);
	void *c = hz3_malloc(100);

	printf("%d%d%d %d%d%d %d%d%d\n", one_owns(a), one_owns(b), one_owns(c),
	       two_owns(a), two_owns(b), two_owns(c),
	       hz3_owns(a), hz3_owns(b), hz3_owns(c));
	one_free(a);
	two_free(b);
	hz3_free(c);
	return 0;
}
END
PKG_CONFIG_PATH=$usr/lib/pkgconfig
export PKG_CONFIG_PATH
# shellcheck disable=SC2046  # words
$CC -o "$dir/linked" "$dir/program.c" $(pkg-config --cflags --libs one two hz3)
says '100 010 001' env LD_LIBRARY_PATH="$usr/lib" "$dir/linked"

mkdir "$dir/project"
cat >"$dir/project/CMakeLists.txt" <<'END'
cmake_minimum_required(VERSION 3.13)
project(program C)
find_package(hz3 0.1 REQUIRED)
find_package(one 0.1 REQUIRED)
find_package(two 0.1 REQUIRED)
add_executable(program ../program.c)
target_link_libraries(program PRIVATE hz3::hz3 one::static two::static)
END
cmake -S "$dir/project" -B "$dir/cmake" -D "CMAKE_PREFIX_PATH=$usr" \
	-D "CMAKE_C_COMPILER=${CC%% *}"
cmake --build "$dir/cmake"
says '100 010 001' "$dir/cmake/program"

for name in one two; do
	no_output other_tree "$dir/$name" prefix="$usr" uninstall
done
files | diff "$dir/before" - || fail 'uninstall takes too much or too little'
