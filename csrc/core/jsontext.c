/*
** jsontext.c - JSON, strictly: a text is checked whole before its values are
** made. RFC 8259 grammar, valid UTF-8, no lone surrogate, no name twice in one
** object, no number that a double cannot hold, bounded depth. Integers of
** more than 15 digits, which a double would round, become strings; null is
** absent; lists without elements have a metatable. The locale's decimal mark
** has no part in it.
** Who asks for it gets a mark (marks.c) for what a string may not hold; the
** names of members and all else stay strict.
**
** Relies on the NUL that Lua keeps behind every string: no rule accepts
** it, so looking at the next byte is always allowed.
*/

#include <langinfo.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core.h"

#define JSONTEXT_CLASS "wxbot.jsontext"

#define DEFAULT_DEPTH 32
#define MAX_DEPTH 1000  /* both recurse, with less than 200 bytes a level */
#define MAX_DIGITS 15   /* any integer of so many is exact in a double */
#define FEW_NAMES 24    /* so many are compared each with each */
#define KEPT (64 * 1024)

#define MAX_WHOLE 9223372036854775808.0  /* 2^63 */
#define SIZES 64  /* so many tables are made as large as they become */

/* a name of an object that is still open */
typedef struct name {
  size_t at;     /* offset of its quote in the text */
  size_t start;  /* offset of its bytes in the text, or in `decoded` */
  size_t len;
  int escaped;   /* 1: the bytes are in `decoded` */
} name;

/* upvalue 1 of json_decode; holds nothing between calls but room */
typedef struct reader {
  const char *text, *p, *end;
  size_t depth;      /* how much deeper it may go */
  size_t values;     /* how many more it may have */
  int tolerant;      /* strings may hold what is to be marked */
  int marked;        /* there was something to mark */
  int raw;           /* null is there, long integers are numbers */
  int *sizes;        /* members of the first arrays and objects */
  size_t tables;     /* how many of them were begun */
  const char *error; /* NULL: out of memory */
  wx_buffer names;   /* of all open objects, as `name` */
  wx_buffer decoded; /* the bytes of names that had escapes */
  int closed;        /* the Lua state is about to end: keep nothing */
} reader;


/* Notes what is wrong at `where`; returns 0. */
static int refuse (reader *r, const char *where, const char *error) {
  r->p = where;
  r->error = error;
  return 0;
}


/* The same for a byte that no rule allows here. */
static int unexpected (reader *r) {
  return refuse(r, r->p, r->p == r->end ? "unexpected end"
                                        : "unexpected character");
}


static const char *skip_space (const char *p) {
  while (*p == ' ' || *p == '\n' || *p == '\r' || *p == '\t')
    p++;
  return p;
}


static int is_digit (char c) {
  return c >= '0' && c <= '9';
}


/*
** {======================================================
** Strings and names
** =======================================================
*/

/* The number of four hex digits, or -1. */
static int32_t hex4 (const char *p) {
  int32_t value = 0;
  int i;
  for (i = 0; i < 4; i++) {
    char c = p[i];
    if (is_digit(c))
      value = value * 16 + (c - '0');
    else if (c >= 'a' && c <= 'f')
      value = value * 16 + (c - 'a' + 10);
    else if (c >= 'A' && c <= 'F')
      value = value * 16 + (c - 'A' + 10);
    else
      return -1;
  }
  return value;
}


/* Reads the \uXXXX at `p`, or two that make a surrogate pair. Returns the
** number, a lone surrogate too, and its length in the text, or -1. */
static int32_t unicode (const char *p, size_t *len) {
  int32_t low, code = hex4(p + 2);
  *len = 6;
  if (code < 0xd800 || code > 0xdbff || p[6] != '\\' || p[7] != 'u')
    return code;
  low = hex4(p + 8);
  if (low < 0xdc00 || low > 0xdfff)
    return code;
  *len = 12;
  return 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
}


