# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# What the programs in progs/ share. A program file defines
#
#   needs         the commands it cannot run without, one line
#   prog_setup    makes the input, once, with libc's allocator (optional)
#   prog_run      runs the program through `under` or `server`; what it prints
#                 is compared with the same run under libc, so it must print
#                 results and leave out times, addresses and process ids
#
# and ends with `realprog_main "$@"`. It is then used in one of three ways:
#
#   redis.sh [--lib [NAME=]FILE]... [--short|--long]
#                                            test: libc against every FILE
#   redis.sh --setup DIR SIZE                build the tools and the input
#   redis.sh --run DIR SIZE NAME [FILE]      one run, with FILE preloaded
#
# A run leaves DIR/NAME.out (its output), DIR/NAME.stat (a line of figures for
# every command, see runstat.c) and DIR/NAME.witness (a line from every
# process: whose malloc it used, see whoami.c). A test removes DIR at its end
# unless REALPROG_KEEP is set.
#
# emulated.sh has programs of another architecture run, in REALPROG_MACHINE.

set -eu -o pipefail

realprogs=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
top=$(cd "$realprogs/../../.." && pwd)
. "$top/scripts/tempfiles.sh"

# Programs of the distribution, not of somebody's home directory.
machine=${REALPROG_MACHINE-}
export PATH=${machine:+$machine/bin:}/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL=C TZ=UTC
unset LD_PRELOAD MAKEFLAGS MAKELEVEL MFLAGS

die()
{
	printf '%s\n' "$*" >&2
	exit 1
}

# The value for the size of this run: pick SHORT DEMO LONG. An emulator gets a
# tenth of a short one.
pick()
{
	case $size in
	short) [ -n "$machine" ] && echo $(($1 / 10)) || echo "$1" ;;
	demo) echo "$2" ;;
	long) echo "$3" ;;
	*) die "no such size: $size" ;;
	esac
}

require()
{
	local command

	for command in "$@"; do
		command -v "$command" > /dev/null ||
			die "$command is not installed (make check installs it)"
	done
}

# Runs a command with the allocator under test, measured.
under()
{
	"$work/runstat" -o "$stat" -t "$limit" -p "$preload" "$@"
}

# Starts a server with the allocator under test. It ends with this script.
server()
{
	# not `under`: the process id must be runstat's, not a subshell's
	"$work/runstat" -o "$stat" -t "$limit" -p "$preload" "$@" &
	server_pid=$!
}

server_stop()
{
	local status=0

	[ -n "$server_pid" ] || return 0
	kill "$server_pid" 2> /dev/null || :
	wait "$server_pid" || status=$?
	server_pid=
	# it was told to stop, so any other end than 0 is a crash
	[ "$status" -eq 0 ] || die "the server ended with status $status"
}

# Measures the load on a server: the wall time is the answer time of the
# server, its memory is written when it stops.
load()
{
	"$work/runstat" -o "$work/$name.load" -t "$limit" "$@"
}

# Waits until a command succeeds, up to 30 seconds.
wait_for()
{
	local i

	for i in $(seq 300); do
		"$@" > /dev/null 2>&1 && return 0
		if [ -n "$server_pid" ] && ! kill -0 "$server_pid"; then
			die "the server is gone"
		fi
		sleep 0.1
	done
	die "waited in vain for: $* ($i tries)"
}

build_tools()
{
	local cc=${HOSTCC:-gcc}

	mkdir -p "$work"
	# servers run as another user must get through
	chmod 755 "$work"
	"$cc" -O2 -o "$work/runstat" "$realprogs/runstat.c"
	[ -z "$machine" ] || cc=$machine/cc
	"$cc" -O2 -D_GNU_SOURCE -shared -fPIC -o "$work/whoami.so" \
		"$realprogs/whoami.c" -ldl
}

libc_path()
{
	if [ -n "$machine" ]; then
		cat "$machine/libc"
	else
		ldd "$work/runstat" | awk '$1 ~ /^libc\.so/ { print $3 }'
	fi
}

realprog_setup()
{
	work=$1 size=$2
	# shellcheck disable=SC2086,SC2154  # a list, set by the program file
	require gcc $needs
	build_tools
	if declare -F prog_setup > /dev/null; then
		prog_setup
	fi
}

# The end of a run: no server is left; a failure shows the last output.
finish()
{
	local status=$?

	[ "$status" -eq 0 ] || tail -n 5 "$work/$name.out" >&2
	server_stop
}

