// SPDX-License-Identifier: MIT
/*
 * SQLite on a heap, by SQLITE_CONFIG_MALLOC. It asks for the size of blocks,
 * and rounds requests up, so that it uses all of them.
 * libs: sqlite3
 * needs: !HZ3_OVERRIDE_LIBC
 */
#include <sqlite3.h>

#include "sample.h"

static struct hz3_heap *heap;

static void *allocate(int size)
{
	return hz3_heap_malloc(heap, (size_t)size);
}

static void *reallocate(void *ptr, int size)
{
	return hz3_heap_realloc(heap, ptr, (size_t)size);
}

static int size_of(void *ptr)
{
	return (int)hz3_usable_size(ptr);
}

static int good_size(int size)
{
	return (int)hz3_good_size((size_t)size);
}

static int start(void *arg)
{
	(void)arg;
	heap = hz3_heap_create();
	return heap ? SQLITE_OK : SQLITE_NOMEM;
}

static void stop(void *arg)
{
	(void)arg;
	hz3_heap_destroy(heap);
}

static const sqlite3_mem_methods methods = {
	.xMalloc = allocate,
	.xFree = hz3_free,
	.xRealloc = reallocate,
	.xSize = size_of,
	.xRoundup = good_size,
	.xInit = start,
	.xShutdown = stop,
};

static int check_sum(void *arg, int nr, char **value, char **name)
{
	(void)name;
	*(int *)arg = nr == 1 && atol(value[0]) == 199990000;
	return 0;
}

static void run_own(void)
{
	sqlite3 *db;
	int ok = 0;

	MUST(!sqlite3_open(":memory:", &db));
	MUST(!sqlite3_exec(db,
			   "CREATE TABLE t (i INTEGER, s TEXT);"
			   "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL"
			   " SELECT i + 1 FROM n WHERE i < 19999)"
			   " INSERT INTO t SELECT i, 'line ' || i FROM n;"
			   "CREATE INDEX t_s ON t (s);",
			   NULL, NULL, NULL));
	MUST(!sqlite3_exec(db, "SELECT sum(i) FROM t WHERE s > 'l'", check_sum,
			   &ok, NULL));
	MUST(ok);
	sqlite3_close(db);
	sqlite3_shutdown();
}

static void run_in_heap(void)
{
	MUST(!sqlite3_config(SQLITE_CONFIG_MALLOC, &methods));
	MUST(!sqlite3_initialize() && heap);
	run_own();
	must_be_gone();
}

int main(void)
{
	measure("SQLite, own", run_own);
	measure("SQLite, a heap", run_in_heap);
	return 0;
}