/* Writes a number as UTF-8 does; returns how many bytes. */
static size_t put_utf8 (char *out, int32_t code) {
  size_t n = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  static const unsigned char mark[] = {0, 0, 0xc0, 0xe0, 0xf0};
  size_t i;
  for (i = n - 1; i > 0; i--) {
    out[i] = (char)(0x80 | (code & 0x3f));
    code >>= 6;
  }
  out[0] = (char)(mark[n] | code);
  return n;
}


/* Writes what the escape at `p` stands for, at most 4 bytes, and puts its
** length in the text to `*len`. Returns how many bytes, or 0 if there is no
** such escape. */
static size_t unescape_one (const char *p, char *out, size_t *len) {
  static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
  const char *found;
  if (p[1] == 'u') {
    int32_t code = unicode(p, len);
    return code < 0 ? 0 : put_utf8(out, code);
  }
  *len = 2;
  found = p[1] == '\0' ? NULL : strchr(from, p[1]);
  if (found == NULL)
    return 0;
  *out = to[found - from];
  return 1;
}


/* Goes on behind `len` bytes that are to be marked. */
static int mark (reader *r, size_t len) {
  r->marked = 1;
  r->p += len;
  return 1;
}


/* Reads an escape sequence; p is at its backslash. */
static int escape (reader *r, int tolerant) {
  char bytes[4];
  size_t len, odd_len, n = unescape_one(r->p, bytes, &len);
  int is_u = r->p[1] == 'u';
  if (n == 0 || (!tolerant && wx_utf8(bytes, n) == 0))
    return refuse(r, r->p, is_u ? "bad or lone \\u escape" : "bad escape");
  if (tolerant && wx_is_odd(bytes, n, &odd_len))
    return mark(r, len);
  r->p += len;
  return 1;
}


/* Reads a character that is no printable one of ASCII. */
static int character (reader *r, int tolerant) {
  size_t len, n = (size_t)(r->end - r->p);
  int odd, is_control = (unsigned char)*r->p < 0x20;
  if (n == 0)
    return unexpected(r);
  odd = wx_is_odd(r->p, n, &len);
  if (tolerant && (odd || is_control))
    return mark(r, len);
  if (is_control)
    return refuse(r, r->p, "control character in a string");
  if (odd && wx_utf8(r->p, n) == 0)
    return refuse(r, r->p, "not UTF-8");
  r->p += len;
  return 1;
}


/* Reads a string; p is at its quote. Tells whether it has escapes. */
static int string (reader *r, int tolerant, int *escaped) {
  *escaped = 0;
  for (r->p++; *r->p != '"'; ) {
    unsigned char c = (unsigned char)*r->p;
    if (c == '\\') {
      *escaped = 1;
      if (!escape(r, tolerant))
        return 0;
    }
    else if (c >= 0x20 && c < 0x80)
      r->p++;
    else if (!character(r, tolerant))
      return 0;
  }
  r->p++;
  return 1;
}


/* Writes what the string from `p` to its quote at `end` says, with marks
** where they are asked for. Returns the end. */
static char *put_string (char *out, const char *p, const char *end,
                         int marked) {
  char bytes[4];
  size_t n, len, odd_len;
  for (; p < end; p += len) {
    unsigned char c = (unsigned char)*p;
    const char *from = p;
    int odd = 0;
    if (c == '\\') {
      n = unescape_one(p, bytes, &len);
      odd = marked && wx_is_odd(bytes, n, &odd_len);
      from = bytes;
    }
    else if (!marked || (c >= 0x20 && c < 0x80))
      n = len = 1;
    else {
      odd = wx_is_odd(p, (size_t)(end - p), &len) || c < 0x20;
      n = len;
    }
    if (odd)
      out = wx_put_mark(out, from, n);
    else {
      memcpy(out, from, n);
      out += n;
    }
  }
  return out;
}