realprog_run()
{
	local lib

	work=$1 size=$2 name=$3
	# Naming libc itself keeps a program's own allocator out: Debian's
	# redis links jemalloc.
	lib=${4:-$(libc_path)}
	preload=$work/whoami.so:$lib
	stat=$work/$name.stat
	limit=${REALPROG_LIMIT:-$(pick 600 600 3600)}
	server_pid=
	export REALPROG_WITNESS=$work/$name.witness
	: > "$stat"
	: > "$work/$name.load"
	: > "$REALPROG_WITNESS"
	chmod 666 "$REALPROG_WITNESS"
	at_exit finish
	cd "$work"
	prog_run > "$work/$name.out"
	server_stop
	check_witness "$lib"
}

# Every process must have used the malloc of this library, and there must have
# been one. Servers count as one more.
check_witness()
{
	local strangers

	[ -s "$REALPROG_WITNESS" ] || die "no process loaded $1"
	strangers=$(awk -v lib="$1" '$2 != lib' "$REALPROG_WITNESS" |
		    sort | uniq -c)
	[ -z "$strangers" ] ||
		die "these processes did not use $1:" "$strangers"
}

# Servers change the user, who may not be able to read the source tree.
copy_library()
{
	[ -r "$2" ] || die "there is no library $2"
	mkdir -p "$work/$1"
	cp -L "$2" "$work/$1/${2##*/}"
	chmod 755 "$work/$1" "$work/$1/${2##*/}"
}

compare()
{
	cmp -s "$work/$1.out" "$work/$2.out" && [ -s "$work/$1.out" ] &&
		return 0
	echo "the output differs from the one under libc (or is empty):"
	diff -a "$work/$1.out" "$work/$2.out" | cut -c1-200 | head -20
	return 1
}

# A command of a test; its words are kept for the case that it fails.
quietly()
{
	("$@") > "$work/log" 2>&1
}

test_one()
{
	local self=$1 lane=$2 lib=$3

	copy_library "lib-$lane" "$lib" &&
	"$self" --run "$work" "$size" "$lane" "$work/lib-$lane/${lib##*/}" &&
	compare libc "$lane"
}

judge()
{
	local what=$1 seconds=$((SECONDS - $2)) status=$3

	if [ "$status" -eq 0 ]; then
		echo "ok $what # $seconds s"
		return
	fi
	tail -n 40 "$work/log" | cut -c1-200 | sed 's/^/# /'
	echo "not ok $what # $seconds s"
	failed=$((failed + 1))
}

# "NAME=FILE" or "FILE", whose name then comes from the file's
lane_name()
{
	local name

	case $1 in
	*=*) echo "${1%%=*}" ;;
	*)
		name=${1##*/}
		name=${name%.so*}
		echo "${name#libhakozuna_}"
		;;
	esac
}

realprog_test()
{
	local self=$1 libs=() lib title begin status failed=0

	shift
	size=short
	while [ $# -gt 0 ]; do
		case $1 in
		--lib) libs+=("$2") && shift ;;
		--short | --long | --demo) size=${1#--} ;;
		*) die "usage: ${self##*/} [--lib [NAME=]FILE]..." \
			"[--short|--long]" ;;
		esac
		shift
	done
	if [ ${#libs[@]} -eq 0 ]; then
		libs=("$top"/libhakozuna_hz3_{fast,scale}.so)
	fi
	title=$(basename "$self" .sh)
	work=$(temp_folder "realprog-$title")
	test -n "${REALPROG_KEEP-}" || remove_at_exit "$work"

	begin=$SECONDS status=0
	quietly "$self" --setup "$work" "$size" || status=$?
	[ "$status" -ne 0 ] ||
		quietly "$self" --run "$work" "$size" libc || status=$?
	if [ "$status" -ne 0 ]; then
		judge "$title libc" "$begin" "$status"
		return 1
	fi
	for lib in "${libs[@]}"; do
		begin=$SECONDS status=0
		quietly test_one "$self" "$(lane_name "$lib")" "${lib#*=}" ||
			status=$?
		judge "$title $(lane_name "$lib")" "$begin" "$status"
	done
	[ "$failed" -eq 0 ]
}

realprog_main()
{
	local self

	self=$(cd "$(dirname "$0")" && pwd)/${0##*/}
	case ${1-} in
	--setup) shift && realprog_setup "$@" ;;
	--run) shift && realprog_run "$@" ;;
	*) realprog_test "$self" "$@" ;;
	esac
}
