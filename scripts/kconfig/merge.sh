#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Lay a fragment over .config.
#
# usage: CONF=kconfig-conf merge.sh NAME.config folder...

set -eu
: "${srctree:?}"

name=$1
shift
fragment=
for dir; do
	if [ -f "$dir/$name" ]; then
		fragment=$dir/$name
		break
	fi
done
if [ -z "$fragment" ]; then
	echo "there is no $name in: $*" >&2
	exit 1
fi
if [ ! -f .config ]; then
	echo "$name changes a configuration: run make defconfig first" >&2
	exit 1
fi

. "$srctree/scripts/tempfiles.sh"
tmp=$(temp_folder merge)
remove_at_exit "$tmp"

# Of two lines for one symbol the last would win, with a warning: keep one.
awk '
{
	name = $0
	sub(/^# /, "", name)
	sub(/[= ].*/, "", name)
}
FILENAME == ARGV[1] { wanted[name] = 1; next }
!(name in wanted)
' "$fragment" .config >"$tmp/config"
cat "$fragment" >>"$tmp/config"
cp "$tmp/config" .config

# Choosing another member of a choice is what a fragment is for.
"$CONF" -s --olddefconfig Kconfig 2>"$tmp/err" || {
	cat "$tmp/err" >&2
	exit 1
}
grep -v 'override: .* changes choice state' "$tmp/err" >&2 || :
awk -f "$srctree/scripts/kconfig/lost.awk" "$fragment" .config >&2