/* Reads a name and remembers it; p is at its quote. */
static int member_name (reader *r) {
  name n;
  const char *start = r->p + 1;
  n.at = (size_t)(r->p - r->text);
  if (!string(r, 0, &n.escaped))
    return 0;
  n.start = (size_t)(start - r->text);
  n.len = (size_t)(r->p - 1 - start);
  if (n.escaped) {
    char *out;
    n.start = r->decoded.len;
    if (!wx_buffer_reserve(&r->decoded, n.len))
      return refuse(r, start, NULL);
    out = r->decoded.data + n.start;
    n.len = (size_t)(put_string(out, start, r->p - 1, 0) - out);
    r->decoded.len += n.len;
  }
  if (!wx_buffer_append(&r->names, &n, sizeof(n)))
    return refuse(r, start, NULL);
  return 1;
}


/* Any order will do that puts equal names together: shorter first. */
static int compare (const reader *r, const name *a, const name *b) {
  if (a->len != b->len)
    return a->len < b->len ? -1 : 1;
  if (a->len == 0)
    return 0;
  return memcmp((a->escaped ? r->decoded.data : r->text) + a->start,
                (b->escaped ? r->decoded.data : r->text) + b->start,
                a->len);
}


/* Moves names[i] down to its place in the heap of `n`. */
static void sift (const reader *r, name *names, size_t i, size_t n) {
  name moving = names[i];
  size_t child;
  while ((child = 2 * i + 1) < n) {
    if (child + 1 < n && compare(r, &names[child], &names[child + 1]) < 0)
      child++;
    if (compare(r, &moving, &names[child]) >= 0)
      break;
    names[i] = names[child];
    i = child;
  }
  names[i] = moving;
}


/* Heapsort: n log n whatever somebody sends, and no memory. */
static void sort (const reader *r, name *names, size_t n) {
  size_t i;
  for (i = n / 2; i-- > 0; )
    sift(r, names, i, n);
  for (i = n; i-- > 1; ) {
    name top = names[0];
    names[0] = names[i];
    names[i] = top;
    sift(r, names, 0, i);
  }
}


/* Refuses a name that comes twice among the `n` of one object. */
static int distinct (reader *r, name *names, size_t n) {
  size_t i, j, reach = n;
  if (n > FEW_NAMES) {
    sort(r, names, n);
    reach = 1;  /* equal ones are neighbours now */
  }
  for (i = 0; i < n; i++) {
    for (j = i + 1; j < n && j - i <= reach; j++) {
      if (compare(r, &names[i], &names[j]) == 0) {
        size_t at = names[i].at > names[j].at ? names[i].at : names[j].at;
        return refuse(r, r->text + at, "duplicate name");
      }
    }
  }
  return 1;
}

/* }====================================================== */


/*
** {======================================================
** Numbers
** =======================================================
*/

/* Reads at least one digit. */
static int digits (reader *r) {
  if (!is_digit(*r->p))
    return unexpected(r);
  while (is_digit(*r->p))
    r->p++;
  return 1;
}


/* The exponent that starts behind the 'e' at `p`, or 0 at `end`; beyond
** 10^15 it stays about there. */
static int64_t exponent (const char *p, const char *end) {
  int64_t value = 0;
  int negative = 0;
  if (p == end)
    return 0;
  p++;
  if (*p == '-' || *p == '+')
    negative = *p++ == '-';
  for (; p < end; p++) {
    if (value < 1000000000000000)
      value = value * 10 + (*p - '0');
  }
  return negative ? -value : value;
}


/* Whether a double holds the number from `p` (behind its sign) to `end`.
** What is at least `limit`, 10^308 times its first digit, rounds to
** infinity. */
static int fits (const char *p, const char *end) {
  static const char limit[] = "17976931348623158079";
  char lead[sizeof(limit) - 1];
  size_t n = 0;
  int64_t power = -1;  /* of ten, at the first digit that is not 0 */
  int point = 0;
  memset(lead, '0', sizeof(lead));
  for (; p < end && *p != 'e' && *p != 'E'; p++) {
    if (*p == '.')
      point = 1;
    else if (n == 0 && *p == '0')
      power -= point;
    else {
      if (n < sizeof(lead))
        lead[n] = *p;
      n++;
      power += !point;
    }
  }
  if (n == 0)
    return 1;
  power += exponent(p, end);
  return power < 308
      || (power == 308 && memcmp(lead, limit, sizeof(lead)) < 0);
}


