# SPDX-License-Identifier: MIT
#
# Read the Kconfig files and print a table, one symbol a line:
#
#   NAME FILE:LINE TYPE PROMPT HELP-LINES RANGE DEFAULT CHOICE ENV
#
# with "-" for what is missing and 1 or the value for what is there.  RANGE is
# "low..high".  After it, one line "ref NAME FILE:LINE" for each symbol that
# an expression mentions.

function flush()
{
	if (name != "")
		print name, place, type, prompt, help, range, value, choice, env
	name = ""
}

function refs(expr,	i, n, word)
{
	gsub(/"[^"]*"/, " ", expr)
	n = split(expr, word, /[^A-Za-z0-9_]+/)
	for (i = 1; i <= n; i++)
		if (word[i] ~ /[A-Z]/)
			print "ref", word[i], FILENAME ":" FNR
}

function indent(s)
{
	match(s, /^[ \t]*/)
	s = substr(s, 1, RLENGTH)
	gsub(/\t/, "        ", s)
	return length(s)
}

FNR == 1 {
	flush()
	in_help = 0
}

# A help text ends at the first line indented less than its first one.
in_help {
	if ($0 ~ /^[ \t]*$/)
		next
	if (help_indent < 0)
		help_indent = indent($0)
	if (indent($0) >= help_indent && help_indent > 0) {
		if (name != "")
			help++
		next
	}
	in_help = 0
}

/^[ \t]*#/ || /^[ \t]*$/ {
	next
}

$1 == "config" || $1 == "menuconfig" {
	flush()
	name = $2
	place = FILENAME ":" FNR
	type = prompt = range = value = env = "-"
	help = 0
	choice = in_choice ? in_choice : "-"
	next
}

$1 == "choice" {
	flush()
	in_choice = ++nr_choices
	next
}

$1 == "endchoice" || $1 == "menu" || $1 == "endmenu" || $1 == "source" ||
$1 == "mainmenu" || $1 == "comment" || $1 == "endif" {
	flush()
	if ($1 == "endchoice")
		in_choice = 0
	next
}

$1 == "help" || $1 == "---help---" {
	in_help = 1
	help_indent = -1
	next
}

$1 == "if" {
	flush()
	refs($0)
	next
}

$1 == "depends" || $1 == "select" || $1 == "imply" || $1 == "visible" {
	refs(substr($0, index($0, $1) + length($1)))
	next
}

$1 == "prompt" {
	prompt = 1
	next
}

$1 == "option" {
	env = 1
	next
}

$1 == "range" {
	range = $2 ".." $3
	refs($0)
	next
}

$1 == "default" {
	if (value == "-")
		value = $2
	refs(substr($0, index($0, $1) + length($1)))
	next
}

$1 == "def_bool" || $1 == "def_tristate" {
	type = substr($1, 5)
	value = $2
	refs(substr($0, index($0, $1) + length($1)))
	next
}

$1 ~ /^(bool|tristate|int|hex|string)$/ {
	type = $1
	if (NF > 1)
		prompt = 1
	next
}

{
	print "bad", "-", FILENAME ":" FNR
}

END {
	flush()
}
