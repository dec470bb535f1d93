#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Options at run time: each source wins over those before it, mistakes cost one
# line, and what the manual says of defaults is what the library has.

. "$(dirname "$0")/lib.sh"

native || skip 'needs no emulator'
tree=$dir/tree
file=$dir/hz3.conf
other_tree "$tree" fast_defconfig
other_tree "$tree" delay.config
cat >>"$tree/.config" <<END
CONFIG_HZ3_CONF_DEFAULT="decay_ms:11"
CONFIG_HZ3_CONF_FILE="$file"
END
other_tree "$tree" olddefconfig
other_tree "$tree"
lib=$tree/libhakozuna_hz3.so

cat >"$dir/program.c" <<'END'
#include <hz3/hz3.h>

#ifdef OPTIONS
const char *hz3_conf = OPTIONS;
#endif

int main(void)
{
	return !hz3_version();
}
END

# program NAME FLAG...: linked with the library, it prints its options
program()
{
	name=$1
	shift
	$CC "$@" -I "$top/include/uapi" -o "$dir/$name" "$dir/program.c" \
		-Wl,--no-as-needed "$lib" "-Wl,-rpath,$tree"
}

# of OPTION COMMAND...: its value and where that is from
of()
{
	option=$1
	shift
	env "$@" 2>&1 | sed -n "s/^hz3: \($option:.*\)(\([^;]*\);.*/\1\2/p"
}

# is TEXT COMMAND...
is()
{
	expected=$1
	shift
	found=$(of decay_ms "$@")
	[ "$found" = "$expected" ] || fail "$*: '$found' is not '$expected'"
}

program none
program own '-DOPTIONS="decay_ms:22,confirm_conf:1"'
confirm=HZ3_CONFIRM_CONF=1

is 'decay_ms:11 CONFIG_HZ3_CONF_DEFAULT' "$confirm" "$dir/none"
is 'decay_ms:22 hz3_conf' "$dir/own"
cat >"$file" <<'END'
# of the whole machine
decay_ms:33	# in a file, a line for each
END
is "decay_ms:33 $file" "$dir/own"
is 'decay_ms:44000 HZ3_CONF' HZ3_CONF=decay_ms:44s "$dir/own"
is 'decay_ms:55 a variable of its own' \
	HZ3_CONF=decay_ms:44 HZ3_DECAY_MS=55ms "$dir/own"
is 'decay_ms:-1 HZ3_CONF' HZ3_CONF=decay_ms:-1 "$dir/own"
# what is wrong changes nothing
is "decay_ms:33 $file" HZ3_CONF=decay_ms:5.5,decay_ms:-2,decay_ms: "$dir/own"
is "decay_ms:33 $file" HZ3_DECAY_MS=9999999999999999999999 "$dir/own"
rm "$file"

# hints for the C library are weaker than what is said to us
hint='a hint for the C library'
is 'decay_ms:11 CONFIG_HZ3_CONF_DEFAULT' "$confirm" \
	MALLOC_TRIM_THRESHOLD_=131072 "$dir/none"
is "decay_ms:-1 $hint" "$confirm" MALLOC_TRIM_THRESHOLD_=-1 "$dir/none"
is "decay_ms:0 $hint" "$confirm" MALLOC_TRIM_THRESHOLD_=0 "$dir/none"
is 'decay_ms:22 hz3_conf' MALLOC_TRIM_THRESHOLD_=-1 "$dir/own"
[ "$(of shards "$confirm" MALLOC_ARENA_MAX=2 "$dir/none")" = \
	"shards:2 $hint" ] || fail 'MALLOC_ARENA_MAX is no hint'
out=$(MALLOC_ARENA_MAX=many MALLOC_TRIM_THRESHOLD_=x "$dir/none" 2>&1)
[ -z "$out" ] || fail "a hint that is wrong prints '$out'"

# bytes, in every way to write them
for size in 4096:4096 4K:4096 4k:4096 3m:3145728 2G:2147483648 0:0 -1:0; do
	[ "$(of limit_soft "$confirm" "HZ3_LIMIT_SOFT=${size%:*}" \
		"$dir/none")" = "limit_soft:${size#*:} a variable of its own" ] ||
		fail "$size"
done

# one line for each mistake, none for anything else
out=$(HZ3_CONF=no_such:1,decay_ms:x,,stats_print:0 "$dir/none" 2>&1)
[ "$out" = "hz3: unknown option in HZ3_CONF: no_such
hz3: bad value for option decay_ms: x" ] || fail "mistakes print '$out'"
out=$(HZ3_NO_SUCH=1 "$dir/none" 2>&1)
[ -z "$out" ] || fail "another's variable prints '$out'"
! HZ3_CONF=no_such:1,abort_conf:true "$dir/none" 2>/dev/null ||
	fail 'abort_conf does not stop'

# list_is_true TREE: the list has the library's options and values
list_is_true()
{
	"$top/scripts/mkoptions.sh" list "$1/.config" \
		"$top/init/options.txt" |
		sed 's/:.*(\(.*\))$/:\1/' >"$dir/listed"
	env "$confirm" LD_PRELOAD="$1/libhakozuna_hz3.so" /bin/true 2>&1 |
		sed -n 's/^hz3: \([a-z_]*:[^ ]*\) .*/\1/p' |
		sed 's/^confirm_conf:true$/confirm_conf:false/' >"$dir/real"
	diff "$dir/listed" "$dir/real" || fail 'the list is not the library'
}

list_is_true "$OBJTREE"
sed -i '/^CONFIG_HZ3_CONF_DEFAULT/d' "$tree/.config"
other_tree "$tree" olddefconfig
other_tree "$tree"
list_is_true "$tree"
[ "$(wc -l <"$dir/listed")" -ge 6 ] || fail "lists $(cat "$dir/listed")"