/* Reads what may follow the whole part of a number. */
static int fraction (reader *r) {
  if (*r->p == '.') {
    r->p++;
    if (!digits(r))
      return 0;
  }
  if (*r->p == 'e' || *r->p == 'E') {
    r->p++;
    if (*r->p == '-' || *r->p == '+')
      r->p++;
    return digits(r);
  }
  return 1;
}


/* Reads a number; p is at its first character. */
static int number (reader *r) {
  const char *start, *whole_end;
  int is_number;
  if (*r->p == '-')
    r->p++;
  start = r->p;
  if (*r->p == '0')
    r->p++;
  else if (!digits(r))
    return 0;
  whole_end = r->p;
  if (!fraction(r))
    return 0;
  is_number = r->p != whole_end || (r->raw && r->p - start > MAX_DIGITS);
  return !is_number || fits(start, r->p)
      || refuse(r, start, "number out of range");
}

/* }====================================================== */


/*
** {======================================================
** Values
** =======================================================
*/

static int value (reader *r);


static int word (reader *r, const char *expected) {
  for (; *expected != '\0'; expected++, r->p++) {
    if (*r->p != *expected)
      return unexpected(r);
  }
  return 1;
}


/* Reads what follows an element: 1 after a comma, 0 after the closing
** character, -1 if it is neither. */
static int more (reader *r, char close) {
  r->p = skip_space(r->p);
  if (*r->p != ',' && *r->p != close) {
    unexpected(r);
    return -1;
  }
  return *r->p++ == ',';
}


/* Notes how many members the array or object `index` has. */
static int sized (reader *r, size_t index, size_t n) {
  if (index < SIZES)
    r->sizes[index] = (int)n;
  return 1;
}


/* Reads the elements of the array `index`; p is behind its bracket. */
static int array (reader *r, size_t index) {
  int next = 1;
  size_t n;
  r->p = skip_space(r->p);
  if (*r->p == ']') {
    r->p++;
    return sized(r, index, 0);
  }
  for (n = 0; next == 1; n++) {
    if (!value(r))
      return 0;
    next = more(r, ']');
  }
  return next == 0 && sized(r, index, n);
}


/* Reads `"name": value`. */
static int member (reader *r) {
  r->p = skip_space(r->p);
  if (*r->p != '"')
    return unexpected(r);
  if (!member_name(r))
    return 0;
  r->p = skip_space(r->p);
  if (*r->p != ':')
    return unexpected(r);
  r->p++;
  return value(r);
}


/* Reads the members of the object `index`; p is behind its brace. Its names
** are forgotten afterwards. */
static int object (reader *r, size_t index) {
  size_t n, names = r->names.len, decoded = r->decoded.len;
  int next = 1;
  r->p = skip_space(r->p);
  if (*r->p == '}') {
    r->p++;
    return sized(r, index, 0);
  }
  while (next == 1) {
    if (!member(r))
      return 0;
    next = more(r, '}');
  }
  n = (r->names.len - names) / sizeof(name);
  if (next != 0
      || !distinct(r, (name *)(void *)(r->names.data + names), n))
    return 0;
  r->names.len = names;
  r->decoded.len = decoded;
  return sized(r, index, n);
}


/* Reads an array or object; p is at its first character. */
static int container (reader *r) {
  int good;
  if (r->depth == 0)
    return refuse(r, r->p, "nested too deep");
  r->depth--;
  good = *r->p++ == '[' ? array(r, r->tables++) : object(r, r->tables++);
  r->depth++;
  return good;
}


