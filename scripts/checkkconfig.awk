# SPDX-License-Identifier: MIT
#
# The symbol rules of checkkconfig.sh.  Input: the table of kconfig-symbols.awk,
# lines "fragment NAME FILE", then lines "NAME FILE:LINE" of uses in code;
# -v asserts=FILE has one static_assert statement a line.

function complain(where, text)
{
	print where ": " text
	bad = 1
}

function range_rules(s,	low, high)
{
	if (type[s] != "int")
		return
	if (range[s] == "-") {
		complain(place[s], s ": a number without a range")
		return
	}
	low = high = range[s]
	sub(/\.\..*/, "", low)
	sub(/.*\.\./, "", high)
	if (value[s] !~ /^-?[0-9]+$/ || low !~ /^-?[0-9]+$/ ||
	    high !~ /^-?[0-9]+$/)
		return
	if (value[s] + 0 < low + 0 || value[s] + 0 > high + 0)
		complain(place[s], s ": default " value[s] " is outside " \
			 range[s])
	if (in_c[s] && !asserted[s])
		complain(place[s], s ": no static_assert() repeats its range")
}

# A choice of n needs only n - 1 names in code: one may be the "else".
function use_rules(s)
{
	if (used[s] || env[s] != "-")
		return
	if (prompt[s] == "-" && referred[s])
		return
	# X86_64 in arch/x86_64/Kconfig: only there to be shown
	if (prompt[s] == "-" && place[s] ~ ("^arch/" tolower(s) "/"))
		return
	if (choice[s] != "-" && ++idle[choice[s]] < 2)
		return
	complain(place[s], s ": no code or Makefile uses CONFIG_" s)
}

BEGIN {
	while ((getline line < asserts) > 0) {
		while (match(line, /CONFIG_[A-Z0-9_]+/)) {
			asserted[substr(line, RSTART + 7, RLENGTH - 7)] = 1
			line = substr(line, RSTART + RLENGTH)
		}
	}
}

$1 == "ref" {
	referred[$2] = $3
	next
}

$1 == "fragment" {
	fragment[$2] = $3
	next
}

$1 == "bad" {
	complain($3, "a line checkkconfig.sh cannot read")
	next
}

NF == 9 {
	place[$1] = $2
	type[$1] = $3
	if (!($1 in prompt) || $4 != "-")
		prompt[$1] = $4
	help[$1] += $5
	range[$1] = $6
	if ($7 != "-" || !($1 in value))
		value[$1] = $7
	choice[$1] = $8
	env[$1] = $9
	nr++
	next
}

NF == 2 {
	used[$1] = $2
	if ($2 ~ /\.[chS]:/)
		in_c[$1] = 1
	next
}

{
	print "checkkconfig.awk: cannot read: " $0
	bad = 2
	exit bad
}

END {
	if (bad == 2)
		exit bad
	if (!nr)
		complain("Kconfig", "defines no symbol")
	for (s in referred)
		if (!(s in type))
			complain(referred[s], s " is not defined anywhere")
	for (s in fragment)
		if (!(s in type))
			complain(fragment[s], "CONFIG_" s " is not defined")
	for (s in used)
		if (!(s in type))
			complain(used[s], "CONFIG_" s " is in no Kconfig")
	for (s in type) {
		if (type[s] == "-")
			complain(place[s], s " has no type")
		if (type[s] == "hex" || type[s] == "tristate")
			complain(place[s], s ": no " type[s] " symbols; make" \
				 " and C would read them differently")
		if (prompt[s] != "-" && help[s] < 2)
			complain(place[s], s ": help of fewer than two lines")
		if (type[s] ~ /int|string/ && value[s] == "-" && env[s] == "-")
			complain(place[s], s ": no default")
		range_rules(s)
		use_rules(s)
	}
	exit bad
}
