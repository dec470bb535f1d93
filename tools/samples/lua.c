// SPDX-License-Identifier: MIT
/*
 * Lua with a heap for each state. The allocator is a page of code; with the
 * heap's limit a script that wants too much gets "not enough memory" and does
 * no harm, and closing a state need not free its objects one by one.
 * libs: lua5.4
 * needs: !HZ3_OVERRIDE_LIBC
 */
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <string.h>

#include "sample.h"

static const char script[] =
	"local t = {}\n"
	"for i = 1, 200000 do\n"
	"  t[i % 5000] = { name = 'n' .. i, sub = { i, i + 1 } }\n"
	"end\n"
	"return #t";
static const char greedy[] = "local t = {} while true do t[#t + 1] = {} end";

/* lua_Alloc: @ud is the heap. */
static void *allocate(void *ud, void *ptr, size_t old, size_t size)
{
	(void)old;
	if (size)
		return hz3_heap_realloc(ud, ptr, size);
	hz3_free(ptr);
	return NULL;
}

static void run(lua_State *lua)
{
	MUST(lua);
	luaL_openlibs(lua);
	MUST(!luaL_dostring(lua, script));
	MUST(lua_tointeger(lua, -1) == 4999);
}

static void run_in_heap(void)
{
	struct hz3_heap *heap = hz3_heap_create();

	MUST(heap);
	run(lua_newstate(allocate, heap));
	/* Instead of lua_close(): no finalizer of this script matters. */
	hz3_heap_destroy(heap);
	must_be_gone();
}

static void run_greedy(void)
{
	struct hz3_heap *heap = hz3_heap_create();
	lua_State *lua = lua_newstate(allocate, heap);

	MUST(lua);
	hz3_heap_set_limit(heap, 4 << 20);
	MUST(luaL_dostring(lua, greedy));
	MUST(strstr(lua_tostring(lua, -1), "not enough memory"));
	lua_close(lua);
	hz3_heap_destroy(heap);
	must_be_gone();
}

static void run_own(void)
{
	lua_State *lua = luaL_newstate();

	run(lua);
	lua_close(lua);
}

int main(void)
{
	measure("Lua, own malloc", run_own);
	measure("Lua, a heap", run_in_heap);
	measure("Lua, limited", run_greedy);
	return 0;
}
