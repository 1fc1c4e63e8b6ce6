/*
** jsontext.c - a strict look at a JSON text before a decoder sees it.
** RFC 8259 grammar, valid UTF-8, no lone surrogate, no name twice in one
** object, no number that a double cannot hold, bounded depth. Integers of
** more than 15 digits, which a double would round, are put into quotes, and
** empty arrays, which are empty objects once they are tables, get a null.
**
** Relies on the NUL that Lua keeps behind every string: no rule accepts
** it, so looking at the next byte is always allowed.
*/

#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "core.h"

#define JSONTEXT_CLASS "wxbot.jsontext"

#define DEFAULT_DEPTH 32
#define MAX_DEPTH 1000  /* the reader recurses: about 100 bytes a level */
#define MAX_DIGITS 15   /* any integer of so many is exact in a double */
#define FEW_NAMES 8     /* so many are compared each with each */
#define KEPT (64 * 1024)

#define FILLING "null"  /* what an empty array gets */
#define FILLING_SIZE (sizeof(FILLING) - 1)

/* a name of an object that is still open */
typedef struct name {
  size_t at;     /* offset of its quote in the text */
  size_t start;  /* offset of its bytes in the text, or in `decoded` */
  size_t len;
  int escaped;   /* 1: the bytes are in `decoded` */
} name;

