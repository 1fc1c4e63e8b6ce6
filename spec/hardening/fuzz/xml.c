/*
** xml.c - the reading of XML, beside a plain one on expat itself that keeps
** the same rules. The comparison is in checks/xml.lua.
*/

#include <string.h>
#include <strings.h>

#include <expat.h>
#include <lauxlib.h>

#include "fuzz.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t n);

/* one reading; the stack of `L` is that of the open elements */
typedef struct reading {
  lua_State *L;
  int base, strict, refused;
  lua_Integer depth, elements;
} reading;


static void XMLCALL start (void *ud, const XML_Char *name,
                           const XML_Char **attributes) {
  reading *r = ud;
  lua_State *L = r->L;
  if (lua_gettop(L) - r->base >= r->depth || r->elements-- <= 0
      || (r->strict && (strlen(name) > 256 || strchr(name, ':') != NULL
                        || attributes[0] != NULL)))
    r->refused = 1;
  if (r->refused)
    return;
  luaL_checkstack(L, 4, "deep");
  lua_newtable(L);
  lua_pushstring(L, name);
  lua_setfield(L, -2, "name");
  lua_pushliteral(L, "");
  lua_setfield(L, -2, "text");
  if (lua_gettop(L) > r->base + 1) {
    lua_pushvalue(L, -1);
    lua_rawseti(L, -3, (lua_Integer)lua_rawlen(L, -3) + 1);
  }
}


/* The root stays, for whoever asked. */
static void XMLCALL end (void *ud, const XML_Char *name) {
  reading *r = ud;
  (void)name;
  if (!r->refused && lua_gettop(r->L) > r->base + 1)
    lua_pop(r->L, 1);
}


static void XMLCALL text (void *ud, const XML_Char *s, int n) {
  reading *r = ud;
  if (r->refused)
    return;
  lua_getfield(r->L, -1, "text");
  lua_pushlstring(r->L, s, (size_t)n);
  lua_concat(r->L, 2);
  lua_setfield(r->L, -2, "text");
}


static void XMLCALL declaration (void *ud, const XML_Char *version,
                                 const XML_Char *encoding, int alone) {
  (void)version;
  (void)alone;
  if (encoding != NULL && strcasecmp(encoding, "utf-8") != 0)
    ((reading *)ud)->refused = 1;
}


static void XMLCALL doctype (void *ud, const XML_Char *name,
                             const XML_Char *system, const XML_Char *public,
                             int internal) {
  (void)name;
  (void)system;
  (void)public;
  (void)internal;
  ((reading *)ud)->refused = 1;
}


static void XMLCALL instruction (void *ud, const XML_Char *target,
                                 const XML_Char *data) {
  reading *r = ud;
  (void)target;
  (void)data;
  r->refused = r->refused || r->strict;
}


/* [-4, +1] reference(text, depth, elements, strict) -> root | nil */
static int reference (lua_State *L) {
  reading r = {0};
  size_t n;
  const char *s = luaL_checklstring(L, 1, &n);
  enum XML_Status status;
  XML_Parser parser = XML_ParserCreate(NULL);
  fuzz_expect(parser != NULL);
  r.L = L;
  r.base = lua_gettop(L);
  r.depth = luaL_checkinteger(L, 2);
  r.elements = luaL_checkinteger(L, 3);
  r.strict = lua_toboolean(L, 4);
  XML_SetUserData(parser, &r);
  XML_SetElementHandler(parser, start, end);
  XML_SetCharacterDataHandler(parser, text);
  XML_SetXmlDeclHandler(parser, declaration);
  XML_SetStartDoctypeDeclHandler(parser, doctype);
  XML_SetProcessingInstructionHandler(parser, instruction);
  status = XML_Parse(parser, s, (int)n, 1);
  XML_ParserFree(parser);
  if (status != XML_STATUS_OK || r.refused)
    lua_pushnil(L);
  return 1;
}


int LLVMFuzzerTestOneInput (const uint8_t *data, size_t n) {
  lua_State *L = fuzz_state();
  fuzz_check(L, "xml");
  lua_pushlstring(L, (const char *)data, n);
  lua_pushcfunction(L, reference);
  fuzz_call(L, 2, 0);
  return 0;
}
