#!/bin/sh
# SPDX-License-Identifier: MIT
#
# redis in one fully static file with hz3 in it, against Debian's own, which has
# jemalloc. Its makefile knows a way to name an allocator: a header, which
# google/tcmalloc.h beside us is, and a library to link with. What it does not
# allocate by these names is ours as well where malloc is.
# needs: HZ3_OVERRIDE_LIBC
#
# Usage: redis.sh OBJTREE FOLDER

set -eu

OBJTREE=${1:?usage: redis.sh OBJTREE FOLDER}
out=${2:?usage: redis.sh OBJTREE FOLDER}
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)

build_redis()
{
	"$top/scripts/debian-source.sh" redis "$out/redis" || return 4
	cp "$OBJTREE/libhakozuna_hz3.a" "$out/libtcmalloc.a"
	(unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES GNUMAKEFLAGS
	 exec make -s -j2 -C "$out/redis/src" redis-server V=1 CC="${CC:-gcc}" \
		MALLOC=tcmalloc OPTIMIZATION=-O2 DEBUG= \
		CFLAGS="-I$here -I$top/include/uapi" \
		LDFLAGS="-static -L$out") >"$out/build.log" 2>&1 || {
		tail -n 20 "$out/build.log"
		return 1
	}
}

client()
{
	redis-cli -s "$out/socket" "$@"
}

# measure WHAT SERVER ALLOCATOR: it must say that it has this one
measure()
{
	"$2" --port 0 --unixsocket "$out/socket" --dir "$out" --save '' \
		>"$out/server.log" 2>&1 &
	server=$!
	until client ping >/dev/null 2>&1; do
		kill -0 $server || {
			cat "$out/server.log"
			exit 1
		}
		sleep 0.05
	done
	begin=$(date +%s%N)
	redis-benchmark -s "$out/socket" -q -n 100000 -P 16 -r 100000 -d 200 \
		-t set,get,lpush,lpop,sadd,hset,zadd >"$out/benchmark.log"
	end=$(date +%s%N)
	peak=$(sed -n 's/^VmHWM:[^0-9]*\([0-9]*\).*/\1/p' /proc/$server/status)
	client info memory | grep -q "^mem_allocator:$3"
	# Two thirds of the keys met one of the random numbers. Lua counts them.
	[ "$(client eval "$count" 0)" -gt 120000 ]
	client flushall >/dev/null
	client shutdown nosave
	wait $server
	server=
	printf '%-16s %8d ms %8d KiB\n' "$1" $(((end - begin) / 1000000)) "$peak"
}

count="local n = 0
for _, key in ipairs(redis.call('keys', 'key:*')) do
	n = n + redis.call('strlen', key) / 100
end
return n"

server=
trap '[ -z "$server" ] || kill $server' EXIT
build_redis || exit
measure 'redis, own' /usr/bin/redis-server jemalloc
measure 'redis, hz3' "$out/redis/src/redis-server" tcmalloc-2.hz3
