# SPDX-License-Identifier: MIT
#
# Reads qemu's log of system calls: addresses, and the lengths of what only
# makes sense for whole pages, are multiples of `page`.

# The last digits decide: an address is wider than awk's numbers.
function remainder(text,	n)
{
	if (text !~ /^0x/)
		return substr(text, length(text) - 14) % page
	text = substr(text, length(text) - 7)
	while (text != "") {
		n = n * 16 + index("0123456789abcdef", substr(text, 1, 1)) - 1
		text = substr(text, 2)
	}
	return n % page
}

function complain(what)
{
	if (++wrong <= 10)
		print "    # " what ": " $0
}

match($0, /(munmap|mprotect|madvise|mremap|mmap)\([^,]*,[^,]*,/) {
	call = substr($0, RSTART, RLENGTH)
	name = substr(call, 1, index(call, "(") - 1)
	split(substr(call, length(name) + 2), arg, ",")
	seen++
	if (arg[1] != "NULL" && remainder(arg[1]))
		complain("address")
	if ((name == "mprotect" || name == "madvise") && remainder(arg[2]))
		complain("length")
}

END {
	if (seen < 100)
		complain("only " seen + 0 " calls were logged")
	print (wrong ? 0 : 1) " passed, " (wrong ? 1 : 0) " failed"
	exit wrong > 0
}
