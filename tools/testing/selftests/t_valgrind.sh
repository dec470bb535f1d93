#!/bin/sh
# SPDX-License-Identifier: MIT
#
# A valgrind run works: with our code on its synthetic processor, and with
# memcheck putting its own malloc in front of ours.
# selftest: needs=SHARED_LIB,HZ3_OVERRIDE_LIBC,native timeout=120

. "$(dirname "$0")/lib.sh"

command -v valgrind >/dev/null || skip "no valgrind"
LD_PRELOAD=$lib valgrind -q --tool=none "$work/usable" ||
	fail "--tool=none: status $?"
LD_PRELOAD=$lib valgrind -q --tool=none /bin/ls -l / >/dev/null ||
	fail "--tool=none ls: status $?"
LD_PRELOAD=$lib valgrind -q --error-exitcode=9 /bin/ls / >/dev/null ||
	fail "memcheck: status $?"
# memcheck that leaves malloc to us
LD_PRELOAD=$lib valgrind -q --soname-synonyms=somalloc=nouserintercepts \
	/bin/ls -l / >/dev/null || fail "memcheck on hz3: status $?"
