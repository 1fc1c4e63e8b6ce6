/*
** wx.c - objects, failures and buffers; see wx.h for the contracts.
** Compiled into wxbot/core.so and into wxbot/curl.so: no symbol of
** libcrypto or libcurl may be used here.
*/

#ifndef _GNU_SOURCE
#define _GNU_SOURCE  /* dladdr */
#endif

#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wx.h"

#define BUFFER_CLASS "wxbot.buffer"


/* The name of the file that this is in is found by an address in it. */
void wx_stay_loaded (void) {
  static int here;
  Dl_info found;
  if (dladdr(&here, &found) != 0)
    dlopen(found.dli_fname, RTLD_LAZY | RTLD_NODELETE);
}


void wx_wipe (void *data, size_t n) {
  static void *(*const volatile fill) (void *, int, size_t) = memset;
  if (n > 0)
    fill(data, 0, n);
}


/*
** {======================================================
** Buffers
** =======================================================
*/

/*
** Moves the bytes to a new block of `size` bytes. Not realloc: the old
** block may hold a secret and is wiped. 1, or 0 without memory.
*/
static int resize (wx_buffer *buf, size_t size) {
  char *data = malloc(size);
  size_t len = buf->len;
  if (data == NULL)
    return 0;
  if (buf->data != NULL)
    memcpy(data, buf->data, len);
  wx_buffer_free(buf);
  buf->data = data;
  buf->len = len;
  buf->size = size;
  return 1;
}


int wx_buffer_reserve (wx_buffer *buf, size_t more) {
  size_t need, size;
  if (more > SIZE_MAX - buf->len)
    return 0;
  need = buf->len + more;
  if (need <= buf->size && buf->data != NULL)
    return 1;
  size = buf->size <= SIZE_MAX / 2 ? buf->size * 2 : SIZE_MAX;
  if (size < need)
    size = need;
  return resize(buf, size > 0 ? size : 1);
}


int wx_buffer_append (wx_buffer *buf, const void *data, size_t n) {
  if (n == 0)
    return 1;
  if (!wx_buffer_reserve(buf, n))
    return 0;
  memcpy(buf->data + buf->len, data, n);
  buf->len += n;
  return 1;
}


void wx_buffer_free (wx_buffer *buf) {
  if (buf->data != NULL) {
    wx_wipe(buf->data, buf->size);
    free(buf->data);
  }
  buf->data = NULL;
  buf->len = buf->size = 0;
}


/* buffer:close(), __gc, __close */
static int buffer_close (lua_State *L) {
  wx_buffer_free(wx_checkself(L, BUFFER_CLASS));
  return 0;
}


wx_buffer *wx_newbuffer (lua_State *L) {
  static const luaL_Reg none[] = {{NULL, NULL}};
  wx_newclass(L, BUFFER_CLASS, none, buffer_close);
  return wx_newobject(L, sizeof(wx_buffer), BUFFER_CLASS);
}


wx_buffer *wx_newscratch (lua_State *L, size_t n) {
  wx_buffer *buf = wx_newbuffer(L);
  if (!wx_buffer_reserve(buf, n))
    luaL_error(L, "not enough memory");
  return buf;
}


char *wx_scratch_open (lua_State *L, wx_scratch *scratch, size_t n) {
  scratch->big = n > WX_SMALL ? wx_newscratch(L, n) : NULL;
  return scratch->big != NULL ? scratch->big->data : scratch->small;
}


void wx_scratch_close (wx_scratch *scratch, size_t used) {
  if (scratch->big != NULL) {
    scratch->big->size = used;  /* what there is to wipe */
    wx_buffer_free(scratch->big);
  }
  else
    wx_wipe(scratch->small, used);
}

/* }====================================================== */


/*
** {======================================================
** Objects
** =======================================================
*/

/* tostring(object): the name of its class, nothing of what is inside */
static int object_tostring (lua_State *L) {
  lua_pushvalue(L, lua_upvalueindex(1));
  return 1;
}


/*
** `__gc` comes last and tells that the table is complete: a registration
** that ran out of memory half way is done again by the next one. Functions
** have the metatable as their upvalue, for wx_checkself.
*/
void wx_newclass (lua_State *L, const char *tname,
                  const luaL_Reg *methods, lua_CFunction close) {
  luaL_newmetatable(L, tname);  /* metatable */
  lua_getfield(L, -1, "__gc");
  if (lua_isnil(L, -1)) {  /* metatable, nil */
    lua_pop(L, 1);
    lua_newtable(L);
    lua_pushvalue(L, -2);
    luaL_setfuncs(L, methods, 1);  /* metatable, methods */
    lua_pushstring(L, tname);
    lua_pushcclosure(L, object_tostring, 1);
    lua_setfield(L, -3, "__tostring");
    lua_pushvalue(L, -2);
    lua_pushcclosure(L, close, 1);  /* metatable, methods, gc */
    lua_getfield(L, -2, "close");
    if (lua_isnil(L, -1)) {
      lua_pushvalue(L, -2);
      lua_replace(L, -2);
    }
    lua_pushvalue(L, -1);
    lua_setfield(L, -4, "close");
    lua_setfield(L, -4, "__close");
    lua_insert(L, -2);  /* metatable, gc, methods */
    lua_setfield(L, -3, "__index");
    lua_pushvalue(L, -1);
    lua_setfield(L, -3, "__gc");
  }
  lua_pop(L, 2);
}


void *wx_newobject (lua_State *L, size_t size, const char *tname) {
  void *object = wx_newuserdata(L, size);
  memset(object, 0, size);
  luaL_setmetatable(L, tname);
  return object;
}


void *wx_checkself (lua_State *L, const char *tname) {
  void *object = lua_touserdata(L, 1);
  if (object != NULL && lua_getmetatable(L, 1)) {
    int same = lua_rawequal(L, -1, lua_upvalueindex(1));
    lua_pop(L, 1);
    if (same)
      return object;
  }
  return luaL_checkudata(L, 1, tname);
}

/* }====================================================== */


int wx_fail (lua_State *L, const char *code, const char *message) {
  lua_pushnil(L);
  lua_pushstring(L, message);
  lua_pushstring(L, code);
  return 3;
}


int wx_failat (lua_State *L, const char *code, const char *message,
               size_t position) {
  char text[24];
  snprintf(text, sizeof(text), "%lu", (unsigned long)position);
  lua_pushnil(L);
  lua_pushfstring(L, "%s at byte %s", message, text);
  lua_pushstring(L, code);
  return 3;
}
