#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Fetch a Debian package's source, as its authors published it, into a folder.
# Nothing of this machine's is changed: where apt knows only of binaries, it is
# asked with lists of its own for the sources that belong to them.
#
# usage: debian-source.sh PACKAGE FOLDER

set -eu

package=${1:?usage: debian-source.sh PACKAGE FOLDER}
folder=${2:?usage: debian-source.sh PACKAGE FOLDER}

command -v apt-get >/dev/null || {
	echo "debian-source.sh: there is no apt-get" >&2
	exit 1
}
. "$(dirname "$0")/tempfiles.sh"
tmp=$(temp_folder source)
remove_at_exit "$tmp"
chmod 755 "$tmp"
mkdir -p "$tmp/parts" "$tmp/lists/partial" "$tmp/cache/archives/partial"

etc=/etc/apt
for list in "$etc/sources.list" "$etc"/sources.list.d/*; do
	to=$tmp/parts/$(basename "$list")
	# Only Debian's own have what we look for.
	case $list in
	*.sources) ! grep -qi debian "$list" ||
		sed 's/^Types:.*/Types: deb-src/' "$list" >"$to" ;;
	*.list) [ ! -f "$list" ] ||
		sed -n '/debian/s/^deb\(-src\)\{0,1\} /deb-src /p' "$list" |
		sort -u >"$to" ;;
	esac
done

# quiet_apt ARGUMENTS...
quiet_apt()
{
	apt-get -qq -o Dir::Etc::sourcelist=/dev/null \
		-o Dir::Etc::sourceparts="$tmp/parts" \
		-o Dir::State::lists="$tmp/lists" \
		-o Dir::Cache="$tmp/cache" \
		-o APT::Sandbox::User=root "$@" >"$tmp/log" 2>&1 </dev/null || {
		cat "$tmp/log" >&2
		exit 1
	}
}

quiet_apt update
(cd "$tmp/cache" && quiet_apt source --download-only --only-source "$package")
mkdir -p "$folder"
tar -x -C "$folder" --strip-components=1 -f "$tmp/cache/$package"_*.orig.tar.*
