#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Install the Debian packages that building, checking, the demo, packaging or
# the benchmarks need and this machine has not. Packages that are there are left
# alone, services that come with one are not started. Without apt-get it only
# says what is missing.
#
# usage: install-deps.sh [build] [check] [cross] [demo] [deb] [docs]
#	[package] [samples] [bench]	(default: build)
#
#	install-deps.sh --unpack DIR ARCH PACKAGE...
#
# unpacks packages of another Debian architecture, and all they need, into a
# folder, where an emulator finds them. The machine's own packages and lists
# are left alone.

set -eu

# A package, and a command or file that shows it is there.
packages()
{
	case $1 in
	build) cat <<-'EOF'
		gcc                       gcc
		libc6-dev                 /usr/include/*/sys/mman.h
		make                      make
		kconfig-frontends-nox     kconfig-conf
		EOF
		;;
	check) cat <<-'EOF'
		g++                       g++
		git                       git
		clang                     clang
		clang-format              clang-format
		libclang-rt-dev           /usr/lib/llvm-*/lib/clang/*/lib/*/*tsan*
		sparse                    sparse
		coccinelle                spatch
		libpython3-dev            /usr/lib/*/libpython3.*.so
		shellcheck                shellcheck
		spin                      spin
		valgrind                  valgrind
		nodejs                    /usr/bin/node
		perl                      /usr/bin/perl
		postgresql                /usr/lib/postgresql/*/bin/pgbench
		nginx-light               /usr/sbin/nginx
		curl                      curl
		apache2-utils             ab
		stress-ng                 stress-ng
		libpython3.11-testsuite   /usr/lib/python3.11/test/test_list.py
		EOF
		;;
	cross) cat <<-'EOF'
		gcc-aarch64-linux-gnu     aarch64-linux-gnu-gcc
		g++-aarch64-linux-gnu     aarch64-linux-gnu-g++
		libc6-dev-arm64-cross     /usr/aarch64-linux-gnu/include/stdio.h
		gcc-riscv64-linux-gnu     riscv64-linux-gnu-gcc
		g++-riscv64-linux-gnu     riscv64-linux-gnu-g++
		libc6-dev-riscv64-cross   /usr/riscv64-linux-gnu/include/stdio.h
		qemu-user                 qemu-aarch64
		EOF
		;;
	demo) cat <<-'EOF'
		git                       git
		gcc                       gcc
		g++                       g++
		python3                   /usr/bin/python3
		redis-server              redis-server
		redis-tools               redis-benchmark
		sqlite3                   sqlite3
		EOF
		;;
	deb) cat <<-'EOF'
		debhelper                 dh
		dpkg-dev                  dpkg-buildpackage
		EOF
		;;
	package) cat <<-'EOF'
		cmake                     cmake
		lintian                   lintian
		mandoc                    mandoc
		musl-tools                musl-gcc
		pkg-config                pkg-config
		EOF
		;;
	samples) cat <<-'EOF'
		g++                       g++
		liblua5.4-dev             /usr/include/lua5.4/lua.h
		libsqlite3-dev            /usr/include/sqlite3.h
		pkg-config                pkg-config
		python3-dev               /usr/include/python3.*/Python.h
		redis-server              redis-server
		redis-tools               redis-benchmark
		rustc                     rustc
		EOF
		;;
	docs) cat <<-'EOF'
		python3-sphinx            sphinx-build
		EOF
		;;
	bench) cat <<-'EOF'
		libjemalloc2              /usr/lib/*/libjemalloc.so.2
		libmimalloc2.0            /usr/lib/*/libmimalloc.so.2
		libtcmalloc-minimal4      /usr/lib/*/libtcmalloc_minimal.so.4
		gnuplot-nox               gnuplot
		nodejs                    /usr/bin/node
		perl                      /usr/bin/perl
		python3                   /usr/bin/python3
		EOF
		;;
	*)
		echo "install-deps.sh: no group '$1'" >&2
		exit 2
		;;
	esac
}

# is_there PACKAGE PROBE
is_there()
{
	case $2 in
	/*)
		for f in $2; do
			test -e "$f" && return 0
		done
		;;
	*)
		command -v "$2" >/dev/null && return 0
		;;
	esac
	command -v dpkg-query >/dev/null || return 1
	# shellcheck disable=SC2016 # the braces are dpkg-query's
	test "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = \
		installed
}

# Print the packages of all groups that are missing, one a line.
missing()
{
	for group; do
		list=$(packages "$group")
		echo "$list"
	done | sort -u | while read -r package probe; do
		is_there "$package" "$probe" || echo "$package"
	done
}

as_root()
{
	# shellcheck disable=SC2086 # no word when we are root
	$sudo env "$@"
}

allow_services()
{
	as_root rm -f $policy
	rm -f "$log"
}

# A package's scripts ask policy-rc.d whether they may start its service.
forbid_services()
{
	policy=/usr/sbin/policy-rc.d
	test -e $policy && return
	as_root sh -c "printf '#!/bin/sh\nexit 101\n' >$policy &&
		chmod 755 $policy"
	at_exit allow_services
}

# shellcheck disable=SC2086 # $lacking is a list
install()
{
	as_root DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 \
		apt-get -qq -y --no-install-recommends \
		-o DPkg::Lock::Timeout=120 -o Dpkg::Use-Pty=0 \
		install $lacking >"$log" 2>&1 </dev/null
}

# apt with lists and a state of its own, in which nothing is installed
foreign_apt()
{
	apt-get -qq -y --no-install-recommends -o Debug::NoLocking=1 \
		-o APT::Architecture="$arch" -o APT::Architectures::="$arch" \
		-o APT::Sandbox::User= -o Acquire::Languages=none \
		-o Dir::State="$state" -o Dir::State::status="$state/status" \
		-o Dir::Cache="$state" "$@" </dev/null
}

# unpack DIR ARCH PACKAGE...: once, so the last thing made is a note of it
unpack()
{
	dir=$1
	arch=$2
	shift 2
	test "$(cat "$dir/.packages" 2>/dev/null)" != "$*" || return 0
	rm -rf "$dir"
	mkdir -p "$dir"
	. "$(dirname "$0")/tempfiles.sh"
	state=$(temp_folder "apt-$arch")
	remove_at_exit "$state"
	mkdir -p "$state/lists/partial" "$state/archives/partial"
	: >"$state/status"
	foreign_apt update
	foreign_apt --download-only install "$@"
	for deb in "$state"/archives/*.deb; do
		dpkg-deb -x "$deb" "$dir"
	done
	echo "$*" >"$dir/.packages"
}

if [ "${1-}" = --unpack ]; then
	shift
	unpack "$@"
	exit
fi

test $# -gt 0 || set -- build
for group; do
	packages "$group" >/dev/null
done
lacking=$(missing "$@" | tr '\n' ' ')
test -n "$lacking" || exit 0

if ! command -v apt-get >/dev/null; then
	echo "missing, and there is no apt-get to install it: $lacking" >&2
	exit 1
fi
if [ "$(id -u)" -eq 0 ]; then
	sudo=
elif sudo -n true 2>/dev/null; then
	sudo='sudo -n'
else
	echo "missing, and neither root nor sudo to install it: run as root:" >&2
	echo "  apt-get install $lacking" >&2
	exit 1
fi

. "$(dirname "$0")/tempfiles.sh"
log=$(mktemp)
remove_at_exit "$log"
echo "installing: $lacking"
forbid_services
# The first try fails when the package lists are missing or old.
if ! install; then
	as_root apt-get -qq update >"$log" 2>&1 || :
	install || {
		cat "$log" >&2
		echo "installing failed" >&2
		exit 1
	}
fi
lacking=$(missing "$@" | tr '\n' ' ')
test -z "$lacking" || {
	echo "still missing: $lacking" >&2
	exit 1
}
