/*
** signals.c - Ctrl-C and SIGTERM as something to look for, for a program that
** ends what it has begun. A library installs no handlers: only the command
** calls this.
*/

#define _POSIX_C_SOURCE 200809L  /* sigaction */

#include <errno.h>
#include <signal.h>
#include <string.h>

#include "core.h"

static volatile sig_atomic_t noted;

/* What the two signals did before they were noted. */
static struct sigaction before_int, before_term;
static int is_noting;


static void note (int number) {
  noted = number;
}


/* signals_note() -> true: from now on SIGINT and SIGTERM are noted. One that
** comes a second time does what it does without a handler. */
static int signals_note (lua_State *L) {
  struct sigaction action;
  memset(&action, 0, sizeof(action));
  action.sa_handler = note;
  action.sa_flags = SA_RESTART | (int)SA_RESETHAND;
  sigemptyset(&action.sa_mask);
  noted = 0;
  if (sigaction(SIGINT, &action, is_noting ? NULL : &before_int) != 0
      || sigaction(SIGTERM, &action, is_noting ? NULL : &before_term) != 0)
    return wx_fail(L, "system", strerror(errno));
  is_noting = 1;
  lua_pushboolean(L, 1);
  return 1;
}


/* signals_leave() -> they do what they did before signals_note; what was noted
** stays so */
static int signals_leave (lua_State *L) {
  (void)L;
  if (is_noting) {
    sigaction(SIGINT, &before_int, NULL);
    sigaction(SIGTERM, &before_term, NULL);
    is_noting = 0;
  }
  return 0;
}


/* signals_noted() -> number of the last signal that was noted; nil: none */
static int signals_noted (lua_State *L) {
  if (noted == 0)
    lua_pushnil(L);
  else
    lua_pushinteger(L, noted);
  return 1;
}


static const luaL_Reg functions[] = {
  {"signals_note", signals_note},
  {"signals_leave", signals_leave},
  {"signals_noted", signals_noted},
  {NULL, NULL}
};


void wx_open_signals (lua_State *L) {
  luaL_setfuncs(L, functions, 0);
}
