#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Does redis-server creep up while its data stay as much?
#
#   soak.sh [ROUNDS]      with the allocator that is preloaded into this
#                         script, or with the server's own; 40 rounds a second
#
# Each round sets, deletes or lets expire 5000 of 100,000 random keys. The
# values of one round are of about one length, from 16 to 4096 bytes, another
# in every eighth part of all rounds; so many of the keys are used that they
# hold about 64 MB. After each part a line says what the keys and values are,
# counted by the script that sets them, and what is resident; the last line is
# as that of the program soak.

set -eu

lib=${LD_PRELOAD-}
unset LD_PRELOAD
rounds=${1:-1000}
parts=8

. "$(dirname "$0")/../../../scripts/tempfiles.sh"
work=$(temp_folder bench-soak)
remove_at_exit "$work"

finish()
{
	kill "$server" 2> /dev/null || true
	wait "$server" 2> /dev/null || true
	remove_doomed
}

cli()
{
	redis-cli -s "$work/socket" "$@"
}

# shellcheck disable=SC2016  # Lua has no $
script='
	local round, len, keys = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
	math.randomseed(round)
	for i = 1, 5000 do
		local key = "key:" .. math.random(100000)
		local what = math.random(100)
		if tonumber(key:sub(5)) > keys or what <= 10 then
			redis.call("del", key)
		else
			local size = math.random(len, 2 * len)
			redis.call("set", key, string.rep("x", size))
			if what <= 30 then
				redis.call("pexpire", key, math.random(5000))
			end
		end
	end'

# Bytes of all keys and values, as the clients see them.
live='
	local sum, cursor = 0, "0"
	repeat
		local r = redis.call("scan", cursor, "count", 1000)
		cursor = r[1]
		for _, key in ipairs(r[2]) do
			sum = sum + #key + redis.call("strlen", key)
		end
	until cursor == "0"
	return sum'

# In KiB.
resident()
{
	awk '/^VmRSS:/ { print $2 }' "/proc/$server/status"
}

LD_PRELOAD=$lib redis-server --port 0 --unixsocket "$work/socket" \
	--save '' --appendonly no --dir "$work" --activedefrag no \
	--logfile "$work/log" &
server=$!
at_exit finish
until cli ping > /dev/null 2>&1; do
	kill -0 "$server"
	sleep 0.1
done
sha=$(cli script load "$script")
echo "[ALLOCATOR] ${lib:-the own one of redis-server}"
base=$(resident)

begin=$(date +%s.%N)
for ((part = 0; part < parts; part++)); do
	len=$((16 << (part * 5 % 9)))
	keys=$((64000000 / (len * 3 / 2 + 100)))
	for ((i = 0; i < rounds / parts; i++)); do
		echo "evalsha $sha 0 $((part * rounds + i)) $len $keys"
	done | cli > "$work/out"
	if grep -v '^$' "$work/out" >&2; then
		exit 1
	fi
	echo "$part $(($(cli eval "$live" 0) / 1024)) $(resident)"
done | awk -v base="$base" -v parts="$parts" '{
		ratio = ($3 - base) / $2
		printf "[SOAK] epoch=%d live=%d rss=%d\n", $1 + 1, $2, $3
		if ($1 >= parts / 4 && $1 < parts / 2)
			first += ratio
		if ($1 >= parts - parts / 4)
			last += ratio
		if ($1 >= parts / 4 && ratio > worst)
			worst = ratio
	}
	END {
		printf "[SOAK] first=%.3f last=%.3f worst=%.3f\n",
			first * 4 / parts, last * 4 / parts, worst
	}'
awk -v begin="$begin" -v end="$(date +%s.%N)" -v rounds="$rounds" \
	'BEGIN { printf "redis: threads=1 ops=%d time=%.3f\n",
		rounds * 5000, end - begin }'
