/*
** wx.h - what every C file of wxbot shares: objects, the failure triple
** and buffers that a userdata owns. Nothing here needs libcrypto or
** libcurl.
*/

#ifndef WX_H
#define WX_H

#include <stddef.h>
#include "lua_compat.h"

/*
** Growable bytes. Zero-initialised is empty. The functions that take one
** never touch Lua, so C callbacks may use them.
*/
typedef struct wx_buffer {
  char *data;
  size_t len;   /* bytes in use */
  size_t size;  /* bytes allocated */
} wx_buffer;

/* Makes room for `more` bytes after `len`. 1, or 0 without memory. */
int wx_buffer_reserve (wx_buffer *buf, size_t more);

/* Adds `n` bytes. 1, or 0 without memory (then nothing was added). */
int wx_buffer_append (wx_buffer *buf, const void *data, size_t n);

/* Wipes and frees; the buffer is empty and usable afterwards. */
void wx_buffer_free (wx_buffer *buf);

/* [-0, +1] Pushes a userdata that owns an empty buffer and frees it when
** it is collected. Free it early with wx_buffer_free. */
wx_buffer *wx_newbuffer (lua_State *L);

/* [-0, +1] Like wx_newbuffer, with room for `n` bytes; raises without
** memory. */
wx_buffer *wx_newscratch (lua_State *L, size_t n);

/*
** Room for one call: small sizes on the C stack, large ones in a buffer
** userdata. Never kept between calls: pushing a string may run a Lua
** finalizer, which may well call the very function that is working.
*/
#define WX_SMALL 16384

typedef struct wx_scratch {
  wx_buffer *big;  /* NULL: `small` is enough */
  char small[WX_SMALL];
} wx_scratch;

/* [-0, +(0|1)] Gives `n` bytes; raises without memory. */
char *wx_scratch_open (lua_State *L, wx_scratch *scratch, size_t n);

/* Wipes the first `used` bytes and frees. */
void wx_scratch_close (wx_scratch *scratch, size_t used);

/* Keeps this module in memory to the end of the process, where there is a way.
** LuaJIT unloads modules before it has run every finalizer, and a thread that
** libcurl began may outlive the state. */
void wx_stay_loaded (void);

/* Overwrites `n` bytes in a way that no compiler leaves out. */
void wx_wipe (void *data, size_t n);

/* [-0, +0] Registers the metatable `tname` once per state: methods, and
** `close` (idempotent, takes the object at index 1) as the method `close`,
** as `__gc` and as `__close`; but for `__gc` a method `close` takes its place.
** `__tostring` gives the name alone. */
void wx_newclass (lua_State *L, const char *tname,
                  const luaL_Reg *methods, lua_CFunction close);

/* [-0, +1] Pushes a zeroed userdata of that class. What it is to own is
** made afterwards, so that no Lua error can leak it. */
void *wx_newobject (lua_State *L, size_t size, const char *tname);

/* [-0, +0] The object of that class at index 1; raises when there is none.
** In what wx_newclass registered it costs a third of luaL_checkudata. */
void *wx_checkself (lua_State *L, const char *tname);

/* [-0, +3] Pushes nil, the message and the code; returns 3. */
int wx_fail (lua_State *L, const char *code, const char *message);

/* [-0, +3] The same, for something that went wrong at byte `position`
** (counted from 1): "message at byte N". */
int wx_failat (lua_State *L, const char *code, const char *message,
               size_t position);

#endif
