/*
** answer.c - reads the lines of an answer, of its head and between its
** chunks, as strictly as transport/http1/ does: what two readers could
** take in two ways is refused, whatever libcurl would make of it.
*/

#include <stdlib.h>
#include <string.h>

#include "engine.h"

#define MAX_HEADERS ((size_t)64 << 10)  /* all lines of a call */
#define MAX_LINE ((size_t)8 << 10)
#define MAX_TRAILER ((size_t)4000)  /* libcurl takes hardly more */
#define MAX_LINES 5000  /* libcurl, since 8.6, takes no more */
#define MAX_DIGITS 13   /* of a chunk's size; more are above any limit */

#define ROOM 1536       /* bytes of a common answer */

#define FAULTY "the answer is not HTTP as it should be: "
#define NOT_HTTP "what answers there does not speak HTTP; check the port"
#define CODED "the answer comes in an encoding that was not asked for"
#define TOO_LONG "the answer is longer than max_body allows"


int http_stop (struct transfer *t, const char *code, const char *text) {
  t->outcome.code = code;
  t->outcome.text = text;
  return 0;
}


/* Adds to what is kept of the answer. The first bytes make room for a common
** one. 1, or 0: no memory, and the transfer is to stop. */
static int keep (struct transfer *t, const char *data, size_t len) {
  return ((t->answer.data != NULL || wx_buffer_reserve(&t->answer, ROOM))
          && wx_buffer_append(&t->answer, data, len))
      || http_stop(t, "unavailable", HTTP_NO_MEMORY);
}


/* How many bytes the body may still have. */
static size_t room_of (const struct transfer *t) {
  return t->max_body - (t->answer.len - t->head);
}


/* Adds bytes to the body. 1, or 0: refused. */
static int add_body (struct transfer *t, const char *data, size_t len) {
  if (len > room_of(t))
    return http_stop(t, "limit", TOO_LONG);
  return keep(t, data, len);
}


/* Is it the status line of an answer in HTTP/1? libcurl takes others too,
** and numbers that are no status. */
static int is_status_line (const char *line, size_t len) {
  return len >= 12 && memcmp(line, "HTTP/1.", 7) == 0
      && (line[7] == '0' || line[7] == '1') && line[8] == ' '
      && line[9] >= '1' && line[9] <= '5'
      && line[10] >= '0' && line[10] <= '9'
      && line[11] >= '0' && line[11] <= '9'
      && (len == 12 || line[12] == ' ') && http_is_text(line, len, '\t')
      && memcmp(line + 9, "101", 3) != 0;  /* nothing else was asked for */
}


/* Is a header's name, in any case, that one in lower case? */
static int is_named (const char *line, size_t len, const char *name) {
  return len == strlen(name) && curl_strnequal(line, name, len);
}


/* Notes what a header says of where the body ends. 1, or 0: no length, or a
** second one. */
static int note_framing (struct http_framing *f, const char *line,
                         size_t nlen, const char *value, size_t vlen) {
  if (is_named(line, nlen, "content-length")) {
    if (f->lengths++ > 0 || vlen == 0 || strspn(value, "0123456789") < vlen)
      return 0;
    f->length = strtoull(value, NULL, 10);
  }
  if (is_named(line, nlen, "transfer-encoding")) {
    f->codings++;
    f->chunked = is_named(value, vlen, "chunked");
  }
  return 1;
}


/* Cuts the blanks off both ends of what begins at *s. */
static size_t trim (const char **s, size_t len) {
  while (len > 0 && (**s == ' ' || **s == '\t')) {
    (*s)++;
    len--;
  }
  while (len > 0 && ((*s)[len - 1] == ' ' || (*s)[len - 1] == '\t'))
    len--;
  return len;
}


/* Have the headers contradicted each other? NULL, or how. */
static const char *check_framing (const struct http_framing *f) {
  if (f->codings > 0 && (f->lengths > 0 || f->old))
    return FAULTY "its length is told in two ways";
  if (f->codings > 1 || (f->codings == 1 && !f->chunked))
    return CODED;
  return NULL;
}


/* Has the answer no body, whatever its headers say? */
static int is_bodiless (const struct transfer *t) {
  return t->status == 204 || t->status == 304
      || strcmp(http_method(t), "HEAD") == 0;
}


