#!/bin/sh
# SPDX-License-Identifier: MIT
#
# limit_cgroup:true takes the least limits of the control group and those above
# it, and leaves lower ones of the options alone. The groups are files of ours,
# mounted over /sys/fs/cgroup and /proc in a name space of our own.
# selftest: needs=SHARED_LIB,HZ3_OVERRIDE_LIBC,HZ3_RUNTIME_CONF,native

. "$(dirname "$0")/lib.sh"

if [ -z "${inside:-}" ]; then
	unshare -m true 2>/dev/null || skip 'no mount name space'
	inside=y exec unshare -m sh "$0"
fi
. "$top/scripts/tempfiles.sh"
dir=$(temp_folder selftest)
remove_at_exit "$dir"
mkdir -p "$dir/root/a/b" "$dir/proc/self"
mount --bind "$dir/root" /sys/fs/cgroup 2>/dev/null || skip 'no bind mounts'
mount --bind "$dir/proc" /proc || fail 'one bind mount, but not the other'

# is SOFT HARD [OPTIONS]: the limits there are
is()
{
	found=$(HZ3_CONF=confirm_conf:1,limit_cgroup:1,${3:-} LD_PRELOAD=$lib \
		/bin/true 2>&1 | sed -n \
		's/^hz3: limit_[sh][oa][fr][td]:\([0-9]*\) .*/\1/p' | tr '\n' ' ')
	[ "$found" = "$1 $2 " ] || fail "'$found' is not '$1 $2' (${3:-})"
}

is 0 0
printf '1:memory:/x\n' >"$dir/proc/self/cgroup"
is 0 0
printf '1:memory:/x\n0::/a/b\n' >"$dir/proc/self/cgroup"
is 0 0
for group in a a/b; do
	echo max >"$dir/root/$group/memory.max"
	echo max >"$dir/root/$group/memory.high"
done
is 0 0
is 1024 2048 limit_soft:1K,limit_hard:2048
# the inner one, then the outer one, which is less
echo 80000000 >"$dir/root/a/b/memory.max"
is 70000000 80000000
echo 16000000 >"$dir/root/a/memory.max"
is 14000000 16000000
echo 11000000 >"$dir/root/a/b/memory.high"
is 11000000 16000000
echo 10000000 >"$dir/root/memory.high"
is 10000000 16000000
# what the options say holds where it is lower
is 9437184 16000000 limit_soft:9M,limit_hard:1G
is 10000000 12582912 limit_soft:1G,limit_hard:12m
# the root group, as processes in a container see their own
echo 0::/ >"$dir/proc/self/cgroup"
is 10000000 0
