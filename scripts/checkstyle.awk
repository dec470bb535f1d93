# SPDX-License-Identifier: MIT
#
# The rules of checkstyle.sh that look at one C file at a time.  Input: the C
# files themselves; -v code=FILE names the same files' output of code-only.awk
# (strings=1), which is read along line by line; -v functions=FILE what
# functions.awk makes of that.

function complain(line, text)
{
	print FILENAME ":" line ": " text
	bad = 1
}

# next_code: the comment-free twin of the current line
function next_code(	twin)
{
	if ((getline twin < code) <= 0) {
		print "checkstyle.awk: " code " ends before " FILENAME
		bad = 3
		exit bad
	}
	return substr(twin, length(FILENAME ":" FNR ":") + 1)
}

# columns a line takes: tabs of 8, one per UTF-8 character
function columns(s,	i, n, col)
{
	gsub(/[\200-\277]/, "", s)
	if (s !~ /\t/)
		return length(s)
	n = split(s, part, "\t")
	col = 0
	for (i = 1; i < n; i++)
		col = (int((col + length(part[i])) / 8) + 1) * 8
	return col + length(part[n])
}

# kernel_doc: does a /** block that names f end right above line n?
function kernel_doc(n, f,	i)
{
	i = n - 1
	if (raw[i] !~ /\*\/[ \t]*$/)
		return 0
	while (i > 0 && raw[i] !~ /^[ \t]*\/\*/)
		i--
	if (i < 1 || raw[i] !~ /^\/\*\*$/)
		return 0
	return raw[i + 1] ~ ("^ \\* " f "\\(\\)( |$)")
}

# at the closing brace: the function table says what ends here
function function_ends(	part, nr_lines)
{
	split(functions_at[FILENAME, FNR], part, " ")
	nr_lines = FNR - part[1] + 1
	if (nr_lines > 80)
		complain(part[1], part[2] "(): " nr_lines \
			 " lines, 80 is the limit")
	if (part[3] == "public" &&
	    FILENAME ~ /^(lib|mm|remote|shard|init)\/[^\/]*\.c$/ &&
	    !kernel_doc(part[1], part[2]))
		complain(part[1], part[2] "(): no kernel-doc block \"" \
			 part[2] "() - ...\" right above it")
}

function ordered_access(s)
{
	return s ~ /(^|[^a-z0-9_])(load|store|(cmp)?xchg|fetch_[a-z]+|fence)_(acquire|release|acq_rel)\(/ ||
	       s ~ /(^|[^a-zA-Z0-9_])(smp_[a-z_]+|atomic_(cmp)?xchg)\(/
}

# commented: is there a comment on line n or within three above?
function commented(n,	i)
{
	for (i = n; i >= n - 3 && i > 0; i--)
		if (has_comment[i])
			return 1
	return 0
}

function end_of_file()
{
	if (last == "")
		return
	if (last_lines >= 500)
		print last ":" last_lines ": a file of 500 lines or more"
	if (last ~ /\.c$/ && ifdefs > 2)
		print last ":1: " ifdefs " conditionals on CONFIG_; use" \
			" if (IS_ENABLED()) or a stub in a header"
	if (last_lines >= 500 || ifdefs > 2)
		bad = 1
}

BEGIN {
	while ((getline line < functions) > 0) {
		split(line, part, " ")
		functions_at[part[1], part[3]] = part[2] " " part[4] " " part[5]
	}
}

FNR == 1 {
	end_of_file()
	last = FILENAME
	ifdefs = in_comment = 0
	split("", text)
	split("", raw)
	split("", has_comment)
	c_file = FILENAME ~ /\.c$/
	if (c_file && $0 != "// SPDX-License-Identifier: MIT" ||
	    !c_file && $0 != "/* SPDX-License-Identifier: MIT */")
		complain(1, "line 1 is not the SPDX line")
}

{
	last_lines = FNR
	raw[FNR] = $0
	text[FNR] = next_code()
	# strings are blanked in the twin, so look for the comment's marks
	has_comment[FNR] = in_comment || $0 ~ /\/\*|\/\//
	if ($0 ~ /\/\*/)
		in_comment = 1
	if ($0 ~ /\*\//)
		in_comment = 0
}

columns($0) > 80 {
	complain(FNR, columns($0) " columns, 80 is the limit")
}

/[ \t]$/ {
	complain(FNR, "blanks at the end of the line")
}

/^ +\t/ || /^        / {
	complain(FNR, "indented with blanks instead of a tab")
}

(FILENAME, FNR) in functions_at {
	function_ends()
}

# an access inside a #define is commented where the macro is used
c_file && text[FNR] !~ /^#/ && ordered_access(text[FNR]) &&
!commented(FNR) {
	complain(FNR, "ordered access without a comment (which letter," \
		 " what it pairs with)")
}

text[FNR] ~ /__attribute__/ &&
FILENAME ~ /^(lib|mm|remote|shard|init|include\/hz3)\// &&
FILENAME !~ /^include\/hz3\/compiler_types\.h$/ {
	complain(FNR, "__attribute__ outside compiler_types.h")
}

FILENAME ~ /^(lib|mm|remote|shard|init)\/[^\/]*\.c$/ &&
text[FNR] ~ /(^|[^a-zA-Z0-9_])(volatile|_Atomic|asm|__asm__|__atomic_[a-z_]+|__sync_[a-z_]+)([^a-zA-Z0-9_]|$)/ {
	complain(FNR, "raw atomics, volatile and asm belong in arch/ and" \
		 " include/hz3/")
}

text[FNR] ~ /^[ \t]*#[ \t]*(el)?if.*CONFIG_/ {
	ifdefs++
}

END {
	end_of_file()
	if (!NR) {
		print "checkstyle.awk: no input"
		bad = 1
	}
	exit bad
}
