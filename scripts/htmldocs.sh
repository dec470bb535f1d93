#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Usage: htmldocs.sh FOLDER	(make htmldocs does it)
#
# Documentation/ as HTML in FOLDER/html, with the installed header's functions
# taken from its comments. Sphinx's warnings are errors. HZ3VERSION comes from
# make.

set -eu

out=$1
top=$(cd "$(dirname "$0")/.." && pwd)

rm -rf "$out/src"
mkdir -p "$out/src"
cp -R "$top/Documentation/." "$out/src"
{
	cat <<-'END'
	Functions
	=========

	From ``<hz3/hz3.h>``.

	END
	awk -f "$top/scripts/kernel-doc.awk" "$top"/include/uapi/hz3/*.h
} >"$out/src/core-api/hz3.rst"
sphinx-build -q -W --keep-going -b html -D "release=$HZ3VERSION" \
	-d "$out/doctrees" "$out/src" "$out/html"
