#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Print compile_commands.json: collect what Kbuild.include saved about each
# object. Run in the object tree.
#
# usage: gencompdb.sh

set -eu

# shellcheck disable=SC2016 # the dollars are make's
find arch lib mm remote shard init tools -name '.*.o.cmd' 2>/dev/null | sort |
xargs -r awk -v dir="$PWD" '
BEGIN { print "[" }
FNR == 1 && /^savedcmd_[^ ]* := / {
	file = $NF
	sub(/^savedcmd_[^ ]* := /, "")
	gsub(/\$\$/, "$")
	gsub(/\$\(pound\)/, "#")
	gsub(/\\/, "\\\\")
	gsub(/"/, "\\\"")
	printf "%s{\n\t\"directory\": \"%s\",\n", separator, dir
	printf "\t\"command\": \"%s\",\n\t\"file\": \"%s\"\n}", $0, file
	separator = ",\n"
}
END { print "\n]" }
'
