#!/bin/sh
# SPDX-License-Identifier: MIT
#
# hz3: run a program with the library, ask the library what it is, and find out
# why a program would not use it. hz3(1) is the manual. "make install" writes
# in where the libraries are.

set -eu

version=@HZ3VERSION@
libdir=@libdir@
pkglibdir=@pkglibdir@
soname=@soname@

usage()
{
	cat <<'END'
usage: hz3 run [--lane NAME] [--conf OPTIONS] PROGRAM [ARGUMENT...]
       hz3 config [--lane NAME]
       hz3 config --list
       hz3 doctor [--lane NAME] [--run] PROGRAM [ARGUMENT...]
       hz3 --version | --help
END
}

die()
{
	echo "hz3: $*" >&2
	exit 2
}

# library LANE: its file; the one without a lane is the one that programs link
library()
{
	if [ -z "$1" ]; then
		file=$libdir/$soname
	else
		file=$pkglibdir/libhakozuna_hz3_$1.so
	fi
	if ! [ -f "$file" ]; then
		for other in "$pkglibdir"/libhakozuna_hz3_*.so; do
			[ -f "$other" ] || continue
			other=${other##*/libhakozuna_hz3_}
			echo "hz3: there is a lane ${other%.so}" >&2
		done
		die "there is no $file"
	fi
	echo "$file"
}

# --- run, config

run()
{
	LD_PRELOAD=$lib${LD_PRELOAD:+:$LD_PRELOAD}
	export LD_PRELOAD
	if [ -n "$conf" ]; then
		HZ3_CONF=${HZ3_CONF:+$HZ3_CONF,}$conf
		export HZ3_CONF
	fi
	exec "$@"
}

# What the library itself says when it starts, or why the loader refuses it
config()
{
	answer=$(LC_ALL=C LD_PRELOAD=$lib \
		HZ3_CONF="${HZ3_CONF:+$HZ3_CONF,}confirm_conf:true" \
		/bin/true 2>&1)
	case $answer in
	*HZ3_VERSION=*) printf '%s\n' "$answer" | sed 's/^hz3: //' ;;
	'') die "$lib does not read options: it was configured so" ;;
	*) die "the library does not start here: $answer" ;;
	esac
}

# --- doctor: one function for each thing that can be in the way. Those that
# find that the library cannot work say no, those that find half a reason note.

no()
{
	echo "$subject: does not work: $1"
	echo "  $2"
	exit 1
}

note()
{
	noted="$noted
  note: $*"
}

elf()
{
	LC_ALL=C readelf -W "$@" 2>/dev/null
}

# names FILE: the dynamic symbols it defines
names()
{
	elf --dyn-syms "$1" | awk '$7 != "UND" && $1 ~ /:$/ {
		sub(/@.*/, "", $8); print $8 }'
}

# A script is what its interpreter is.
find_program()
{
	subject=$(command -v -- "$1") || die "$1: not found"
	[ -f "$subject" ] || die "$1: not a program of its own"
	program=$(realpath "$subject")
	[ -r "$program" ] || die "$program: cannot be read"
	first=$(head -c 200 "$program" | tr -d '\0' | head -n 1)
	case $first in
	'#!'*) ;;
	*) return 0 ;;
	esac
	# shellcheck disable=SC2086  # words are wanted
	set -- ${first#??}
	[ "${1##*/}" != env ] || shift
	while [ "${1#-}" != "${1-}" ]; do
		shift
	done
	echo "$program: a script for ${1-}"
	find_program "${1-}"
}

machine()
{
	elf -h "$1" | sed -n 's/^ *\(Class\|Machine\): *//p'
}

check_machine()
{
	machine=$(machine "$program")
	[ -n "$machine" ] || die "$program: not a program"
	# shellcheck disable=SC2086,SC2116  # blanks for line ends
	[ "$machine" = "$(machine "$lib")" ] ||
		no "it is for another machine: $(echo $machine)" \
			"Build or install hz3 for that one."
}

check_loader()
{
	loader=$(elf -l "$program" |
		sed -n 's/.*Requesting program interpreter: \(.*\)\]/\1/p')
	case $loader in
	'')	no 'it is a static program: no loader reads LD_PRELOAD' \
			'Link it with libhakozuna_hz3.a instead.' ;;
	*/ld-musl-*)
		no "it uses musl ($loader), the library is made for glibc" \
			'Link it with a libhakozuna_hz3.a built by musl-gcc.' ;;
	esac
	[ -e "$loader" ] || no "its loader $loader is not here" \
		'It would not run without hz3 either.'
}

