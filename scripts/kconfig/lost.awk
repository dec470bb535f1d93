# SPDX-License-Identifier: MIT
#
# Say which values somebody asked for and did not get. Kconfig drops what is
# unknown or out of range without a word.
#
#	awk -f lost.awk wanted .config

function name(line)
{
	sub(/^# /, "", line)
	sub(/[= ].*/, "", line)
	return line
}

function value(line)
{
	if (line ~ /^#/)
		return "n"
	return substr(line, index(line, "=") + 1)
}

/^CONFIG_/ || /^# CONFIG_.* is not set$/ {
	if (FILENAME == ARGV[1])
		wanted[name($0)] = value($0)
	else
		got[name($0)] = value($0)
}

# "not set" is not lost when the symbol does not exist at all. What the
# compiler can do is nobody's wish.
END {
	for (n in wanted) {
		if (n ~ /^CONFIG_(CC|LD)_HAS_/)
			continue
		is = n in got ? got[n] : "n"
		if (is == wanted[n])
			continue
		if (!(n in got))
			is = "not available here"
		printf "warning: %s=%s was asked for, it is %s\n", \
			n, wanted[n], is
	}
}
