#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Under LD_DEBUG=all and an auditing library that allocates, which makes the
# loader itself busy while we start (TESTING.md class 3).
# selftest: needs=SHARED_LIB,HZ3_OVERRIDE_LIBC,native timeout=60

. "$(dirname "$0")/lib.sh"

LD_DEBUG=all LD_PRELOAD=$lib timeout 20 "$work/early" >/dev/null \
	2>"$work/log/ld-debug" || fail "LD_DEBUG=all: status $?"
grep -q "calling init: .*libhakozuna_hz3" "$work/log/ld-debug" ||
	fail "the loader says nothing of our library"

cat >"$work/audit.c" <<'END'
#include <link.h>
#include <stdlib.h>
#include <string.h>

unsigned int la_version(unsigned int version)
{
	free(malloc(100));
	return version;
}

unsigned int la_objopen(struct link_map *map, Lmid_t lmid, uintptr_t *cookie)
{
	char *p = strdup(map->l_name);

	(void)lmid;
	(void)cookie;
	free(p);
	return LA_FLG_BINDTO | LA_FLG_BINDFROM;
}
END
$CC -D_GNU_SOURCE -shared -fPIC -o "$work/audit.so" "$work/audit.c"
LD_AUDIT=$work/audit.so LD_PRELOAD=$lib timeout 20 "$work/early" ||
	fail "LD_AUDIT: status $?"
LD_BIND_NOW=1 LD_PRELOAD=$lib timeout 20 "$work/early" ||
	fail "LD_BIND_NOW: status $?"
# Preloaded twice, and after another library that allocates early
LD_PRELOAD="$lib $work/audit.so $lib" timeout 20 "$work/early" ||
	fail "twice: status $?"
