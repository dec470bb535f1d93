# SPDX-License-Identifier: MIT
#
# Turn the compiler's list of headers into make source, see Kbuild.include.
#
#	awk -f fixdep.awk -v target=mm/arena.o mm/.arena.o.d
#
# Every object includes autoconf.h, which changes with every symbol. So that
# a symbol rebuilds just what it touches, autoconf.h leaves the list, and
# for each CONFIG_A_B that the source or a header mentions comes the file
# include/config/a/b.h, which kconfig-conf touches when that symbol changes.

# The phony targets that -MP adds end in a colon too; they are not wanted.
{
	for (i = 1; i <= NF; i++) {
		word = $i
		if (word == "\\" || word ~ /:$/ || word in seen)
			continue
		seen[word] = 1
		if (word ~ /include\/generated\/autoconf\.h$/)
			continue
		files[++count] = word
	}
}

END {
	print ""
	print "deps_" target " := \\"
	for (i = 1; i <= count; i++) {
		print "  " files[i] " \\"
		if (files[i] !~ /include\/(generated|hz3\/kconfig\.h)/)
			scan(files[i])
	}
	for (name in symbols) {
		name = tolower(name)
		gsub(/_/, "/", name)
		print "  $(wildcard include/config/" name ".h) \\"
	}
	print ""
	print target ": $(deps_" target ")"
	print "$(deps_" target "):"
}

# Remember each symbol that a file names.
function scan(file,    line)
{
	while ((getline line < file) > 0) {
		while (match(line, /CONFIG_[A-Z0-9_]+/)) {
			symbols[substr(line, RSTART + 7, RLENGTH - 7)] = 1
			line = substr(line, RSTART + RLENGTH)
		}
	}
	close(file)
}