/* The empty line. Makes room for a body whose length was announced, so that
** the buffer need not grow. A length that is a lie is paid for with memory:
** not beyond the common limit. 1, or 0: refused. */
static int end_head (struct transfer *t) {
  const char *why = check_framing(&t->framing);
  unsigned long long length = t->framing.length;
  if (t->status < 200) {
    t->part = HTTP_STATUS;
    return 1;
  }
  if (why != NULL)
    return http_stop(t, "protocol", why);
  t->part = t->framing.chunked ? HTTP_CHUNK_SIZE : HTTP_BODY;
  if (is_bodiless(t))
    t->part = HTTP_DONE;
  if (t->framing.lengths == 0 || t->part == HTTP_DONE)
    return 1;
  if (length > t->max_body)
    return http_stop(t, "limit", TOO_LONG);
  wx_buffer_reserve(&t->answer, length < MAX_BODY ? (size_t)length : MAX_BODY);
  return 1;
}


/* The status line; what came before was an interim answer. 1, or 0. */
static int begin_head (struct transfer *t, const char *line, size_t len) {
  if (!is_status_line(line, len))
    return http_stop(t, "protocol", NOT_HTTP);
  t->status = (line[9] - '0') * 100 + (line[10] - '0') * 10
            + (line[11] - '0');
  memset(&t->framing, 0, sizeof(t->framing));
  t->framing.old = line[7] == '0';
  t->answer.len = t->head = 0;
  t->part = HTTP_HEAD;
  return 1;
}


/* Keeps a header: its name in lower case, its value, a zero after each, where
** the line has a colon and its end. 1, or 0: no memory. */
static int keep_header (struct transfer *t, const char *name, size_t nlen,
                        const char *value, size_t vlen) {
  char *kept;
  size_t i;
  if (!keep(t, name, nlen + 1) || !keep(t, value, vlen + 1))
    return 0;
  kept = t->answer.data + t->head;
  for (i = 0; i < nlen; i++) {
    if (kept[i] >= 'A' && kept[i] <= 'Z')
      kept[i] = (char)(kept[i] - 'A' + 'a');
  }
  kept[nlen] = kept[nlen + 1 + vlen] = '\0';
  t->head = t->answer.len;
  return 1;
}


/* A header, or a trailer, which is dropped. 1, or 0. */
static int take_field (struct transfer *t, const char *line, size_t len) {
  const char *value = memchr(line, ':', len), *why = NULL;
  size_t nlen = value != NULL ? (size_t)(value - line) : 0;
  size_t vlen = len - nlen - 1;
  if (line[0] == ' ' || line[0] == '\t')
    why = FAULTY "a header goes on in a second line";
  else if (!http_is_token(line, nlen))
    why = FAULTY "a header has no proper name";
  else if (!http_is_text(++value, vlen, '\t'))
    why = FAULTY "a header holds a control character";
  if (why != NULL)
    return http_stop(t, "protocol", why);
  if (++t->nheaders > MAX_LINES)
    return http_stop(t, "limit", "the answer has more than 5000 headers");
  if (t->part == HTTP_TRAILER)
    return 1;
  vlen = trim(&value, vlen);
  if (!note_framing(&t->framing, line, nlen, value, vlen))
    return http_stop(t, "protocol",
                     FAULTY "its Content-Length is not one number");
  return keep_header(t, line, nlen, value, vlen);
}


/* The line before a chunk. 1, or 0. */
static int begin_chunk (struct transfer *t, const char *line, size_t len) {
  size_t digits = strspn(line, "0123456789abcdefABCDEF");
  size_t end = digits + strspn(line + digits, " \t");
  unsigned long long size;
  if (digits == 0 || (end < len && line[end] != ';')
      || !http_is_text(line + end, len - end, '\t'))
    return http_stop(t, "protocol", FAULTY "the size of a chunk is none");
  /* Sizes alone do not count: a body may come in a great many chunks. */
  t->header_bytes -= digits + 2;
  size = strtoull(line, NULL, 16);
  if (digits > MAX_DIGITS || size > room_of(t))
    return http_stop(t, "limit", TOO_LONG);
  t->chunk_left = (size_t)size;
  t->part = size > 0 ? HTTP_CHUNK : HTTP_TRAILER;
  return 1;
}


