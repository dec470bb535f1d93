#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Carry .config over to make and C: include/config/auto.conf, the stamps
# next to it, and include/generated/autoconf.h.
#
# usage: CONF=kconfig-conf sync.sh

set -eu
: "${srctree:?}"

. "$srctree/scripts/tempfiles.sh"
tmp=$(mktemp)
remove_at_exit "$tmp"

# Questions about new symbols would be asked on a terminal only, and a value
# out of range is one of them. Take the defaults and say so instead.
cp .config "$tmp"
"$CONF" -s --olddefconfig Kconfig
awk -f "$srctree/scripts/kconfig/lost.awk" "$tmp" .config >&2

"$CONF" -s --silentoldconfig Kconfig