/* Reads any value and the space before it. */
static int value (reader *r) {
  int escaped;
  r->p = skip_space(r->p);
  if (r->values-- == 0)
    return refuse(r, r->p, "too many values");
  switch (*r->p) {
    case '[': case '{': return container(r);
    case '"': return string(r, r->tolerant, &escaped);
    case 't': return word(r, "true");
    case 'f': return word(r, "false");
    case 'n': return word(r, "null");
    default:
      if (*r->p == '-' || is_digit(*r->p))
        return number(r);
      return unexpected(r);
  }
}


/* Gives back what an unusual text needed. */
static void trim (reader *r) {
  size_t keep = r->closed ? 0 : KEPT;
  if (r->names.size > keep)
    wx_buffer_free(&r->names);
  if (r->decoded.size > keep)
    wx_buffer_free(&r->decoded);
}


/* Reads a whole text, from `p`; 1, or 0 with `error` at `p`. */
static int check (reader *r) {
  int good;
  r->marked = 0;
  r->tables = 0;
  r->names.len = r->decoded.len = 0;
  good = value(r);
  trim(r);
  if (!good)
    return 0;
  r->p = skip_space(r->p);
  return r->p == r->end || unexpected(r);
}

/* }====================================================== */


/*
** {======================================================
** Making values of a text that was checked. The reader has no part in it: to
** make a value may run a finalizer, which may use the reader.
** =======================================================
*/

/* where json_decode has what it needs */
#define TEXT 1
#define LIST 2  /* the metatable of lists without elements */
#define ROOM 3  /* what owns the room of the maker, once there is one */

typedef struct maker {
  lua_State *L;
  const char *p;
  int marked;        /* there is something to mark */
  int raw;
  const int *sizes;
  size_t tables;     /* how many of them were begun */
  wx_buffer *room;   /* for strings that are not written as they are */
} maker;


static int make (maker *m);


/* [-0, +1] Pushes what the string from `start` to its quote at `end` says,
** which is not what is written. Large room is not kept, for then only the bytes
** in use are wiped: the others never became memory. */
static void push_decoded (maker *m, const char *start, const char *end,
                          int marked) {
  size_t used, n = (size_t)(end - start) * (marked ? WX_MARK_SIZE(1) : 1);
  if (m->room == NULL) {
    m->room = wx_newbuffer(m->L);
    lua_replace(m->L, ROOM);
  }
  if (!wx_buffer_reserve(m->room, n))
    luaL_error(m->L, "not enough memory");
  used = (size_t)(put_string(m->room->data, start, end, marked)
                  - m->room->data);
  if (n > KEPT)
    m->room->size = used;
  lua_pushlstring(m->L, m->room->data, used);
  if (n > KEPT)
    wx_buffer_free(m->room);
}


/* [-0, +1] Pushes the string at p. */
static void make_string (maker *m, int marked) {
  const char *start = m->p + 1, *end;
  int is_plain = !marked;
  for (end = start; *end != '"'; end++) {
    if (*end == '\\') {
      is_plain = 0;
      end++;
    }
  }
  m->p = end + 1;
  if (is_plain)
    lua_pushlstring(m->L, start, (size_t)(end - start));
  else
    push_decoded(m, start, end, marked);
}


/* The number that `n` bytes at `p` say. Behind them is no part of it: the
** decimal mark, which strtod looks for, is a point, or put into a copy. */
static double to_number (lua_State *L, const char *p, size_t n) {
  const char *mark = nl_langinfo(RADIXCHAR);
  double number;
  if (strcmp(mark, ".") == 0)
    return strtod(p, NULL);
  lua_pushlstring(L, p, n);
  number = strtod(luaL_gsub(L, lua_tostring(L, -1), ".", mark), NULL);
  lua_pop(L, 2);
  return number;
}


