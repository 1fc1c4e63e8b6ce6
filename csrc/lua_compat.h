/*
** lua_compat.h - the only file that knows which Lua this is.
** Lua 5.3 to 5.5 and LuaJIT 2.1 (with the 5.2 auxiliary functions) are served
** from one source; everything else uses the names given here.
*/

#ifndef WX_COMPAT_H
#define WX_COMPAT_H

#include <stdio.h>
#include <lua.h>
#include <lauxlib.h>
#include <lualib.h>

#ifndef luaL_newlib
#error "wxbot needs Lua 5.3 or newer, or LuaJIT 2.1; plain 5.1 is too old"
#endif

#if LUA_VERSION_NUM >= 502
#define wx_checkversion(L) luaL_checkversion(L)
#else
#define wx_checkversion(L) ((void)(L))
#endif

/* a full userdata without user values: [-0, +1, m] */
#if LUA_VERSION_NUM >= 504
#define wx_newuserdata(L, size) lua_newuserdatauv((L), (size), 0)
#else
#define wx_newuserdata(L, size) lua_newuserdata((L), (size))
#endif

/* the length of a table or string without metamethods: [-0, +0, -] */
#if LUA_VERSION_NUM >= 502
#define wx_rawlen(L, i) lua_rawlen((L), (i))
#else
#define wx_rawlen(L, i) lua_objlen((L), (i))
#endif

/* a whole number, as an integer where there are such: [-0, +1, -] */
#if LUA_VERSION_NUM >= 503
#define wx_pushwhole(L, n) lua_pushinteger((L), (lua_Integer)(n))
#else
#define wx_pushwhole(L, n) lua_pushnumber((L), (n))
#endif

/* the state whose hook lua.c sets on Ctrl-C: hooks are per coroutine in
** 5.4, per process in LuaJIT. It lives as long as L does: [-0, +0, -] */
#if LUA_VERSION_NUM >= 502
static inline lua_State *wx_mainthread (lua_State *L) {
  lua_State *top;
  lua_rawgeti(L, LUA_REGISTRYINDEX, LUA_RIDX_MAINTHREAD);
  top = lua_tothread(L, -1);
  lua_pop(L, 1);
  return top;
}
#else
#define wx_mainthread(L) (L)
#endif

/* the file of Lua's io at index i, NULL when it is closed; raises when there
** is none: [-0, +0, v] */
#if LUA_VERSION_NUM >= 502
static inline FILE *wx_checkfile (lua_State *L, int i) {
  luaL_Stream *stream = luaL_checkudata(L, i, LUA_FILEHANDLE);
  return stream->closef == NULL ? NULL : stream->f;
}
#else
#define wx_checkfile(L, i) (*(FILE **)luaL_checkudata((L), (i), LUA_FILEHANDLE))
#endif

/* the library is built with hidden symbols; only luaopen_* is seen */
#if defined(__GNUC__)
#define WX_EXPORT __attribute__((visibility("default")))
#else
#define WX_EXPORT
#endif

#endif
