#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Usage: checkabi.sh [--fix] [OBJTREE]
#
# Compares what the shared library of an object tree shows to the loader with
# init/abi.txt: its soname, the nodes of symbol versions, and every name with
# its kind and version. A name that disappears or changes breaks programs that
# are installed; one that appears is a promise. Either is made on purpose:
# --fix writes the list anew ("make checkabi FIX=1"), git shows what changed.
#
# A configuration that replaces less of the C library has fewer names.

fix=
[ "${1:-}" != --fix ] || { fix=y; shift; }
objtree=${1:-${objtree:-}}

. "$(dirname "$0")/check-common.sh"

list=init/abi.txt
lib=$(find "$objtree" -maxdepth 1 -name 'libhakozuna_hz3.so.*' -type f)
[ -f "$lib" ] || die "no shared library in $objtree: run make there"
need readelf binutils

is_set()
{
	grep -q "^CONFIG_$1=y" "$objtree/.config"
}

# "FUNC hz3_malloc HZ3_0.1"; "-" for no version
exports()
{
	readelf -dW "$lib" | sed -n 's/.*soname: \[\(.*\)\]/SONAME \1 -/p'
	readelf -W --dyn-syms "$lib" | awk '
	$1 ~ /:$/ && $7 != "UND" && $5 ~ /GLOBAL|WEAK/ {
		at = index($8, "@")
		name = at ? substr($8, 1, at - 1) : $8
		version = at ? substr($8, at) : "-"
		gsub("@", "", version)
		print ($7 == "ABS" ? "NODE" : $4), name, version
	}' | sort
}

# what this configuration should have of the list
expected()
{
	grep -v '^#' "$list" | if ! is_set HZ3_OVERRIDE_LIBC; then
		grep -e '^SONAME' -e 'HZ3_'
	elif ! is_set HZ3_CXX_OPERATORS; then
		grep -v ' _Z'
	else
		cat
	fi
}

exports >"$tmp/exports"
if [ -n "$fix" ]; then
	is_set HZ3_CXX_OPERATORS || die "$objtree does not have all names"
	{
		cat <<-'END'
		# SPDX-License-Identifier: MIT
		#
		# What the shared library exports: kind, name, version.
		# Written by "make checkabi FIX=1".
		END
		cat "$tmp/exports"
	} >"$list"
	exit
fi
expected >"$tmp/expected"
status=0
diff -U 0 "$tmp/expected" "$tmp/exports" >"$tmp/diff" || status=$?
[ $status -le 1 ] || die "diff: status $status"
grep '^[-+][^-+]' "$tmp/diff" >"$tmp/out" || :
sed "s,^-,$list: gone: ,; s,^+,$list: new: ," "$tmp/out" >&2
verdict "$(wc -l <"$tmp/out")" "$(wc -l <"$tmp/exports") names"