/* [-0, +1] Pushes the number at p: an integer if it is whole and Lua has
** such, and a string if it would be rounded. */
static void make_number (maker *m) {
  const char *start = m->p, *first = start + (*start == '-'), *p = first;
  size_t n = strspn(start, "+-.0123456789Ee");
  double number = 0;
  m->p += n;
  while (is_digit(*p) && p - first < MAX_DIGITS)
    number = number * 10 + (*p++ - '0');
  if (p == m->p)
    number = first > start ? -number : number;
  else if (!m->raw && p + strspn(p, "0123456789") == m->p) {
    lua_pushlstring(m->L, start, n);
    return;
  }
  else
    number = to_number(m->L, start, n);
  /* No floor(): not every compiler does without libm for it. */
  if (number >= -MAX_WHOLE && number < MAX_WHOLE
      && (double)(int64_t)number == number)
    wx_pushwhole(m->L, number);
  else
    lua_pushnumber(m->L, number);
}


/* How many members the next array or object has, as far as that is known. */
static int next_size (maker *m) {
  size_t index = m->tables++;
  return index < SIZES ? m->sizes[index] : 0;
}


/* Goes on behind a comma, if there is one. */
static void go_on (maker *m) {
  m->p = skip_space(m->p);
  if (*m->p == ',')
    m->p = skip_space(m->p + 1);
}


/* [-0, +1] Pushes the array at p. */
static void make_array (maker *m) {
  lua_State *L = m->L;
  int n = 0;
  lua_createtable(L, next_size(m), 0);
  for (m->p = skip_space(m->p + 1); *m->p != ']'; go_on(m)) {
    if (make(m))
      lua_rawseti(L, -2, ++n);
  }
  m->p++;
  if (n == 0 && m->raw) {
    lua_pushlightuserdata(L, NULL);
    lua_rawseti(L, -2, 1);
  }
  else if (n == 0) {
    lua_pushvalue(L, LIST);
    lua_setmetatable(L, -2);
  }
}


/* [-0, +1] Pushes the object at p. */
static void make_object (maker *m) {
  lua_State *L = m->L;
  lua_createtable(L, 0, next_size(m));
  for (m->p = skip_space(m->p + 1); *m->p != '}'; go_on(m)) {
    make_string(m, 0);
    m->p = skip_space(m->p) + 1;
    if (make(m))
      lua_rawset(L, -3);
    else
      lua_pop(L, 1);
  }
  m->p++;
}


/* [-0, +(0|1)] Pushes the value at p; 0 if it is a null, which is absent. */
static int make (maker *m) {
  m->p = skip_space(m->p);
  switch (*m->p) {
    case '[': case '{':
      luaL_checkstack(m->L, LUA_MINSTACK, "nested too deep");
      if (*m->p == '[')
        make_array(m);
      else
        make_object(m);
      return 1;
    case '"': make_string(m, m->marked); return 1;
    case 't': case 'f':
      lua_pushboolean(m->L, *m->p == 't');
      m->p += *m->p == 't' ? 4 : 5;
      return 1;
    case 'n':
      m->p += 4;
      if (m->raw)
        lua_pushlightuserdata(m->L, NULL);
      return m->raw;
    default: make_number(m); return 1;
  }
}

/* }====================================================== */


/* jsontext:close(), __gc, __close */
static int jsontext_close (lua_State *L) {
  reader *r = wx_checkself(L, JSONTEXT_CLASS);
  wx_buffer_free(&r->names);
  wx_buffer_free(&r->decoded);
  r->closed = 1;
  return 0;
}


/* [-0, +3] The failure that the reader noted. */
static int fail (lua_State *L, const reader *r) {
  char message[64];
  if (r->error == NULL)
    return luaL_error(L, "not enough memory");
  snprintf(message, sizeof(message), "not strict JSON: %s", r->error);
  return wx_failat(L, "json", message, (size_t)(r->p - r->text) + 1);
}


