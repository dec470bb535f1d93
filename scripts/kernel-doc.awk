# SPDX-License-Identifier: MIT
#
# Prints the kernel-doc comments of an installed header as reStructuredText. A
# function without one is an error, and so is a comment that does not name
# exactly the function's parameters.

function complain(text)
{
	printf "%s:%d: %s\n", FILENAME, FNR, text >"/dev/stderr"
	bad = 1
}

# @name in a text
function marked(s)
{
	gsub(/@[a-z_]+/, "``&``", s)
	gsub(/``@/, "``", s)
	return s
}

# one line of a comment, without its star
function comment_line(s)
{
	if (match(s, /^@[a-z_]+:/)) {
		name = substr(s, 2, RLENGTH - 2)
		documented[name] = 1
		field = ":param " name ": "
		fields = fields "\n   " field marked(substr(s, RLENGTH + 2))
	} else if (match(s, /^(Return|Context): */)) {
		field = s ~ /^R/ ? ":return: " : "**Context:** "
		if (field ~ /^:/)
			last = "\n   " field marked(substr(s, RLENGTH + 1))
		else
			body = body "\n   " field marked(substr(s, RLENGTH + 1))
	} else if (s == "") {
		field = ""
		body = body "\n"
	} else if (field ~ /^:param/) {
		sub(/^ +/, "", s)
		fields = fields "\n      " marked(s)
	} else if (field ~ /^:return/) {
		last = last "\n      " marked(s)
	} else {
		body = body "\n   " marked(s)
	}
}

# "int f(int a, void (*cb)(void *arg), ...)": its parameters in given[]
function parameters(s,	i, n, word, part)
{
	split("", given)
	sub(/^[^(]*\(/, "", s)
	while (match(s, /\(\*[a-z_]+\)\([^)]*\)/)) {
		word = substr(s, RSTART + 2)
		sub(/\).*/, "", word)
		s = substr(s, 1, RSTART - 1) word substr(s, RSTART + RLENGTH)
	}
	sub(/\)[^)]*$/, "", s)
	n = split(s, part, ",")
	for (i = 1; i <= n; i++)
		if (match(part[i], /[a-z_]+ *$/) && part[i] !~ /^ *void *$/)
			given[substr(part[i], RSTART)] = 1
}

function print_function(s,	p)
{
	gsub(/HZ3_(API|NOEXCEPT)/, "", s)
	gsub(/HZ3_(MALLOC|ALLOC)\(\([0-9, ]*\)\)/, "", s)
	gsub(/[ \t]+/, " ", s)
	gsub(/^ | *;.*$/, "", s)
	if (title == "" || index(s, title "(") == 0) {
		complain("no kernel-doc comment right above " s)
		return
	}
	parameters(s)
	for (p in given)
		if (!(p in documented))
			complain(title "(): @" p " is not described")
	for (p in documented)
		if (!(p in given))
			complain(title "(): has no parameter " p)
	printf ".. c:function:: %s\n\n   %s\n%s\n%s%s\n\n", s, summary, body,
		fields, last
	nr++
}

/^\/\*\*$/ {
	in_comment = 1
	title = summary = body = fields = last = field = ""
	split("", documented)
	next
}

in_comment && /^ \*\/$/ {
	in_comment = 0
	next
}

in_comment {
	sub(/^ \* ?/, "")
	if (title != "") {
		comment_line($0)
	} else if (match($0, /^[a-z0-9_]+\(\) - /)) {
		title = substr($0, 1, RLENGTH - 5)
		summary = toupper(substr($0, RLENGTH + 1, 1)) \
			substr($0, RLENGTH + 2) "."
	} else {
		complain("not \"function() - what it does\"")
	}
	next
}

/^#/ || /^\/?\*/ || /^ \*/ { next }

# a prototype may go over several lines
/hz3_[a-z_]+\(/ || prototype != "" || /^HZ3_[A-Z]+\(\([0-9, ]+\)\)$/ {
	prototype = prototype " " $0
	if ($0 ~ /;$/) {
		print_function(prototype)
		prototype = title = ""
	}
}

END {
	if (!nr)
		complain("no function")
	exit bad
}
