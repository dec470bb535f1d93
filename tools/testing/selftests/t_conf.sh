#!/bin/sh
# SPDX-License-Identifier: MIT
#
# HZ3_CONF=confirm_conf:true prints the configuration, anything else prints
# nothing, and a set-user-id program ignores it (TESTING.md class 7, P9).
# selftest: needs=SHARED_LIB,HZ3_OVERRIDE_LIBC,native timeout=30

. "$(dirname "$0")/lib.sh"

out=$(HZ3_CONF=confirm_conf:true LD_PRELOAD=$lib /bin/true 2>&1)
if cfg HZ3_RUNTIME_CONF; then
	echo "$out" | grep -q "HZ3_NUM_SHARDS.*$(cfg_value HZ3_NUM_SHARDS)" ||
		fail "confirm_conf printed '$out'"
else
	[ -z "$out" ] || fail "prints without HZ3_RUNTIME_CONF: '$out'"
fi
out=$(LD_PRELOAD=$lib /bin/true 2>&1)
[ -z "$out" ] || fail "prints '$out'"
out=$(HZ3_CONF=confirm_conf:false LD_PRELOAD=$lib /bin/true 2>&1)
[ -z "$out" ] || fail "prints '$out' for false"
HZ3_CONF=,,::nonsense:1,confirm_conf LD_PRELOAD=$lib /bin/true \
	2>/dev/null || fail "nonsense in HZ3_CONF: status $?"
HZ3_CONF=$(printf '%05000d' 0) LD_PRELOAD=$lib /bin/true 2>/dev/null ||
	fail "long HZ3_CONF: status $?"

# A set-user-id program linked with the library, run by somebody else
[ "$(id -u)" = 0 ] && command -v setpriv >/dev/null || exit 0
. "$top/scripts/tempfiles.sh"
dir=$(temp_folder selftest)
remove_at_exit "$dir"
chmod 755 "$dir"
cp "$lib" "$dir/libhakozuna_hz3.so.0"
echo 'int main(void) { return 0; }' >"$dir/empty.c"
$CC -o "$dir/empty" "$dir/empty.c" -Wl,--no-as-needed \
	"$dir/libhakozuna_hz3.so.0" "-Wl,-rpath,$dir"
secure()
{
	HZ3_CONF=confirm_conf:true setpriv --reuid=65534 --clear-groups \
		"$dir/empty" 2>&1
}
out=$(secure)
! cfg HZ3_RUNTIME_CONF || [ -n "$out" ] ||
	skip "the linked program prints nothing"
chmod u+s "$dir/empty"
out=$(secure)
[ -z "$out" ] || fail "HZ3_CONF honoured in a set-user-id program: '$out'"
