#!/bin/sh
# SPDX-License-Identifier: MIT
#
# make deb-pkg, for this machine and crosswise for aarch64: lintian is content,
# and a program is built and runs with what the packages hold. The aarch64
# library keeps what somebody chose for this machine, and passes the selftests.

. "$(dirname "$0")/lib.sh"

# The builder's address is not ours to choose.
excused='bogus-mail-host bogus-mail-host-in-debian-changelog'

# packages_of TREE ARCH: its packages are unpacked in $dir/ARCH
packages_of()
{
	# shellcheck disable=SC2086  # words
	lintian --allow-root --fail-on error,warning \
		--suppress-tags "$(echo $excused | tr ' ' ,)" \
		"$1"/build/deb/*.changes || fail "lintian, for $2"
	for name in hz3 libhakozuna-hz3-0 libhakozuna-hz3-dev; do
		deb=$(echo "$1/build/deb/${name}"_*_"$2.deb")
		[ -f "$deb" ] || fail "no package $name for $2"
		dpkg-deb -x "$deb" "$dir/$2"
	done
	for file in usr/bin/hz3 usr/share/man/man7/hz3.7.gz \
		usr/share/man/man3/hz3_free.3.gz; do
		[ -e "$dir/$2/$file" ] || fail "no $file for $2"
	done
}

# hello CC ARCH RUNNER...: with the packages alone, linked and preloaded
hello()
{
	cc=$1
	root=$dir/$2
	libs=$root/usr/lib/$($cc -print-multiarch)
	shift 2
	$cc -I "$root/usr/include" -L "$libs" -o "$root/hello" \
		"$here/hello.c" -lhakozuna_hz3
	says "$version" "$@" "LD_LIBRARY_PATH=$libs" "$root/hello"
	for lane in fast scale; do
		says HZ3_VERSION= "$@" HZ3_CONF=confirm_conf:true \
			"LD_LIBRARY_PATH=$libs" \
			"LD_PRELOAD=$libs/hz3/libhakozuna_hz3_$lane.so" \
			"$root/hello"
	done
	$cc -static -I "$root/usr/include" -o "$root/embedded" \
		"$here/hello.c" "$libs/libhakozuna_hz3.a"
	says "$version" "$@" "$root/embedded"
}

# As env, under qemu
emulated()
{
	settings=
	while [ "${1#*=}" != "$1" ]; do
		settings="$settings -E $1"
		shift
	done
	# shellcheck disable=SC2086  # words
	qemu-aarch64 -L /usr/aarch64-linux-gnu $settings "$@"
}

native || skip 'makes its own tree for aarch64'
version=$(in_tree hz3version)
in_tree deb-pkg
packages_of "$OBJTREE" "$(dpkg --print-architecture)"
hello "$CC" "$(dpkg --print-architecture)" env

# As a user would: a menu, then packages for another machine
tree=$dir/tree
other_tree "$tree" scale_defconfig
sed -i 's/^\(CONFIG_HZ3_NUM_SHARDS\)=.*/\1=12/' "$tree/.config"
other_tree "$tree" olddefconfig
(unset CC CXX
 other_tree "$tree" ARCH=aarch64 CROSS_COMPILE=aarch64-linux-gnu- deb-pkg)
packages_of "$tree" arm64
hello aarch64-linux-gnu-gcc arm64 emulated
arm_lib=$dir/arm64/usr/lib/aarch64-linux-gnu/libhakozuna_hz3.so.0
readelf -p hz3.config "$arm_lib" | grep -q 'HZ3_NUM_SHARDS=12$' ||
	fail 'the package is not what was configured'
(unset CC CXX RUNNER
 SELFTEST_LIB=$arm_lib sh "$top/tools/testing/selftests/run.sh" \
	"$tree/build/aarch64") || fail 'selftests'
