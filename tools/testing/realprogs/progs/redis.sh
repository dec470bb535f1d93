#!/bin/bash
# SPDX-License-Identifier: MIT
#
# redis-server under redis-benchmark on a unix socket. The benchmark's keys
# are random; the compared result is a second, fixed set of keys.

. "$(dirname "$0")/../common.sh"

needs='redis-server redis-benchmark redis-cli'

cli()
{
	redis-cli -s "$work/$name.sock" "$@"
}

# Strings, lists, hashes and sorted sets, half of them deleted again.
fixed_keys()
{
	cli eval '
		local n = tonumber(ARGV[1])
		for i = 1, n do
			local long = string.rep("x", i % 700)
			redis.call("set", "s" .. i, "value " .. i .. long)
			redis.call("rpush", "l" .. i % 97, i .. long)
			redis.call("hset", "h" .. i % 89, "f" .. i, long)
			redis.call("zadd", "z" .. i % 83, i * 7919 % n, "m" .. i)
			redis.call("append", "s" .. i % 1000, "more")
		end
		for i = 1, n, 2 do
			redis.call("del", "s" .. i)
			redis.call("hdel", "h" .. i % 89, "f" .. i)
		end
		return redis.call("dbsize")' 0 "$(pick 20000 30000 200000)"
	cli debug digest
}

prog_run()
{
	local requests

	requests=$(pick 100000 1000000 1000000)
	rm -f "$work/$name.sock"
	server redis-server --port 0 --unixsocket "$work/$name.sock" \
		--save '' --appendonly no --enable-debug-command local \
		--dir "$work" --logfile "$work/$name.server"
	wait_for cli ping
	load redis-benchmark -s "$work/$name.sock" -t set,get,lpush,hset \
		-n "$requests" -r 100000 -d 200 -c 50 -P 16 -q \
		> "$work/$name.bench"
	cli llen mylist
	cli flushall
	fixed_keys
	server_stop
}

realprog_main "$@"
