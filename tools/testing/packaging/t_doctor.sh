#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The command hz3: what it runs has the library, and what its doctor says of a
# program is what the program does.

. "$(dirname "$0")/lib.sh"

native || skip 'needs no emulator'
in_tree prefix="$dir/usr" install install_lanes
hz3=$dir/usr/bin/hz3

# has_hz3 COMMAND...: does the library start with it?
has_hz3()
{
	"$hz3" run --conf confirm_conf:true "$@" 2>&1 |
		grep -q '^hz3: HZ3_VERSION='
}

# well TEXT PROGRAM: the doctor is content, and rightly so
well()
{
	says "$1" "$hz3" doctor "$2"
	says ': works' "$hz3" doctor "$2"
	has_hz3 "$2" || fail "$2 has no hz3"
}

# ill TEXT PROGRAM...: it is not, and says why
ill()
{
	text=$1
	shift
	says "$text" "$hz3" doctor "$@"
	rc=0
	"$hz3" doctor "$@" >/dev/null 2>&1 || rc=$?
	[ "$rc" -eq 1 ] || fail "doctor $*: status $rc"
}

cat >"$dir/plain.c" <<'END'
#include <stdlib.h>

int main(void)
{
	void *volatile p = malloc(1);

	free(p);
	return 0;
}
END
compile()
{
	$CC -D_GNU_SOURCE -o "$dir/$1" "$dir/${2-plain}.c" ${3+"$3"} \
		${4+"$4"}
}

# what it runs
compile plain
for lane in fast scale; do
	says "libhakozuna_hz3_$lane.so" env LD_DEBUG=libs \
		"$hz3" run --lane $lane -- "$dir/plain"
done
says 'CONFIG_HZ3_NUM_SHARDS=32' "$hz3" config --lane scale
says 'there is a lane fast' "$hz3" run --lane none "$dir/plain"
says 'decay_ms:' "$hz3" config --list
says "hz3 $(in_tree hz3version)" "$hz3" --version

# the healthy
well ': works' "$dir/plain"
says ': works' "$hz3" doctor --run "$dir/plain"
printf '#!/usr/bin/env -S %s\n' "$dir/plain" >"$dir/script"
chmod 755 "$dir/script"
well 'a script for' "$dir/script"
cat >"$dir/other.c" <<'END'
#include <stddef.h>
void *malloc(size_t size) { return size ? NULL : NULL; }
END
compile libother.so other -shared -fPIC
compile beside plain "-Wl,--no-as-needed,-rpath,$dir" "$dir/libother.so"
well 'libother.so has a malloc too' "$dir/beside"

# the ill
compile static plain -static
ill 'static program' "$dir/static"
! has_hz3 "$dir/static" || fail 'a static program has hz3'
musl-gcc -o "$dir/musl" "$dir/plain.c"
ill 'it uses musl' "$dir/musl"
cat "$dir/plain.c" - >"$dir/owner.c" <<'END'
static char heap[4096];
void *malloc(size_t size) { return heap + size % 64; }
void free(void *ptr) { (void)ptr; }
END
compile owner owner
ill 'defines malloc itself' "$dir/owner"
compile sanitized plain -fsanitize=address
ill 'a sanitizer' "$dir/sanitized"
aarch64-linux-gnu-gcc -o "$dir/arm" "$dir/plain.c"
ill 'another machine' "$dir/arm"

# a plug-in that keeps libc's malloc is seen when it runs
cat >"$dir/plugin.c" <<'END'
#include <stdlib.h>
void plugin(void);
void plugin(void) { free(malloc(1)); }
END
compile plugin.so plugin -shared -fPIC
cat >"$dir/host.c" <<'END'
#include <dlfcn.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
	void *p = dlopen(argv[1], RTLD_NOW | (argc > 2 ? RTLD_DEEPBIND : 0));
	void (*plugin)(void) = p ? (void (*)(void))dlsym(p, "plugin") : NULL;

	if (plugin)
		plugin();
	free(malloc(1));
	return !plugin;
}
END
compile host host -fno-builtin
well 'RTLD_DEEPBIND' "$dir/host"
says ': works' "$hz3" doctor --run "$dir/host" "$dir/plugin.so"
ill "plugin.so uses the malloc of" --run "$dir/host" "$dir/plugin.so" deep

# another user's rights
if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null; then
	chmod u+s "$dir/plain"
	well ': works' "$dir/plain"
	nobody='setpriv --reuid=65534 --clear-groups'
	# shellcheck disable=SC2086  # words
	says 'set-user-ID' $nobody "$hz3" doctor "$dir/plain"
	hz3_as_root=$hz3
	hz3=$dir/as-nobody
	printf '#!/bin/sh\nexec %s %s "$@"\n' "$nobody" "$hz3_as_root" >"$hz3"
	chmod 755 "$hz3"
	! has_hz3 "$dir/plain" || fail 'a set-user-ID program has hz3'
fi
