#!/bin/bash
# SPDX-License-Identifier: MIT
#
# postgres under pgbench and a few large queries, on a unix socket in a
# temporary cluster of its own. Server, initdb and clients all use the
# allocator. The transactions of pgbench come in any order, their sums do not
# depend on it.

. "$(dirname "$0")/../common.sh"

pgbin=$(printf '%s\n' /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
PATH=$PATH:$pgbin
needs='initdb postgres pgbench psql setpriv'

# postgres refuses to run as root.
as_user()
{
	local user

	if [ "$(id -u)" -ne 0 ]; then
		echo "$@"
		return
	fi
	user=$(id -un postgres 2> /dev/null || echo nobody)
	echo setpriv --reuid="$user" --regid="$(id -gn "$user")" \
		--clear-groups "$@"
}

sql()
{
	# shellcheck disable=SC2046
	$(as_user) psql -X -q -A -t -h "$db" -d postgres "$@"
}

queries()
{
	cat <<-'END'
	SELECT count(*), sum(delta) FROM pgbench_history;
	SELECT sum(abalance), count(*) FROM pgbench_accounts;
	SELECT md5(string_agg(aid || ':' || bid, ',' ORDER BY md5(aid::text)))
	  FROM pgbench_accounts;
	SET work_mem = '64MB';
	SELECT count(*), sum(length(t)) FROM (SELECT string_agg(md5(i::text), '')
	  t FROM generate_series(1, 200000) i GROUP BY i % 5003) x;
	SELECT md5(jsonb_agg(jsonb_build_object('i', i, 'sq',
	  i::bigint * i))::text)
	  FROM generate_series(1, 50000) i;
	SELECT regexp_replace(string_agg(i::text, ' '), '(1+)(2+)', '\2\1', 'g')
	  = '' FROM generate_series(1, 100000) i;
	DO $$ DECLARE a int[]; BEGIN
	FOR i IN 1 .. 3000 LOOP a := a || i; END LOOP;
	RAISE NOTICE 'length %', array_length(a, 1); END $$;
	END
}

# Makes the cluster and starts the server.
start()
{
	rm -rf "$db"
	mkdir -m 700 "$db"
	[ "$(id -u)" -ne 0 ] ||
		chown "$(id -un postgres 2> /dev/null || echo nobody)" "$db"
	cd "$db"
	# shellcheck disable=SC2046
	under $(as_user initdb) -D "$db/data" -A trust -E UTF8 --no-locale \
		--no-sync > "$work/$name.log"
	# shellcheck disable=SC2046
	server $(as_user postgres) -D "$db/data" -k "$db" -F \
		-c listen_addresses= -c shared_buffers=64MB \
		> "$work/$name.server" 2>&1
	wait_for sql -c 'SELECT 1'
}

prog_run()
{
	db=$work/$name.pg
	start
	# shellcheck disable=SC2046
	under $(as_user pgbench) -h "$db" -i -q -s "$(pick 2 5 20)" postgres \
		> "$work/$name.init" 2>&1
	# shellcheck disable=SC2046
	under $(as_user pgbench) -h "$db" -c 8 -j 2 --random-seed=42 \
		-t "$(pick 300 500 10000)" postgres > "$work/$name.bench" 2>&1
	grep -E '^number of (transactions actually|failed)' "$work/$name.bench"
	queries | sql -v ON_ERROR_STOP=1 -f - 2>&1
	server_stop
	cd "$work"
	rm -rf "$db"
}

realprog_main "$@"
