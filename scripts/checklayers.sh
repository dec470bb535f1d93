#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Usage: checklayers.sh
#
# Fails when a file includes a header its layer may not know; the table is
# scripts/layers.txt.  Also: "../" in an include, an extern prototype in a .c
# file below init/ (a hidden upward call), CONFIG_ in an installed header.
# Unit tests (<folder>/tests) obey their folder's layers but may use libc.

. "$(dirname "$0")/check-common.sh"

files=$(list_files -name '*.[chS]' | grep -v -e '^tools/' -e '^scripts/')
[ -n "$files" ] || die "no source files"

# shellcheck disable=SC2086  # a list of names without blanks
awk -v join=1 -f scripts/code-only.awk $files >"$tmp/code"

# installed headers look like base headers to a reader: tell awk their names
find include/uapi -name '*.h' 2>/dev/null |
	sed 's,^include/uapi/,,' >"$tmp/uapi"

# shellcheck disable=SC2016  # awk's own $
awk -v uapi_list="$tmp/uapi" '
function complain(text)
{
	print file ":" line ": " text
	bad = 1
}

# the layer a file belongs to
function layer_of(path,	part)
{
	split(path, part, "/")
	if (part[1] != "include")
		return part[1]
	if (part[2] == "uapi" || part[2] == "asm-generic")
		return part[2]
	return part[4] == "" ? "base" : part[3]
}

# the layer a header <h> belongs to, "" when it is not ours
function layer_of_header(h,	part)
{
	if (h in uapi)
		return "uapi"
	split(h, part, "/")
	if (part[1] == "asm" || part[1] == "asm-generic" ||
	    part[1] == "generated")
		return part[1]
	if (part[1] != "hz3")
		return ""
	return part[3] == "" ? "base" : part[2]
}

function libc_ok(h, from)
{
	if ((h, "only") in only)
		return (h, path) in only
	if (is_test)
		return 1
	return ("." SUBSEP h) in libc || (from SUBSEP h) in libc ||
	       (from SUBSEP "*") in libc || (path SUBSEP h) in libc
}

function check_system(h,	from, to)
{
	from = layer_of(path)
	to = layer_of_header(h)
	if (to == "") {
		if (!libc_ok(h, from))
			complain(where(from) " may not include <" h ">")
		return
	}
	if (to == from && from != "base" && from != "arch" ||
	    to == "base" && from == "base")
		return
	if (is_test && (to == "uapi" || to == "base"))
		return
	if (!((from, to) in allow))
		complain(where(from) " may not include <" h ">")
}

function where(from)
{
	if (from == "base")
		return "include/hz3/"
	if (from == "uapi" || from == "asm-generic")
		return "include/" from "/"
	return from "/"
}

function check_quoted(h)
{
	if (h ~ /\.\./)
		complain("\"../\" in an include; use <hz3/<folder>/x.h>")
	else if (is_test ? h == "hz3test.h" || h == "internal.h" : \
		 path !~ /^include/ && h ~ /internal\.h$/ && h !~ /\//)
		return
	else if (path ~ /^init\// && h ~ /^libc[a-z_]*\.h$/)
		return
	else
		complain("\"" h "\": only \"internal.h\" is private to a folder")
}

BEGIN {
	while ((getline h < uapi_list) > 0)
		uapi[h] = 1
}

FILENAME ~ /layers.txt$/ {
	if (/^#/ || NF == 0)
		next
	if ($3 != ":") {
		print FILENAME ":" FNR ": cannot read this line"
		bad = 1
		next
	}
	if ($1 == "layer")
		known[$2] = 1
	if ($1 == "only")
		only[$2, "only"] = 1
	for (i = 4; i <= NF; i++) {
		if ($1 == "layer")
			allow[$2, $i] = 1
		else if ($1 == "libc")
			libc[$2, $i] = 1
		else if ($1 == "only")
			only[$2, $i] = 1
	}
	next
}

{
	file = path = $0
	sub(/:.*/, "", path)
	file = path
	rest = substr($0, length(path) + 2)
	line = rest
	sub(/:.*/, "", line)
	text = substr(rest, length(line) + 2)
	is_test = path ~ /\/tests\//
	nr_lines++
	if (!(layer_of(path) in known)) {
		complain("layers.txt does not know this folder")
		next
	}
}

text ~ /^[ \t]*#[ \t]*include/ {
	nr_includes++
	h = text
	if (h ~ /</) {
		sub(/[^<]*</, "", h)
		sub(/>.*/, "", h)
		check_system(h)
	} else if (h ~ /"/) {
		sub(/[^"]*"/, "", h)
		sub(/".*/, "", h)
		check_quoted(h)
	} else {
		complain("an include must name its header")
	}
	next
}

text ~ /^extern[ \t]/ && path ~ /\.c$/ && path !~ /^init\// && !is_test {
	complain("extern in a .c file; declare it in a header of its folder")
}

path ~ /^include\/uapi\// && text ~ /CONFIG_/ {
	complain("CONFIG_ in an installed header")
}

END {
	if (!nr_lines || !nr_includes) {
		print "checklayers.sh: found no include to check"
		bad = 1
	}
	exit bad
}' scripts/layers.txt "$tmp/code" >"$tmp/out" || judge $? "$tmp/out"

verdict "$(wc -l <"$tmp/out")" "$(echo "$files" | wc -l) files in layer"
