/*
** torture.h - `make torture` puts this in front of every file of csrc: each
** call that Lua's manual lets allocate is then preceded and followed by a
** full collection, finalizers and all (torture.c).
*/

#ifndef WX_TORTURE_H
#define WX_TORTURE_H

#include <lua.h>
#include <lauxlib.h>

#ifndef WX_TORTURE_ITSELF
#define lua_concat torture_concat
#define lua_createtable torture_createtable
#define lua_getfield torture_getfield
#define lua_next torture_next
#define lua_pushcclosure torture_pushcclosure
#define lua_pushfstring torture_pushfstring
#define lua_pushlstring torture_pushlstring
#define lua_pushstring torture_pushstring
#define lua_rawset torture_rawset
#define lua_setfield torture_setfield
#define lua_tolstring torture_tolstring
#define luaL_argerror torture_argerror
#define luaL_checklstring torture_checklstring
#define luaL_checkudata torture_checkudata
#define luaL_error torture_error
#define luaL_newmetatable torture_newmetatable
#define luaL_optlstring torture_optlstring
#define luaL_setfuncs torture_setfuncs
#define luaL_setmetatable torture_setmetatable
#if LUA_VERSION_NUM >= 504
#define lua_newuserdatauv torture_newuserdatauv
#else
#define lua_newuserdata torture_newuserdata
#endif
#endif

void torture_concat (lua_State *L, int n);
void torture_createtable (lua_State *L, int narr, int nrec);
#if LUA_VERSION_NUM >= 503
int torture_getfield (lua_State *L, int i, const char *name);
#else
void torture_getfield (lua_State *L, int i, const char *name);
#endif
void *torture_newuserdata (lua_State *L, size_t size);
void *torture_newuserdatauv (lua_State *L, size_t size, int values);
int torture_next (lua_State *L, int i);
void torture_pushcclosure (lua_State *L, lua_CFunction f, int n);
const char *torture_pushfstring (lua_State *L, const char *format, ...);
void torture_pushlstring (lua_State *L, const char *s, size_t n);
void torture_pushstring (lua_State *L, const char *s);
void torture_rawset (lua_State *L, int i);
void torture_setfield (lua_State *L, int i, const char *name);
const char *torture_tolstring (lua_State *L, int i, size_t *n);
int torture_argerror (lua_State *L, int arg, const char *message);
const char *torture_checklstring (lua_State *L, int arg, size_t *n);
void *torture_checkudata (lua_State *L, int arg, const char *name);
int torture_error (lua_State *L, const char *format, ...);
int torture_newmetatable (lua_State *L, const char *name);
const char *torture_optlstring (lua_State *L, int arg, const char *dflt,
                                size_t *n);
void torture_setfuncs (lua_State *L, const luaL_Reg *functions, int n);
void torture_setmetatable (lua_State *L, const char *name);

#endif