/* json_decode(text, list metatable [, max_depth [, tolerant [, max_values
** [, raw]]]]) -> value [, true] | nil, message, "json". null is absent;
** integers of more than 15 digits are strings; lists without elements get the
** metatable. If `raw` null is there, such a list holds one, and those integers
** are numbers. true tells of marks. */
static int json_decode (lua_State *L) {
  reader *r = lua_touserdata(L, lua_upvalueindex(1));
  int sizes[SIZES];
  size_t n;
  maker m;
  lua_Integer depth = luaL_optinteger(L, 3, DEFAULT_DEPTH);
  lua_Integer values = luaL_optinteger(L, 5, INT_MAX);
  const char *text = luaL_checklstring(L, TEXT, &n);
  luaL_checktype(L, LIST, LUA_TTABLE);
  luaL_argcheck(L, depth >= 1 && depth <= MAX_DEPTH, 3,
                "must be from 1 to 1000");
  luaL_argcheck(L, values >= 1 && values <= INT_MAX, 5,
                "must be at least 1");
  luaL_argcheck(L, n < SIZE_MAX / WX_MARK_SIZE(1), TEXT, "too long");
  r->text = r->p = text;
  r->end = text + n;
  r->depth = (size_t)depth;
  r->values = (size_t)values;
  r->tolerant = lua_toboolean(L, 4);
  r->raw = lua_toboolean(L, 6);
  r->sizes = sizes;
  if (!check(r))
    return fail(L, r);
  m.L = L;
  m.p = skip_space(text);
  m.marked = r->marked;
  m.raw = r->raw;
  m.sizes = sizes;
  m.tables = 0;
  m.room = NULL;
  if (*m.p == 'n')
    return wx_fail(L, "json", "the text is null");
  lua_settop(L, ROOM);
  make(&m);
  if (m.room != NULL)
    wx_buffer_free(m.room);
  if (m.marked)
    lua_pushboolean(L, 1);
  return 1 + m.marked;
}


/*
** {======================================================
** Writing
** =======================================================
*/

/* Writes a character that may not stand in a string as it is, at most 6
** bytes; returns the end. */
static char *put_escaped (char *out, unsigned char c) {
  static const char from[] = "\"\\\b\f\n\r\t", to[] = "\"\\bfnrt";
  static const char digits[] = "0123456789abcdef";
  const char *found = c != 0 ? strchr(from, c) : NULL;
  *out++ = '\\';
  if (found != NULL) {
    *out++ = to[found - from];
    return out;
  }
  memcpy(out, "u00", 3);
  out[3] = digits[c >> 4];
  out[4] = digits[c & 15];
  return out + 5;
}


/* json_quote(text) -> text as a JSON string | nil, message, "utf8" */
static int json_quote (lua_State *L) {
  wx_scratch scratch;
  char *room, *out;
  size_t n, i, step;
  const char *text = luaL_checklstring(L, 1, &n);
  luaL_argcheck(L, n < SIZE_MAX / 6 - 2, 1, "too long");
  room = out = wx_scratch_open(L, &scratch, n * 6 + 2);
  *out++ = '"';
  for (i = 0; i < n; i += step) {
    unsigned char c = (unsigned char)text[i];
    step = c < 0x80 ? 1 : wx_utf8(text + i, n - i);
    if (step == 0) {
      wx_scratch_close(&scratch, (size_t)(out - room));
      return wx_fail(L, "utf8", "a string is not valid UTF-8");
    }
    if (c < 0x20 || c == '"' || c == '\\')
      out = put_escaped(out, c);
    else {
      memcpy(out, text + i, step);
      out += step;
    }
  }
  *out++ = '"';
  lua_pushlstring(L, room, (size_t)(out - room));
  wx_scratch_close(&scratch, (size_t)(out - room));
  return 1;
}

/* }====================================================== */


static const luaL_Reg methods[] = {
  {NULL, NULL}
};

static const luaL_Reg functions[] = {
  {"json_decode", json_decode},
  {"json_quote", json_quote},
  {NULL, NULL}
};


void wx_open_jsontext (lua_State *L) {
  wx_newclass(L, JSONTEXT_CLASS, methods, jsontext_close);
  wx_newobject(L, sizeof(reader), JSONTEXT_CLASS);
  luaL_setfuncs(L, functions, 1);
  lua_pushlightuserdata(L, NULL);  /* what lua-cjson has for null, too */
  lua_setfield(L, -2, "json_null");
}
