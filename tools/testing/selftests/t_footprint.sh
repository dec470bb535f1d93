#!/bin/sh
# SPDX-License-Identifier: MIT
#
# An empty program is at most 0.4 MiB more resident than under libc; the median
# of seven runs counts.
# selftest: needs=SHARED_LIB,HZ3_OVERRIDE_LIBC,native timeout=30

. "$(dirname "$0")/lib.sh"

$CC -D_GNU_SOURCE -O2 -pthread -o "$work/empty" "$here/empty.c" -ldl

median()
{
	sort -n | sed -n 4p
}

for _ in 1 2 3 4 5 6 7; do
	plain "$work/empty" | cut -d' ' -f1
done >"$work/log/rss-libc"
for _ in 1 2 3 4 5 6 7; do
	preloaded "$work/empty" | cut -d' ' -f1
done >"$work/log/rss-hz3"
libc=$(median <"$work/log/rss-libc")
ours=$(median <"$work/log/rss-hz3")
echo "resident: libc $libc KiB, hz3 $ours KiB"
[ "$libc" -gt 0 ] || fail "no figure for libc"
[ $((ours - libc)) -le 400 ] ||
	fail "$((ours - libc)) KiB more than libc"
