#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Print the options of init/options.txt as a configuration has them.
#
# usage: mkoptions.sh c|man|list .config init/options.txt
#
#   c     X(key, type, variable, "help") for each, for init/param.c
#   man   items of a mdoc list, for hz3.conf(5)
#   list  one line each, for "hz3 config --list"

set -eu

awk -v form="$1" '
function bad(text)
{
	printf "%s:%d: %s\n", FILENAME, FNR, text >"/dev/stderr"
	failed = 1
	exit 1
}

# the option that was collected in key, type, variable, value, help, more
function print_option()
{
	if (key == "")
		return
	if (help == "")
		bad("no help for " key)
	if (form == "c")
		printf "\tX(%s, %s, %s, \"%s\") \\\n", key, type, variable, help
	else if (form == "list")
		printf "%-24s%s (%s)\n", key ":" word[type], help, value
	else {
		gsub(/\. /, ".\n", more) # mdoc wants each sentence on its line
		printf ".It Cm %s : Ns Ar %s\n%s.\n%sThe default is %s.\n",
			key, word[type], toupper(substr(help, 1, 1)) \
			substr(help, 2), more, value
	}
	key = ""
}

BEGIN {
	word["flag"] = "true|false"
	word["ms"] = "time"
	word["number"] = "number"
	word["size"] = "bytes"
	if (form == "c") {
		print "/* Made by scripts/mkoptions.sh of init/options.txt. */"
		print "#define OPTION_TABLE(X) \\"
	}
}

FILENAME ~ /\.config$/ {
	if (/^CONFIG_/) {
		eq = index($0, "=")
		config[substr($0, 1, eq - 1)] = substr($0, eq + 1)
	}
	next
}

/^#/ || NF == 0 { next }

/^[a-z]/ {
	print_option()
	if (NF < 4 || NF > 5 || !($2 in word))
		bad("cannot read this line")
	skipped = NF == 5 && config["CONFIG_" $5] != "y"
	if (skipped)
		next
	key = $1
	type = $2
	variable = $3
	value = $4 ~ /^CONFIG_/ ? config[$4] : $4
	if (value == "")
		bad($4 " has no value in .config")
	help = more = ""
	next
}

/^\t/ && (key != "" || skipped) {
	if (skipped)
		next
	sub(/^\t/, "")
	if (help == "")
		help = $0
	else
		more = more $0 "\n"
	next
}

{ bad("cannot read this line") }

END {
	if (failed)
		exit 1
	print_option()
	if (form == "c")
		print "\t/* end */"
}' "$2" "$3"
