#!/bin/bash
# SPDX-License-Identifier: MIT
#
# sqlite3: a table in memory with indices, joins, window functions, updates
# and deletes, then the same in a file; 1 M rows in the long form.

. "$(dirname "$0")/../common.sh"

needs=sqlite3

prog_setup()
{
	cat > "$work/load.sql" <<-END
	PRAGMA journal_mode = OFF;
	PRAGMA synchronous = OFF;
	CREATE TABLE t (id INTEGER PRIMARY KEY, k INT, name TEXT, body BLOB);
	WITH RECURSIVE n (i) AS
	  (SELECT 1 UNION ALL SELECT i + 1 FROM n
	   WHERE i < $(pick 100000 400000 1000000))
	INSERT INTO t SELECT i, i * 7919 % 100003,
	  printf('name %d of %x', i, i * 31), zeroblob(i % 200) FROM n;
	CREATE INDEX t_k ON t (k);
	CREATE INDEX t_name ON t (name);
	SELECT count(*), sum(k), sum(length(name) + length(body)) FROM t;
	SELECT k % 10, count(*), group_concat(substr(name, 6, 3))
	  FROM t WHERE id < 3000 GROUP BY 1 ORDER BY 1;
	SELECT count(*) FROM t a JOIN t b ON b.k = a.k + 1;
	SELECT sum(r * (k % 7)) FROM
	  (SELECT k, row_number() OVER (PARTITION BY k % 100 ORDER BY name) r
	   FROM t);
	UPDATE t SET name = name || ' changed' WHERE k % 3 = 0;
	DELETE FROM t WHERE k % 5 = 1;
	SELECT count(*), max(name), min(name) FROM t;
	SELECT json_group_array(json_object('id', id, 'name', name))
	  FROM (SELECT * FROM t ORDER BY name LIMIT 20);
	VACUUM;
	PRAGMA integrity_check;
	END
}

prog_run()
{
	under sqlite3 -batch :memory: < "$work/load.sql"
	rm -f "$work/$name.db"
	under sqlite3 -batch "$work/$name.db" < "$work/load.sql"
	sha256sum < "$work/$name.db"
	rm -f "$work/$name.db"
}

realprog_main "$@"
