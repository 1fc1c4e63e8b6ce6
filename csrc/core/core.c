/*
** core.c - the module wxbot.core: bytes in, bytes out.
** Misuse raises; what data decides returns nil, a message and a code.
*/

#include <openssl/crypto.h>

#include "core.h"


WX_EXPORT int luaopen_wxbot_core (lua_State *L);


/* isyieldable() -> boolean: could the caller wait here, or is a C function
** in between? Lua has the same, but nginx takes it away. */
static int core_isyieldable (lua_State *L) {
  lua_pushboolean(L, lua_isyieldable(L));
  return 1;
}


/* [-0, +1] The table of all functions; `openssl` is the version of the
** OpenSSL that was loaded. */
int luaopen_wxbot_core (lua_State *L) {
  wx_checkversion(L);
  wx_stay_loaded();
  lua_newtable(L);
  wx_open_codec(L);
  wx_open_digest(L);
  wx_open_msgcrypt(L);
  wx_open_rawcrypt(L);
  wx_open_jwt(L);
  wx_open_jsontext(L);
  wx_open_marks(L);
  wx_open_file(L);
  wx_open_signals(L);
  lua_pushcfunction(L, core_isyieldable);
  lua_setfield(L, -2, "isyieldable");
  lua_pushstring(L, OpenSSL_version(OPENSSL_VERSION_STRING));
  lua_setfield(L, -2, "openssl");
  return 1;
}
