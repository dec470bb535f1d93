# SPDX-License-Identifier: MIT
#
# Read the output of code-only.awk (strings=1) and print one line per function
# definition:
#
#   FILE FIRST-LINE LAST-LINE NAME static|public
#
# A function is recognised by kernel style: its "{" and "}" stand alone in
# column 1, and its signature goes up to an empty line, a comment, a
# preprocessor line or the end of another declaration.

function name_of(s)
{
	# __acquires(l) and friends come after the parameters: first "(" wins,
	# but for attributes that come before the type
	gsub(/__(constructor|destructor|aligned|section|alias|printf)[ \t]*\([^()]*\)/, " ", s)
	sub(/[ \t]*\(.*/, "", s)
	sub(/.*[^A-Za-z0-9_]/, "", s)
	return s
}

function opens(	start, all, i)
{
	start = line
	while (start > 1 && text[start - 1] !~ /^[ \t]*$/ &&
	       text[start - 1] !~ /[;}][ \t]*$/ && text[start - 1] !~ /^#/)
		start--
	all = ""
	for (i = start; i < line; i++)
		all = all " " text[i]
	if (all !~ /\(/)
		return
	first = start
	name = name_of(all)
	linkage = all ~ / static / ? "static" : "public"
	is_open = 1
}

{
	path = $0
	sub(/:.*/, "", path)
	rest = substr($0, length(path) + 2)
	line = rest + 0
	code = substr(rest, length(line "") + 2)
	if (line == 1) {
		split("", text)
		is_open = 0
	}
	text[line] = code
}

code == "{" {
	opens()
}

code == "}" && is_open {
	print path, first, line, name, linkage
	is_open = 0
}
