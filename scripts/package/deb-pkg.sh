#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Usage: deb-pkg.sh FOLDER	(make deb-pkg does it)
#
# Make Debian packages of what is installed in FOLDER/stage. They end up in the
# folder above it. HZ3VERSION and the machine, SRCARCH, come from make; the
# maintainer from DEBFULLNAME and DEBEMAIL, the date from SOURCE_DATE_EPOCH or
# from the last commit.

set -eu

work=$(cd "$1" && pwd)
here=$(cd "$(dirname "$0")" && pwd)

case $SRCARCH in
x86_64)	 arch=amd64 ;;
aarch64) arch=arm64 ;;
*)	 arch=$SRCARCH ;;
esac

name=${DEBFULLNAME:-hz3 authors}
maintainer="$name <${DEBEMAIL:-hz3@$(hostname -f 2>/dev/null || hostname)}>"
: "${SOURCE_DATE_EPOCH:=$(git -C "$here" log -1 --format=%ct 2>/dev/null ||
	date +%s)}"
export SOURCE_DATE_EPOCH

rm -rf "$work/debian"
cp -R "$here/debian" "$work"
# the licence's own words, as the format wants them
sed 's/^$/./; s/^/ /' "$here/../../COPYING" >>"$work/debian/copyright"
sed -i -e "s|@HZ3VERSION@|$HZ3VERSION|" -e "s|@maintainer@|$maintainer|" \
	-e "s|@date@|$(date -R -u -d "@$SOURCE_DATE_EPOCH")|" \
	-e "s|@years@|$(date -u -d "@$SOURCE_DATE_EPOCH" +%Y)|" \
	"$work/debian/control" "$work/debian/changelog" \
	"$work/debian/copyright"

cd "$work"
unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES GNUMAKEFLAGS
dpkg-buildpackage -a "$arch" -b -nc -uc -us -d >"$work/log" 2>&1 || {
	cat "$work/log" >&2
	exit 1
}
sed -n "s/^dpkg-deb: building package .* in '\.\.\/\(.*\)'\.$/  DEB     \1/p" \
	"$work/log"
