#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Plug-ins opened with RTLD_DEEPBIND look for malloc at home before they look
# at what was preloaded: they find libc's, a copy of hz3 of their own, or, when
# they are linked with the shared library, the same hz3 as everybody. Each side
# can always live with its own; where blocks cross that must not, the program
# stops with one line, and does not go on with a damaged heap.
# selftest: needs=SHARED_LIB,STATIC_LIB,HZ3_OVERRIDE_LIBC timeout=120

. "$(dirname "$0")/lib.sh"

# compile OUTPUT SOURCE FLAGS...
compile()
{
	# shellcheck disable=SC2086
	$CC -D_GNU_SOURCE -O2 -fno-builtin -pthread -o "$@"
}

compile "$work/deepbind" "$here/deepbind.c" -ldl
cat >"$work/plugin.c" <<'END'
#include <stdlib.h>

void *plugin_take(size_t size)
{
	return malloc(size);
}

void plugin_give(void *p)
{
	free(p);
}
END
compile "$work/plugin-libc.so" "$work/plugin.c" -shared -fPIC
compile "$work/plugin-copy.so" "$work/plugin.c" -shared -fPIC \
	"$OBJTREE/libhakozuna_hz3.a"
compile "$work/plugin-linked.so" "$work/plugin.c" -shared -fPIC \
	-L"$OBJTREE" -lhakozuna_hz3 -Wl,-rpath,"$OBJTREE"

# host PLUGIN deep|plain WAY: what it says is in $said
host()
{
	status=0
	said=$(preloaded "$work/deepbind" "$work/plugin-$1.so" "$2" "$3" 2>&1) ||
		status=$?
}

works()
{
	host "$@"
	[ $status -eq 0 ] || fail "$*: status $status: $said"
}

# stops TEXT PLUGIN deep|plain WAY
stops()
{
	text=$1
	shift
	host "$@"
	[ $status -eq 134 ] || fail "$*: status $status: $said"
	case $said in
	*"$text"*) ;;
	*) fail "$*: does not say '$text': $said" ;;
	esac
}

for plugin in libc copy linked; do
	works $plugin deep own
	# without RTLD_DEEPBIND all have the one malloc
	for way in own host plugin resize; do
		works $plugin plain $way
	done
done
for way in host plugin resize; do
	works linked deep $way
done

# What libc says of our block, where its size should be, is up to libc.
stops 'free(): invalid' libc deep plugin
if cfg HZ3_FOREIGN_LIBC; then
	works libc deep host
	works libc deep resize
else
	stops 'hz3: pointer was never allocated: 0x' libc deep host
	stops 'hz3: pointer was never allocated: 0x' libc deep resize
	for way in host plugin resize; do
		stops 'hz3: pointer was never allocated: 0x' copy deep $way
	done
fi
