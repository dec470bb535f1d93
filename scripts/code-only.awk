# SPDX-License-Identifier: MIT
#
# Print C files as "file:line:code" with comments blanked, so that the
# textual checks never trip over prose.
#
#   -v strings=1   blank the contents of string and character constants too
#   -v join=1      put continued lines (backslash newline) on their first line
#
# Block comments may span lines; each file starts outside a comment.

function strip(s,	out, c, n, i, quote)
{
	out = ""
	n = length(s)
	for (i = 1; i <= n; i++) {
		c = substr(s, i, 1)
		if (comment) {
			if (c == "*" && substr(s, i + 1, 1) == "/") {
				comment = 0
				i++
				out = out " "
			}
			continue
		}
		if (quote != "") {
			if (c == "\\") {
				if (!strings)
					out = out c substr(s, i + 1, 1)
				i++
				continue
			}
			if (c == quote)
				quote = ""
			else if (strings)
				continue
			out = out c
			continue
		}
		if (c == "\"" || c == "'")
			quote = c
		if (c == "/" && substr(s, i + 1, 1) == "/")
			break
		if (c == "/" && substr(s, i + 1, 1) == "*") {
			comment = 1
			i++
			continue
		}
		out = out c
	}
	sub(/[ \t]+$/, "", out)
	return out
}

FNR == 1 {
	comment = 0
	held = ""
}

{
	# Nearly every line is plain code or the middle of a comment: only
	# walk the characters when a slash or a quote says there may be more.
	if (!comment && $0 !~ /\/[*\/]|["']/)
		line = $0
	else if (comment && $0 !~ /\*\//)
		line = ""
	else
		line = strip($0)
	if (join && line ~ /\\$/) {
		if (held == "")
			at = FNR
		held = held substr(line, 1, length(line) - 1)
		next
	}
	if (held != "") {
		print FILENAME ":" at ":" held line
		held = ""
		next
	}
	print FILENAME ":" FNR ":" line
}
