#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Usage: checkkconfig.sh
#
# kconfig-conf answers most mistakes with a line on stderr and exit status 0,
# and a misspelt symbol with nothing at all.  So this fails
#  - when any configuration goal, of any architecture, prints to stderr;
#  - when a defconfig is not what "make savedefconfig" would write;
#  - when code uses a CONFIG_ symbol no Kconfig defines, or the reverse;
#  - when an expression or a fragment names a symbol that does not exist;
#  - when a prompt has no help of two lines, a number no range or no default,
#    a default is outside its range, or a range has no static_assert in C.

. "$(dirname "$0")/check-common.sh"

need kconfig-conf kconfig-frontends-nox
: >"$tmp/out"

complain()
{
	echo "$*" >>"$tmp/out"
}

# run_goal ARCH GOAL...: nothing may come out on stderr
run_goal()
{
	goal_arch=$1
	shift
	if ! sub_make "$goal_arch" "$tmp/$goal_arch" "$@" \
	     >"$tmp/stdout" 2>"$tmp/stderr" </dev/null; then
		complain "ARCH=$goal_arch make $*: failed"
	fi
	# the seed is announced there, on purpose
	grep -v '^KCONFIG_SEED=' "$tmp/stderr" |
		sed "s/^/ARCH=$goal_arch make $*: /" >>"$tmp/out" || :
}

# a tree that has gone through a goal must also load and save unchanged
settle()
{
	cp "$tmp/$1/.config" "$tmp/before"
	run_goal "$1" olddefconfig
	# the head names the moment
	if ! diff -u "$tmp/before" "$tmp/$1/.config" |
	     grep '^[-+][^-+#]' >"$tmp/diff"; then
		return
	fi
	complain "ARCH=$1: olddefconfig changes what $2 wrote:"
	sed 's/^/    /' "$tmp/diff" >>"$tmp/out"
}

check_defconfig()
{
	run_goal "$1" "$(basename "$2")"
	settle "$1" "$(basename "$2")"
	rm -f "$tmp/$1/defconfig"
	run_goal "$1" savedefconfig
	if ! [ -f "$tmp/$1/defconfig" ]; then
		complain "$2: savedefconfig wrote no defconfig in the O= tree"
	elif ! diff -u "$2" "$tmp/$1/defconfig" >"$tmp/diff"; then
		complain "$2: is not what savedefconfig writes:"
		sed 's/^/    /' "$tmp/diff" >>"$tmp/out"
	fi
}

check_arch()
{
	mkdir -p "$tmp/$1"
	for file in "arch/$1"/configs/*_defconfig; do
		check_defconfig "$1" "$file"
	done
	for goal in allyesconfig allnoconfig alldefconfig; do
		run_goal "$1" "$goal"
		settle "$1" "$goal"
	done
	for seed in 1 2 3 4 5; do
		KCONFIG_SEED=$seed
		export KCONFIG_SEED
		run_goal "$1" randconfig
		settle "$1" "randconfig (KCONFIG_SEED=$seed)"
	done
	unset KCONFIG_SEED
}

kconfigs()
{
	echo Kconfig
	for dir in arch $code_dirs tools; do
		[ ! -d "$dir" ] || find "$dir" -name 'Kconfig*' -type f
	done | sort
}

# Symbols the code mentions: "NAME FILE:LINE", comments do not count.
uses()
{
	c_files=$(list_files -name '*.[chS]' | grep -v '^scripts/coccinelle/')
	# shellcheck disable=SC2086  # names without blanks
	awk -f scripts/code-only.awk $c_files >"$tmp/code"
	{
		cat "$tmp/code"
		{
			echo Makefile
			list_files \( -name 'Makefile*' -o -name 'Kbuild*' \
				-o -name 'mk*.sh' -o -name '*.mk' \)
		} | while read -r file; do
			[ ! -f "$file" ] ||
				sed "s/#.*//; s,^,$file:0:," "$file"
		done
	} | awk '{
		place = $0
		sub(/:[^:]*$/, "", place)
		split($0, part, ":")
		place = part[1] ":" part[2]
		text = substr($0, length(place) + 2)
		while (match(text, /(^|[^A-Za-z0-9_])CONFIG_[A-Z0-9_]+/)) {
			name = substr(text, RSTART, RLENGTH)
			text = substr(text, RSTART + RLENGTH)
			sub(/.*CONFIG_/, "", name)
			# CONFIG_## and CONFIG_$(x) are built from parts
			if (text !~ /^(##|\$|\*|%)/)
				print name, place
		}
	}'
}

# Statements that begin with static_assert, each on one line.
asserts()
{
	sed 's/^[^:]*:[0-9]*://' "$tmp/code" | awk '
	/static_assert *\(/ { on = 1 }
	on { printf "%s ", $0 }
	on && /;/ { on = 0; print "" }'
}

check_symbols()
{
	files=$(kconfigs)
	# shellcheck disable=SC2086  # names without blanks
	awk -f scripts/kconfig-symbols.awk $files >"$tmp/table"
	# what the compiler can do is a generated file, one per architecture
	for file in "$tmp"/*/include/generated/toolchain.kconfig; do
		[ ! -f "$file" ] || (cd "${file%/*}" &&
			awk -f "$root/scripts/kconfig-symbols.awk" \
				toolchain.kconfig)
	done | sort -u -k1,1 >>"$tmp/table"
	uses >"$tmp/uses"
	asserts >"$tmp/asserts"
	for file in tools/testing/configs/*.config arch/*/configs/*; do
		[ ! -f "$file" ] ||
		sed -n "s|^\(# \)*CONFIG_\([A-Z0-9_]*\).*|fragment \2 $file|p" \
			"$file"
	done >"$tmp/fragments"

	awk -f scripts/checkkconfig.awk -v asserts="$tmp/asserts" \
		"$tmp/table" "$tmp/fragments" "$tmp/uses" >>"$tmp/out" || {
		status=$?
		[ $status -eq 1 ] || die "checkkconfig.awk: status $status"
	}
}

nr_archs=0
for dir in arch/*/configs; do
	[ -d "$dir" ] || continue
	nr_archs=$((nr_archs + 1))
	arch=${dir#arch/}
	check_arch "${arch%/configs}"
done
[ "$nr_archs" -gt 0 ] || die "no arch/*/configs"
check_symbols

cat "$tmp/out" >&2
verdict "$(grep -c '^[^ ]' "$tmp/out" || :)" \
	"$nr_archs architectures, $(wc -l <"$tmp/table") lines of symbols"