/* upvalue 1 of json_check; holds nothing between calls but room */
typedef struct reader {
  const char *text, *p, *end;
  size_t depth;      /* how much deeper it may go */
  size_t values;     /* how many more it may have */
  size_t long_ints;  /* integers of more than MAX_DIGITS digits */
  size_t empty;      /* arrays without elements */
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


static void skip_space (reader *r) {
  while (*r->p == ' ' || *r->p == '\n' || *r->p == '\r' || *r->p == '\t')
    r->p++;
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
** number and its length in the text, or -1. */
static int32_t unicode (const char *p, size_t *len) {
  int32_t low, code = hex4(p + 2);
  *len = 6;
  if (code < 0xd800 || code > 0xdfff)
    return code;
  if (code > 0xdbff || p[6] != '\\' || p[7] != 'u')
    return -1;
  low = hex4(p + 8);
  if (low < 0xdc00 || low > 0xdfff)
    return -1;
  *len = 12;
  return 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
}


/* Reads an escape sequence; p is at its backslash. */
static int escape (reader *r) {
  size_t len = 2;
  if (r->p[1] == 'u') {
    if (unicode(r->p, &len) < 0)
      return refuse(r, r->p, "bad or lone \\u escape");
  }
  else if (r->p[1] == '\0' || strchr("\"\\/bfnrt", r->p[1]) == NULL)
    return refuse(r, r->p, "bad escape");
  r->p += len;
  return 1;
}


/* Reads a string; p is at its quote. Tells whether it has escapes. */
static int string (reader *r, int *escaped) {
  *escaped = 0;
  for (r->p++; *r->p != '"'; ) {
    unsigned char c = (unsigned char)*r->p;
    if (c == '\\') {
      *escaped = 1;
      if (!escape(r))
        return 0;
    }
    else if (c >= 0x20 && c < 0x80)
      r->p++;
    else if (c < 0x20)
      return r->p == r->end ? unexpected(r)
           : refuse(r, r->p, "control character in a string");
    else {
      size_t len = wx_utf8(r->p, (size_t)(r->end - r->p));
      if (len == 0)
        return refuse(r, r->p, "not UTF-8");
      r->p += len;
    }
  }
  r->p++;
  return 1;
}


/* Adds the UTF-8 bytes of a number. */
static int add_utf8 (wx_buffer *buf, int32_t code) {
  unsigned char out[4];
  size_t n = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  static const unsigned char mark[] = {0, 0, 0xc0, 0xe0, 0xf0};
  size_t i;
  for (i = n - 1; i > 0; i--) {
    out[i] = (unsigned char)(0x80 | (code & 0x3f));
    code >>= 6;
  }
  out[0] = (unsigned char)(mark[n] | code);
  return wx_buffer_append(buf, out, n);
}


/* Adds what the escape at `p` stands for; gives its length. */
static int add_escape (wx_buffer *buf, const char *p, size_t *len) {
  static const char from[] = "bfnrt", to[] = "\b\f\n\r\t";
  const char *found;
  if (p[1] == 'u')
    return add_utf8(buf, unicode(p, len));
  *len = 2;
  found = strchr(from, p[1]);
  return wx_buffer_append(buf, found != NULL ? to + (found - from) : p + 1,
                          1);
}


/* Decodes a string that was read before, from `p` to its quote, into
** `decoded`. 1, or 0 without memory. */
static int unescape (reader *r, const char *p, const char *end) {
  size_t len;
  for (; p < end; p += len) {
    const char *next = memchr(p, '\\', (size_t)(end - p));
    if (next == p) {
      if (!add_escape(&r->decoded, p, &len))
        return 0;
    }
    else {
      len = (size_t)((next != NULL ? next : end) - p);
      if (!wx_buffer_append(&r->decoded, p, len))
        return 0;
    }
  }
  return 1;
}


/* Reads a name and remembers it; p is at its quote. */
static int member_name (reader *r) {
  name n;
  const char *start = r->p + 1;
  n.at = (size_t)(r->p - r->text);
  if (!string(r, &n.escaped))
    return 0;
  n.start = (size_t)(start - r->text);
  n.len = (size_t)(r->p - 1 - start);
  if (n.escaped) {
    n.start = r->decoded.len;
    if (!unescape(r, start, r->p - 1))
      return refuse(r, start, NULL);
    n.len = r->decoded.len - n.start;
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


/* Reads a number; p is at its first character. */
static int number (reader *r) {
  const char *start, *whole_end;
  if (*r->p == '-')
    r->p++;
  start = r->p;
  if (*r->p == '0')
    r->p++;
  else if (!digits(r))
    return 0;
  whole_end = r->p;
  if (*r->p == '.') {
    r->p++;
    if (!digits(r))
      return 0;
  }
  if (*r->p == 'e' || *r->p == 'E') {
    r->p++;
    if (*r->p == '-' || *r->p == '+')
      r->p++;
    if (!digits(r))
      return 0;
  }
  if (r->p == whole_end)
    r->long_ints += r->p - start > MAX_DIGITS;
  else if (!fits(start, r->p))
    return refuse(r, start, "number out of range");
  return 1;
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
  skip_space(r);
  if (*r->p != ',' && *r->p != close) {
    unexpected(r);
    return -1;
  }
  return *r->p++ == ',';
}


/* Reads the elements of an array; p is behind its bracket. */
static int array (reader *r) {
  int next = 1;
  skip_space(r);
  if (*r->p == ']') {
    r->p++;
    r->empty++;
    return 1;
  }
  while (next == 1) {
    if (!value(r))
      return 0;
    next = more(r, ']');
  }
  return next == 0;
}


/* Reads `"name": value`. */
static int member (reader *r) {
  skip_space(r);
  if (*r->p != '"')
    return unexpected(r);
  if (!member_name(r))
    return 0;
  skip_space(r);
  if (*r->p != ':')
    return unexpected(r);
  r->p++;
  return value(r);
}


/* Reads the members of an object; p is behind its brace. Its names are
** forgotten afterwards. */
static int object (reader *r) {
  size_t names = r->names.len, decoded = r->decoded.len;
  int next = 1;
  skip_space(r);
  if (*r->p == '}') {
    r->p++;
    return 1;
  }
  while (next == 1) {
    if (!member(r))
      return 0;
    next = more(r, '}');
  }
  if (next != 0 || !distinct(r, (name *)(void *)(r->names.data + names),
                             (r->names.len - names) / sizeof(name)))
    return 0;
  r->names.len = names;
  r->decoded.len = decoded;
  return 1;
}


/* Reads an array or object; p is at its first character. */
static int container (reader *r) {
  int good;
  if (r->depth == 0)
    return refuse(r, r->p, "nested too deep");
  r->depth--;
  good = *r->p++ == '[' ? array(r) : object(r);
  r->depth++;
  return good;
}


/* Reads any value and the space before it. */
static int value (reader *r) {
  int escaped;
  skip_space(r);
  if (r->values-- == 0)
    return refuse(r, r->p, "too many values");
  switch (*r->p) {
    case '[': case '{': return container(r);
    case '"': return string(r, &escaped);
    case 't': return word(r, "true");
    case 'f': return word(r, "false");
    case 'n': return word(r, "null");
    default:
      if (*r->p == '-' || is_digit(*r->p))
        return number(r);
      return unexpected(r);
  }
}


/* Reads a whole text; 1, or 0 with `error` at `p`. The caller has set how deep
** it may go and how many values it may have. */
static int check (reader *r, const char *text, size_t n) {
  r->text = r->p = text;
  r->end = text + n;
  r->long_ints = r->empty = 0;
  r->names.len = r->decoded.len = 0;
  if (!value(r))
    return 0;
  skip_space(r);
  return r->p == r->end || unexpected(r);
}

/* }====================================================== */


/*
** {======================================================
** Long integers and empty arrays
** =======================================================
*/

/* The end of the string whose quote is at `p`, in a text that was read. */
static const char *string_end (const char *p) {
  for (p++; *p != '"'; p++) {
    if (*p == '\\')
      p++;
  }
  return p + 1;
}


/* The end of the number at `p`; tells whether it is a long integer. */
static const char *number_end (const char *p, int *long_int) {
  const char *start = *p == '-' ? p + 1 : p, *end;
  for (end = start; is_digit(*end); end++) ;
  *long_int = end - start > MAX_DIGITS
           && *end != '.' && *end != 'e' && *end != 'E';
  while (is_digit(*end) || (*end != '\0' && strchr(".eE+-", *end) != NULL))
    end++;
  return end;
}


/* The bracket that closes the array at `p`, or NULL if it has elements. */
static const char *empty_end (const char *p) {
  do
    p++;
  while (*p == ' ' || *p == '\n' || *p == '\r' || *p == '\t');
  return *p == ']' ? p : NULL;
}


/* The end of what is copied in one piece from `p` on, and what is put
** around it: a long integer into quotes, a null into an empty array. */
static const char *piece (const char *p, const char **before,
                          const char **after) {
  const char *end;
  int quoted = 0;
  *before = *after = "";
  if (*p == '"')
    return string_end(p);
  if (*p == '-' || is_digit(*p)) {
    end = number_end(p, &quoted);
    if (quoted)
      *before = *after = "\"";
    return end;
  }
  if (*p == '[' && (end = empty_end(p)) != NULL) {
    *after = FILLING;
    return end;
  }
  return p + 1;
}


static char *put (char *out, const char *text, size_t n) {
  memcpy(out, text, n);
  return out + n;
}


/* Copies a text that was read, in which long integers get quotes and empty
** arrays a null; returns how many bytes that gave. */
static size_t complete (const char *text, size_t n, char *out) {
  const char *p = text, *copied = text, *end, *before, *after;
  char *start = out;
  for (; p < text + n; p = end) {
    end = piece(p, &before, &after);
    if (*before == '\0' && *after == '\0')
      continue;
    out = put(out, copied, (size_t)(p - copied));
    out = put(out, before, strlen(before));
    out = put(out, p, (size_t)(end - p));
    out = put(out, after, strlen(after));
    copied = end;
  }
  out = put(out, copied, (size_t)(text + n - copied));
  return (size_t)(out - start);
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


/* Gives back what an unusual text needed. */
static void trim (reader *r) {
  size_t keep = r->closed ? 0 : KEPT;
  if (r->names.size > keep)
    wx_buffer_free(&r->names);
  if (r->decoded.size > keep)
    wx_buffer_free(&r->decoded);
}


/* [-0, +3] The failure that the reader noted. */
static int fail (lua_State *L, const reader *r) {
  char message[64];
  if (r->error == NULL)
    return luaL_error(L, "not enough memory");
  snprintf(message, sizeof(message), "not strict JSON: %s", r->error);
  return wx_failat(L, "json", message, (size_t)(r->p - r->text) + 1);
}


/* json_check(text [, max_depth [, max_values]]) -> text
** | nil, message, "json".
** The text is the same one unless it has integers of more than 15 digits
** or empty arrays. The reader is not used once something was allocated: a
** finalizer may call this function in between. */
static int json_check (lua_State *L) {
  reader *r = lua_touserdata(L, lua_upvalueindex(1));
  wx_scratch scratch;
  char *out;
  size_t n, len, more;
  const char *text = luaL_checklstring(L, 1, &n);
  lua_Integer depth = luaL_optinteger(L, 2, DEFAULT_DEPTH);
  lua_Integer values = luaL_optinteger(L, 3, INT_MAX);
  int good;
  luaL_argcheck(L, depth >= 1 && depth <= MAX_DEPTH, 2,
                "must be from 1 to 1000");
  luaL_argcheck(L, values >= 1 && values <= INT_MAX, 3,
                "must be at least 1");
  r->depth = (size_t)depth;
  r->values = (size_t)values;
  good = check(r, text, n);
  trim(r);
  if (!good)
    return fail(L, r);
  lua_settop(L, 1);
  more = 2 * r->long_ints + FILLING_SIZE * r->empty;  /* at most 2 n */
  if (more == 0)
    return 1;
  if (n > SIZE_MAX / 4)
    return luaL_error(L, "not enough memory");
  out = wx_scratch_open(L, &scratch, n + more);
  len = complete(text, n, out);
  lua_pushlstring(L, out, len);
  wx_scratch_close(&scratch, len);
  return 1;
}


/*
** {======================================================
** Writing
** =======================================================
*/

/* What follows the backslash of an escaped character; 0: none is needed. */
static char short_escape (unsigned char c) {
  switch (c) {
    case '"': case '\\': return (char)c;
    case '\b': return 'b';
    case '\f': return 'f';
    case '\n': return 'n';
    case '\r': return 'r';
    case '\t': return 't';
    default: return c < 0x20 ? 'u' : 0;
  }
}


/* How many bytes the `n` ones take inside of a string; 0 if they are not
** UTF-8 (or none). */
static size_t escaped_size (const char *text, size_t n) {
  size_t i, step, size = n;
  for (i = 0; i < n; i += step) {
    unsigned char c = (unsigned char)text[i];
    char escaped = c < 0x80 ? short_escape(c) : 0;
    step = c < 0x80 ? 1 : wx_utf8(text + i, n - i);
    if (step == 0)
      return 0;
    if (escaped != 0)
      size += escaped == 'u' ? 5 : 1;
  }
  return size;
}


/* Writes them; returns the end. */
static char *write_escaped (char *out, const char *text, size_t n) {
  static const char digits[] = "0123456789abcdef";
  size_t i;
  for (i = 0; i < n; i++) {
    unsigned char c = (unsigned char)text[i];
    char escaped = short_escape(c);
    if (escaped != 0)
      *out++ = '\\';
    *out++ = escaped != 0 ? escaped : (char)c;
    if (escaped == 'u') {
      *out++ = '0';
      *out++ = '0';
      *out++ = digits[c >> 4];
      *out++ = digits[c & 15];
    }
  }
  return out;
}


/* json_quote(text) -> text as a JSON string | nil, message, "utf8" */
static int json_quote (lua_State *L) {
  wx_scratch scratch;
  char *out, *end;
  size_t n, size;
  const char *text = luaL_checklstring(L, 1, &n);
  size = escaped_size(text, n);
  if (size == 0 && n > 0)
    return wx_fail(L, "utf8", "a string is not valid UTF-8");
  out = wx_scratch_open(L, &scratch, size + 2);
  *out = '"';
  end = write_escaped(out + 1, text, n);
  *end = '"';
  lua_pushlstring(L, out, size + 2);
  wx_scratch_close(&scratch, size + 2);
  return 1;
}

/* }====================================================== */


static const luaL_Reg methods[] = {
  {NULL, NULL}
};

static const luaL_Reg functions[] = {
  {"json_check", json_check},
  {"json_quote", json_quote},
  {NULL, NULL}
};


void wx_open_jsontext (lua_State *L) {
  wx_newclass(L, JSONTEXT_CLASS, methods, jsontext_close);
  wx_newobject(L, sizeof(reader), JSONTEXT_CLASS);
  luaL_setfuncs(L, functions, 1);
}
