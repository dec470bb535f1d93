#!/bin/sh
# SPDX-License-Identifier: MIT
#
# make install: a stranger can preload, link and embed what it installs, by
# hand, with pkg-config and with CMake; uninstall leaves no file.

. "$(dirname "$0")/lib.sh"

usr=$dir/opt/hz3
libdir=$usr/lib/$($CC -print-multiarch)
stage=$dir/stage
places="prefix=$usr libdir=$libdir"
hello=$here/hello.c

# shellcheck disable=SC2086  # words
no_output in_tree $places install install_lanes

check_preload()
{
	for lib in "$libdir/libhakozuna_hz3.so" "$libdir"/hz3/*.so; do
		LD_PRELOAD=$lib HZ3_CONF=confirm_conf:true /bin/true 2>&1 |
			grep -q 'CONFIG_HZ3_NUM_SHARDS=' ||
			fail "$lib does not answer"
	done
	readelf -d "$libdir/libhakozuna_hz3.so" |
		grep -q 'soname: \[libhakozuna_hz3.so.0\]' ||
		fail 'no soname'
}

check_pkg_config()
{
	PKG_CONFIG_PATH=$libdir/pkgconfig
	export PKG_CONFIG_PATH
	version=$(pkg-config --modversion hz3)
	# shellcheck disable=SC2046,SC2086  # words
	$CC -o "$dir/linked" "$hello" $(pkg-config --cflags --libs hz3)
	says "$version" env LD_LIBRARY_PATH="$libdir" "$dir/linked"
	# shellcheck disable=SC2046,SC2086
	$CC -static -o "$dir/embedded" "$hello" \
		$(pkg-config --static --cflags --libs hz3)
	says "$version" "$dir/embedded"
}

check_cmake()
{
	cmake -S "$here" -B "$dir/cmake" -D "CMAKE_PREFIX_PATH=$1" \
		-D "CMAKE_C_COMPILER=${CC%% *}"
	cmake --build "$dir/cmake"
	says "$version" "$dir/cmake/shared"
	says "$version" "$dir/cmake/embedded"
	rm -rf "$dir/cmake"
}

# DESTDIR is in front of every path and in none of the files.
check_destdir()
{
	# shellcheck disable=SC2086
	no_output in_tree $places DESTDIR="$stage" install install_lanes
	diff -r "$usr" "$stage$usr" || fail 'DESTDIR= changes what is installed'
	(cd "$usr" && find . ! -type d) | sort >"$dir/files"
	(cd "$stage$usr" && find . ! -type d) | sort | diff "$dir/files" - ||
		fail 'DESTDIR= changes what is installed'
	[ "$(find "$stage" ! -type d | wc -l)" -eq "$(wc -l <"$dir/files")" ] ||
		fail "installed outside of $usr"
	# shellcheck disable=SC2086
	no_output in_tree $places DESTDIR="$stage" uninstall
	left=$(find "$stage" ! -type d)
	[ -z "$left" ] || fail "uninstall leaves $left"
}

# The loader is told when it knows the folder, and DESTDIR= is not its business.
check_loader()
{
	mkdir "$dir/bin"
	cat >"$dir/bin/ldconfig" <<-END
		#!/bin/sh
		[ "\$*" != -NXv ] || exec echo "$libdir: (from here:1)"
		echo ran >>"$dir/ran"
	END
	chmod 755 "$dir/bin/ldconfig"
	for to in '' "$stage"; do
		# shellcheck disable=SC2086
		(PATH=$dir/bin:$PATH
		 no_output in_tree $places DESTDIR="$to" install_bins)
	done
	[ "$(cat "$dir/ran")" = ran ] || fail "ldconfig: $(cat "$dir/ran")"
	rm -rf "$stage"
}

check_preload
check_loader
check_pkg_config
check_cmake "$usr"
check_destdir
# CMake's files need not know where they are
mv "$usr" "$dir/moved"
check_cmake "$dir/moved"
