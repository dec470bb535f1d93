#!/bin/sh
# SPDX-License-Identifier: MIT
#
# dlopen() of the library without preloading, beside forty libraries that use
# thread-local storage (TESTING.md class 1).
# selftest: needs=SHARED_LIB timeout=130

. "$(dirname "$0")/lib.sh"

$CC -D_GNU_SOURCE -O2 -pthread -o "$work/opened" "$here/opened.c" -ldl
cat >"$work/tls.c" <<'END'
static __thread char bytes[200];
static __thread long number = 42;

long use_tls(int i)
{
	bytes[i] = 1;
	return number + bytes[i];
}
END
others=
for i in $(seq 40); do
	so=$work/tls-$i.so
	[ -f "$so" ] || $CC -shared -fPIC -o "$so" "$work/tls.c"
	others="$others $so"
done
plain "$work/opened" "$lib" || fail "alone: status $?"
# shellcheck disable=SC2086  # a list
plain "$work/opened" "$lib" $others || fail "beside others: status $?"
