#!/bin/bash
# SPDX-License-Identifier: MIT
#
# python3 builds, sorts, copies and drops a structure of millions of objects.
# PYTHONMALLOC=malloc gives every object to malloc; CPython's own pool would
# hide all below 512 bytes from us. The long form also runs with that pool.

. "$(dirname "$0")/../common.sh"

needs=python3

prog_setup()
{
	cat > "$work/tree.py" <<-'END'
	import copy, hashlib, json, sys

	count = int(sys.argv[1])
	rows = [(i * 7919 % count, "row %d" % i) for i in range(count)]
	rows.sort()
	table = {key: [name] for key, name in rows[::4]}
	twin = copy.deepcopy(dict(list(table.items())[:count // 20]))
	for key in list(table)[::3]:
	    del table[key]
	text = json.dumps(rows[:count // 10])
	print(len(rows), len(table), len(twin), rows[count // 2])
	print(hashlib.sha256(text.encode()).hexdigest())
	blob = bytearray()
	for key, name in rows[:count // 5]:
	    blob += name.encode()
	print(len(blob), hashlib.sha256(blob).hexdigest())
	END
}

prog_run()
{
	local count

	count=$(pick 400000 2000000 10000000)
	export PYTHONHASHSEED=0
	PYTHONMALLOC=malloc under python3 "$work/tree.py" "$count"
	if [ "$size" = long ]; then
		under python3 "$work/tree.py" "$count"
	fi
}

realprog_main "$@"
