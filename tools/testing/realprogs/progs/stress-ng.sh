#!/bin/bash
# SPDX-License-Identifier: MIT
#
# stress-ng's malloc stressor with verification of the contents.

. "$(dirname "$0")/../common.sh"

needs=stress-ng

prog_run()
{
	under stress-ng --malloc 4 --malloc-ops 200000 \
		--verify --temp-path "$work" > "$name.log" 2>&1 ||
		{ tail -n 20 "$name.log" >&2 && return 1; }
	# only the verdicts: times and process ids differ
	sed -n 's/.*\] \(passed: .*\|failed: .*\|successful run\).*/\1/p' \
		"$name.log"
}

realprog_main "$@"
