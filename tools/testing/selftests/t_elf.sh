#!/bin/sh
# SPDX-License-Identifier: MIT
#
# What the file itself must be: at most 64 bytes of static TLS, no text
# relocation, no executable stack, the configuration in a section.
# selftest: needs=SHARED_LIB timeout=20

. "$(dirname "$0")/lib.sh"

tls=$(readelf -lW "$lib" | awk '$1 == "TLS" { print $6 }')
[ $((${tls:-0})) -le 64 ] || fail "$((tls)) bytes of static TLS"
readelf -dW "$lib" | grep -q TEXTREL && fail "text relocations"
readelf -lW "$lib" | grep GNU_STACK | grep -q RWE && fail "executable stack"
readelf -dW "$lib" | grep -q 'SONAME.*libhakozuna_hz3\.so\.0' || fail soname

readelf -p hz3.config "$lib" 2>/dev/null >"$work/log/config" ||
	fail "no section hz3.config"
for name in HZ3_NUM_SHARDS HZ3_ARENA_SHIFT HZ3_SEGMENT_SHIFT; do
	value=$(cfg_value "$name")
	grep -q "CONFIG_$name=$value\$" "$work/log/config" ||
		fail "hz3.config does not say CONFIG_$name=$value"
done

# All sections with code or data that somebody else must provide
nm -D --undefined-only "$lib" | awk '{ print $NF }' | sed 's/@.*//' |
	grep -E '^(malloc|free|calloc|realloc|_Znw|_Zd)' &&
	fail "asks another library for the above"
exit 0