/* The line after a chunk. 1, or 0. */
static int end_chunk (struct transfer *t, size_t len) {
  if (len > 0)
    return http_stop(t, "protocol",
                     FAULTY "a chunk is longer than its size");
  t->header_bytes -= 2;
  t->part = HTTP_CHUNK_SIZE;
  return 1;
}


/* The longest line that may come next. */
static size_t max_line (const struct transfer *t) {
  return t->part == HTTP_TRAILER ? MAX_TRAILER : MAX_LINE;
}


/* May a line be looked at? 1, or 0: refused. */
static int is_line (struct transfer *t, const char *line, size_t len) {
  if (len > MAX_HEADERS - t->header_bytes)
    return http_stop(t, "limit",
                     "the answer has more than 64 KiB of headers");
  t->header_bytes += len;
  if (len > max_line(t))
    return http_stop(t, "limit", t->part == HTTP_TRAILER
                     ? "the answer has a trailer of more than 4000 bytes"
                     : "the answer has a header line of more than 8 KiB");
  if (len < 2 || line[len - 2] != '\r' || line[len - 1] != '\n')
    return http_stop(t, "protocol",
                     FAULTY "a line ends without a carriage return");
  return 1;
}


/* Takes a line, with its end. 1, or 0: the transfer is to stop. */
static int take_whole (struct transfer *t, const char *line, size_t len) {
  if (!is_line(t, line, len))
    return 0;
  len -= 2;
  switch (t->part) {
    case HTTP_STATUS: return begin_head(t, line, len);
    case HTTP_CHUNK_SIZE: return begin_chunk(t, line, len);
    case HTTP_CHUNK_END: return end_chunk(t, len);
    case HTTP_HEAD:
      return len > 0 ? take_field(t, line, len) : end_head(t);
    default:
      if (len > 0)
        return take_field(t, line, len);
      t->part = HTTP_DONE;
      return 1;
  }
}


size_t http_take_header (char *line, size_t size, size_t n, void *arg) {
  struct transfer *t = arg;
  size_t len = size * n;
  if (t->part > HTTP_HEAD || line[len - 1] != '\n')
    return len;  /* a trailer, seen among the chunks; a line that broke off */
  return take_whole(t, line, len) ? len : 0;
}


/* Takes what belongs to a line; returns its length, or 0: refused. */
static size_t take_part (struct transfer *t, const char *data, size_t len) {
  const char *stop = memchr(data, '\n', len);
  int taken = 1;
  if (stop != NULL)
    len = (size_t)(stop + 1 - data);
  if (t->line.len <= max_line(t) && !wx_buffer_append(&t->line, data, len))
    return (size_t)http_stop(t, "unavailable", HTTP_NO_MEMORY);
  if (stop != NULL || t->line.len > max_line(t)) {
    taken = take_whole(t, t->line.data, t->line.len);
    t->line.len = 0;
  }
  return taken ? len : 0;
}


void http_check_part (struct transfer *t) {
  wx_buffer *line = &t->line;
  size_t len = line->len;
  if (len > 0 && line->data[len - 1] == '\r')
    len--;
  if (line->len == 0
      || (t->part == HTTP_TRAILER && memchr(line->data, '\r', len) == NULL))
    return;
  line->len = len;
  if (wx_buffer_append(line, "\r\n", 2))
    take_whole(t, line->data, line->len);
}


/* Takes bytes of a body in chunks: libcurl looks for the end of an answer
** between them, and gives us all of its bytes. 1, or 0: refused. */
static int take_chunks (struct transfer *t, const char *data, size_t len) {
  while (len > 0 && t->part != HTTP_DONE) {
    size_t n = t->chunk_left < len ? t->chunk_left : len;
    if (t->part != HTTP_CHUNK)
      n = take_part(t, data, len);
    else if (!add_body(t, data, n))
      return 0;
    else if ((t->chunk_left -= n) == 0)
      t->part = HTTP_CHUNK_END;
    if (n == 0)
      return 0;
    data += n;
    len -= n;
  }
  return 1;
}


size_t http_take_body (char *data, size_t size, size_t n, void *arg) {
  struct transfer *t = arg;
  size_t len = size * n;
  int taken = t->framing.chunked ? take_chunks(t, data, len)
                                 : add_body(t, data, len);
  return taken ? len : 0;
}
