#!/bin/sh
# SPDX-License-Identifier: MIT
#
# A program in C that loads C++ for itself only, as interpreters load their
# extensions: operator new still throws std::bad_alloc, and still asks the
# new-handler, although no C++ library was there when we were loaded.
# selftest: needs=SHARED_LIB,HZ3_CXX_OPERATORS timeout=30

. "$(dirname "$0")/lib.sh"

. "$top/scripts/tempfiles.sh"
dir=$(temp_folder selftest)
remove_at_exit "$dir"
cat >"$dir/plugin.cc" <<'END'
#include <new>

static int calls;

static void handler()
{
	if (++calls == 2)
		std::set_new_handler(nullptr);
}

extern "C" int plugin(unsigned long size)
{
	std::set_new_handler(handler);
	try {
		::operator delete(::operator new(size));
	} catch (const std::bad_alloc &) {
		if (::operator new(size, std::nothrow))
			return 3;
		return calls == 2 ? 0 : 4;
	}
	return 5;
}
END
cat >"$dir/main.c" <<'END'
#include <dlfcn.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
	void *so = dlopen(argv[argc - 1], RTLD_NOW | RTLD_LOCAL);
	int (*plugin)(unsigned long);

	plugin = so ? (int (*)(unsigned long))dlsym(so, "plugin") : NULL;
	return plugin ? plugin(-5000UL) : 2;
}
END
# shellcheck disable=SC2086  # commands with options
{
	$CXX -O1 -fno-builtin -shared -fPIC -o "$dir/plugin.so" "$dir/plugin.cc"
	$CC -O1 -o "$dir/main" "$dir/main.c" -ldl
}
plain "$dir/main" "$dir/plugin.so" || fail "under libc: status $?"
preloaded "$dir/main" "$dir/plugin.so" || fail "preloaded: status $?"
