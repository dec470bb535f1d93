# SPDX-License-Identifier: MIT
#
# Reads objdump's listing of a function and writes its hit path, from the entry
# to the first return, so that where things lie does not show: addresses become
# names, the ends of branches out of the path slow1, slow2 and so on, and an
# offset in a page that the linker chose (aarch64) LO12.

/^ *[0-9a-f]+:\t/ {
	addr = $1
	sub(/:/, "", addr)
	line = $0
	sub(/^[^\t]*\t/, "", line)
	sub(/ *\/\/ .*/, "", line)
	gsub(/[ \t]+/, " ", line)
	sub(/ $/, "", line)
	at[addr] = ++n
	insn[n] = line
	if (line == "ret")
		exit
}

# "jae c540 <__libc_free+0x60>": the address is the last word but one
function branch(line, word, nr_words, end)
{
	nr_words = split(line, word, / /)
	end = word[nr_words - 1]
	sub(/ [0-9a-f]+ <[^>]*>$/, "", line)
	if (end in at)
		return line " " at[end]
	if (!(end in slow))
		slow[end] = "slow" ++nr_slow
	return line " " slow[end]
}

# "sub 0x8abd6(%rip),%rax # 970c0 <hz3_window>"
function rip_relative(line, name)
{
	name = line
	sub(/.*</, "", name)
	sub(/>.*/, "", name)
	sub(/_GLOBAL_OFFSET_TABLE_\+.*/, "GOT", name)
	sub(/ *# .*/, "", line)
	sub(/0x[0-9a-f]+\(%rip\)/, name "(%rip)", line)
	return line
}

# A register that adrp set stays the address of a page until it is set again.
function page_relative(line, reg, nr_regs, masked)
{
	nr_regs = split(line, reg, /[ ,\[\]]+/)
	if (line ~ /^adrp /) {
		page[reg[2]] = 1
		sub(/, .*/, ", PAGE", line)
		return line
	}
	masked = nr_regs >= 3 && reg[3] in page &&
		sub(/#(0x[0-9a-f]+|[0-9]+)/, "LO12", line)
	if (line !~ /^(str|stp|cmp)/)
		delete page[reg[2]]
	return line
}

END {
	for (i = 1; i <= n; i++) {
		if (insn[i] ~ /<[^>]*>$/ && insn[i] !~ /^adrp |%rip/)
			insn[i] = branch(insn[i])
		else if (insn[i] ~ /%rip/)
			insn[i] = rip_relative(insn[i])
		else
			insn[i] = page_relative(insn[i])
		print insn[i]
	}
}
