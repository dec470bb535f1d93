#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Modules of CPython's own test suite (Debian: libpython3.11-testsuite), every
# object from malloc.

. "$(dirname "$0")/../common.sh"

needs=python3

prog_run()
{
	local modules

	modules=$(pick 'list dict json bytes re' 'list dict json' \
		'list dict set tuple json gc threading bytes unicode re zlib
		 hashlib array deque io pickle weakref struct decimal
		 xml_etree')
	# shellcheck disable=SC2086
	modules=$(printf 'test_%s ' $modules)
	# shellcheck disable=SC2086  # the list is meant to be split
	PYTHONMALLOC=malloc under python3 -m test -j 1 --timeout 300 \
		$modules > "$name.log" 2>&1 ||
		{ tail -n 50 "$name.log" >&2 && return 1; }
	# names and verdicts; times, load and memory left out
	sed -n 's/^0:[0-9:.]* .*\] \(test_[a-z0-9_]* [a-z ]*[a-z]\).*/\1/p
		s/^Result: /Result: /p' "$name.log"
}

realprog_main "$@"
