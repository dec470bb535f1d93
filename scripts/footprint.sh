#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Usage: footprint.sh [--fix]
#
# Prints how many bytes a thread and a shard take, as the compiler for SRCARCH
# lays the structs out: both lanes' stashes with several numbers of shards,
# and this tree's own configuration if it has one. Fails when the sparse stash
# makes a thread's state larger than it may be, or when the table differs from
# the one in Documentation/performance/footprint.rst; --fix puts it there.

. "$(dirname "$0")/check-common.sh"

need readelf binutils

shards='8 32 64 128 255'
sparse_max=6144
doc=Documentation/performance/footprint.rst

# probe TREE: set the variables that are named like the symbols of footprint.c
probe()
{
	# shellcheck disable=SC2046  # a list of flags
	$CC $(cpp_flags "$SRCARCH" "$1") -c -o "$tmp/probe.o" \
		scripts/footprint.c || die "cannot compile for $1"
	thread_bytes=0 stash_bytes=0 cache_bytes=0 bank_bytes=0
	shard_bytes=0 inbox_bytes=0
	# readelf writes large sizes as 0x..., which the shell understands
	eval "$(LC_ALL=C readelf -Ws "$tmp/probe.o" |
		awk '$4 == "OBJECT" { print $8 "=" $3 }')"
	[ "$((thread_bytes * inbox_bytes))" -gt 0 ] ||
		die "no symbols in the object of scripts/footprint.c"
}

# row STASH SHARDS
row()
{
	printf '%-6s  %6d  %8d  %8d  %8d  %8d  %6d  %6d\n' "$1" "$2" \
		"$thread_bytes" "$stash_bytes" "$cache_bytes" "$bank_bytes" \
		"$shard_bytes" "$inbox_bytes"
}

# symbol TREE NAME: its value in the configuration
symbol()
{
	sed -n "s/^CONFIG_$2=//p" "$1/include/config/auto.conf"
}

# with_shards TREE NR: a copy of the configuration with another number
with_shards()
{
	mkdir -p "$tmp/include/generated"
	sed "s/\(CONFIG_HZ3_NUM_SHARDS\) .*/\1 $2/" \
		"$1/include/generated/autoconf.h" \
		>"$tmp/include/generated/autoconf.h"
	echo "$tmp"
}

# judge_row STASH SHARDS
judge_row()
{
	if [ "$1" = sparse ] && [ "$((thread_bytes))" -gt "$sparse_max" ]; then
		echo "$check_name: more than $sparse_max bytes of state with" \
			"the sparse stash and $2 shards" >&2
		bad=$((bad + 1))
	fi
}

# the lines of the table in the documentation
doc_rows=$(printf '^\t(dense|sparse) ')

fix_doc()
{
	awk -v rows="$doc_rows" -v table="$tmp/table" '
	$0 ~ rows {
		while ((getline line <table) > 0)
			print line
		next
	}
	{ print }' "$doc" >"$tmp/doc"
	cp "$tmp/doc" "$doc"
}

bad=0
cat <<'END'
                state of   of that       magazines at most
stash   shards  a thread     stash     cache      bank   shard   inbox
END
for lane in fast scale; do
	tree=$(made_tree "$SRCARCH" ${lane}_defconfig)
	stash=dense
	[ "$(symbol "$tree" HZ3_REMOTE_STASH_SPARSE)" != y ] || stash=sparse
	for nr in $shards; do
		probe "$(with_shards "$tree" "$nr")"
		row "$stash" "$nr" | tee -a "$tmp/rows"
		judge_row "$stash" "$nr"
	done
done
if [ "$(cat "$objtree/.arch" 2>/dev/null)" = "$SRCARCH" ] &&
   [ -f "$objtree/include/generated/autoconf.h" ]; then
	probe "$objtree"
	row "(this)" "$(symbol "$objtree" HZ3_NUM_SHARDS)"
fi

sed 's/^/	/' "$tmp/rows" >"$tmp/table"
[ "${1:-}" != --fix ] || fix_doc
if ! grep -E "$doc_rows" "$doc" | cmp -s - "$tmp/table"; then
	echo "$check_name: the table in $doc is another:" \
		"scripts/footprint.sh --fix mends this" >&2
	bad=$((bad + 1))
fi
verdict "$bad" "no state larger than it may be"
