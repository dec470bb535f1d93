# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# The figures that a run of a real program left, DIR/NAME given: see common.sh.

# Seconds: the load's time for a server, the sum of all commands otherwise.
wall()
{
	local file=$1.stat

	[ ! -s "$1.load" ] || file=$1.load
	awk '{ sum += $1 } END { printf "%.3f", sum }' "$file"
}

# The largest resident set, in KiB.
peak_kib()
{
	awk '$4 > max { max = $4 } END { print max + 0 }' "$1.stat"
}
