#!/bin/bash
# SPDX-License-Identifier: MIT
#
# bash fork storms: command substitutions, pipelines and background jobs, each
# a fork of a shell with a heap of its own, some of which allocate much.

. "$(dirname "$0")/../common.sh"

needs='bash cksum'

prog_setup()
{
	cat > "$work/storm.sh" <<-'END'
	rounds=$1
	declare -A table
	for i in $(seq 2000); do table[key$i]=value$i; done
	sum=0
	for i in $(seq "$rounds"); do
		x=$(y=$((i * 3)); : "$(echo "$y${table[key$i]}")"; echo "$y")
		sum=$((sum + x))
	done
	echo "$sum"
	for i in $(seq $((rounds / 20))); do
		(printf '%s\n' "${table[@]}" | sort | cksum) &
		(for j in $(seq 200); do t[j]=${table[key$j]}$i; done
		 echo "${t[@]}" | cksum | (read -r a b; echo "$i $b")) &
		[ $((i % 16)) -ne 0 ] || wait
	done | sort | cksum
	wait
	END
}

prog_run()
{
	under bash "$work/storm.sh" "$(pick 1000 1000 10000)"
}

realprog_main "$@"
