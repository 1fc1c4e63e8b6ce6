/*
** fuzz.h - what the harnesses share: one Lua state with wxbot.core in it,
** and calls into it. A harness that sees something wrong ends the process,
** which is what libFuzzer reports.
*/

#ifndef WX_FUZZ_H
#define WX_FUZZ_H

#include <stddef.h>
#include <stdint.h>

#include <lua.h>

#define FUZZ_SECRET "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
#define FUZZ_ID "wxb11529c136998cb6"

/* Ends the process and says what was expected. */
#define fuzz_expect(condition) \
  ((condition) ? (void)0 : fuzz_fail(__FILE__, __LINE__, #condition))

void fuzz_fail (const char *file, int line, const char *what);

/* The state, with an empty stack. The first call makes it. */
lua_State *fuzz_state (void);

/* [-0, +1] Pushes what checks/NAME.lua returns, a function of the input that
** raises what is wrong. From then on libFuzzer learns which lines of Lua an
** input has reached. One name for each process. */
void fuzz_check (lua_State *L, const char *name);

/* [-0, +1] Pushes a function of wxbot.core. */
void fuzz_function (lua_State *L, const char *name);

/* [-0, +2] Pushes a method of the object at `index`, and the object. */
void fuzz_method (lua_State *L, int index, const char *name);

/* [-n, +results] Calls; an error, which data must never cause, fails. */
void fuzz_call (lua_State *L, int n, int results);

/* Whether the string at `index` is just these bytes. */
int fuzz_is (lua_State *L, int index, const void *data, size_t n);

/* Room for `n` bytes that ends just where they do; to be freed. */
void *fuzz_room (size_t n);

/* OpenSSL's base64 of `n` bytes into a text to be freed. With `url`, in
** that alphabet and without padding. */
char *fuzz_encode (const void *data, size_t n, int url, size_t *len);

/* What a text of base64 or, with `url`, base64url stands for, by OpenSSL:
** bytes to be freed, or NULL unless it is the one text for its bytes. */
unsigned char *fuzz_decode (const char *text, size_t n, int url,
                            size_t *len);

#endif