# Root gains nothing by a set-user-ID of root, and so keeps the preload.
check_privileges()
{
	gains=
	[ ! -u "$program" ] || [ "$(stat -c %u "$program")" = "$(id -u)" ] ||
		gains='another user (set-user-ID)'
	[ ! -g "$program" ] || [ "$(stat -c %g "$program")" = "$(id -g)" ] ||
		gains='another group (set-group-ID)'
	if [ "$(id -u)" -ne 0 ] && command -v getcap >/dev/null &&
	   [ -n "$(getcap "$program")" ]; then
		gains='capabilities'
	fi
	[ -z "$gains" ] || no "it starts with the rights of $gains" \
		'The loader ignores LD_PRELOAD then. Link the program with hz3.'
}

check_own_malloc()
{
	if elf --dyn-syms "$program" |
	   grep -q -E ' __(a|t|m|hwa)san_init(@.*)?$'; then
		no 'a sanitizer watches it, which needs malloc for itself' \
			'Build it without.'
	fi
	! names "$program" | grep -qx malloc ||
		no 'it defines malloc itself, and comes before us' \
			'Build it without its allocator.'
	! elf -S "$program" | grep -q '\.go\.buildinfo' ||
		note 'a Go program: only its C parts call malloc'
}

# Libraries that are linked come after a preloaded one.
check_libraries()
{
	# shellcheck disable=SC2046  # one word each
	set -- $(LD_TRACE_LOADED_OBJECTS=1 "$loader" "$program" 2>/dev/null |
		sed -n 's/.* => //; s/^[[:space:]]*\(\/[^ ]*\) .*/\1/p')
	for other in "$@"; do
		case $other in
		*/libc.so.6 | */ld-linux* | */libhakozuna_hz3*) continue ;;
		esac
		! names "$other" | grep -qx malloc ||
			note "$other has a malloc too; ours comes first, but" \
"calls under names of its own go there"
	done
	case ${LD_PRELOAD-} in
	*malloc*) note "LD_PRELOAD has $LD_PRELOAD; ours comes before it" ;;
	esac
	! elf --dyn-syms "$program" | grep -q ' UND dlopen' || [ -n "$live" ] ||
		note 'it can open libraries; one opened with RTLD_DEEPBIND' \
'keeps the malloc of libc: see --run'
}

# Run it, and let the loader tell who gets whose malloc.
check_live()
{
	trace=$(mktemp -d)
	trap 'rm -rf "$trace"' EXIT
	status=0
	LD_DEBUG=bindings LD_DEBUG_OUTPUT=$trace/bindings LD_PRELOAD=$lib \
		"$@" || status=$?
	[ "$status" -eq 0 ] || note "it ended with status $status"
	cat "$trace"/bindings.* | sed -n 's/.*binding file \([^ ]*\) \[.*\] to \([^ ]*\) \[.*symbol `\(malloc\|calloc\|realloc\|free\)'"'.*/\1 \2/p" |
		sort -u >"$trace/pairs"
	strangers=$(awk -v lib="$lib" '$2 != lib && !seen[$0]++ {
		print "  " $1 " uses the malloc of " $2 }' "$trace/pairs")
	[ -z "$strangers" ] || no 'a part of it uses another malloc' \
		"${strangers#  }"
	grep -q " $lib\$" "$trace/pairs" ||
		no 'nothing in it called our malloc' 'It may use none.'
}

doctor()
{
	command -v readelf >/dev/null || die 'needs readelf, of binutils'
	noted=
	config >/dev/null
	find_program "$1"
	check_machine
	check_loader
	check_privileges
	check_own_malloc
	check_libraries
	[ -z "$live" ] || check_live "$@"
	echo "$subject: works$noted"
}

# --- the command line

[ $# -gt 0 ] || { usage >&2; exit 2; }
command=$1
shift
case $command in
run | config | doctor) ;;
--version) echo "hz3 $version"; exit ;;
--help) usage; exit ;;
*) usage >&2; exit 2 ;;
esac

lane=
conf=
live=
while [ $# -gt 0 ]; do
	case $command:$1 in
	*:--lane) [ $# -ge 2 ] || die "$1 needs a name"; lane=$2; shift ;;
	run:--conf) [ $# -ge 2 ] || die "$1 needs options"; conf=$2; shift ;;
	doctor:--run) live=y ;;
	config:--list) exec cat "$pkglibdir/options.txt" ;;
	*:--) shift; break ;;
	*:-*) die "$command: no option $1" ;;
	*) break ;;
	esac
	shift
done
lib=$(library "$lane")
case $command:$# in
config:0) ;;
config:* | *:0) usage >&2; exit 2 ;;
esac
$command "$@"
