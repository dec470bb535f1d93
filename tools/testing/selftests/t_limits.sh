#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Ordinary programs under ulimit -v 65536 (TESTING.md class 21).
# selftest: needs=SHARED_LIB,HZ3_OVERRIDE_LIBC,native timeout=30

. "$(dirname "$0")/lib.sh"

(
	# shellcheck disable=SC3045  # every sh we meet knows -v
	ulimit -v 65536
	LD_PRELOAD=$lib /bin/true || fail "true"
	[ "$(LD_PRELOAD=$lib /bin/echo works)" = works ] || fail "echo"
	# shellcheck disable=SC2016  # expanded in there
	[ "$(LD_PRELOAD=$lib sh -c 'x=$(echo a b | sort); echo "$x"')" = \
		"a b" ] || fail "sh"
	LD_PRELOAD=$lib ls -lR /etc >/dev/null 2>&1 || [ $? -le 2 ] ||
		fail "ls"
)
