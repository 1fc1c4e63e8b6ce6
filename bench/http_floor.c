/*
** http_floor.c - plain libcurl, as a C program would use it: what the
** figures of bench/http.lua are ratios to.
**
**   http_floor blocking SECONDS URL [CA_FILE]   one kept easy handle
**   http_floor many SECONDS URL [CA_FILE]       64 in flight, kept handles,
**                                               curl_multi_perform and poll
**   http_floor blocking+ …, http_floor many+ …  the same, each call with a
**                                               handle of its own, as a libcurl
**                                               from 7.83.0 to 8.1.0 needs
**   http_floor memory COUNT URL [CA_FILE]       so many waiting calls
**
** Prints "CALLS WALL_SECONDS CPU_SECONDS", or the bytes of a waiting call.
*/

#define _POSIX_C_SOURCE 200809L

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <curl/curl.h>

#define IN_FLIGHT 64
#define BODY 450

struct call {
  CURL *easy;
  char *data;  /* of the answer */
  size_t len, size;
};

static char body[BODY + 1];
static const char *url, *ca;
static struct curl_slist *headers;
static int fresh;  /* a handle for each call */


static double now (clockid_t clock) {
  struct timespec ts;
  clock_gettime(clock, &ts);
  return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}


static size_t take (char *data, size_t size, size_t n, void *arg) {
  struct call *a = arg;
  n *= size;
  if (a->len + n > a->size) {
    a->size = 2 * (a->len + n);
    a->data = realloc(a->data, a->size);
    if (a->data == NULL)
      return 0;
  }
  memcpy(a->data + a->len, data, n);
  a->len += n;
  return n;
}


static void fail (const char *what) {
  fprintf(stderr, "http_floor: %s\n", what);
  exit(1);
}


/* A handle for a call. */
static void prepare (struct call *a) {
  CURL *e = a->easy = curl_easy_init();
  if (e == NULL)
    fail("no memory");
  curl_easy_setopt(e, CURLOPT_URL, url);
  curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(e, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
  curl_easy_setopt(e, CURLOPT_POSTFIELDSIZE, (long)BODY);
  curl_easy_setopt(e, CURLOPT_POSTFIELDS, body);
  curl_easy_setopt(e, CURLOPT_HTTPHEADER, headers);
  curl_easy_setopt(e, CURLOPT_TIMEOUT_MS, 30000L);
  curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, take);
  curl_easy_setopt(e, CURLOPT_WRITEDATA, a);
  curl_easy_setopt(e, CURLOPT_PRIVATE, a);
  if (ca != NULL) {
    curl_easy_setopt(e, CURLOPT_CAINFO, ca);
    curl_easy_setopt(e, CURLOPT_CAPATH, NULL);
  }
}


/* After a call: all that the next one needs. */
static void renew (struct call *a) {
  a->len = 0;
  if (fresh) {
    curl_easy_cleanup(a->easy);
    prepare(a);
  }
}


/* What curl_easy_perform does, with the connections of `m`. */
static CURLcode perform (CURLM *m, CURL *e) {
  CURLMsg *msg;
  CURLcode result;
  int running = 1, left;
  curl_multi_add_handle(m, e);
  for (;;) {
    curl_multi_perform(m, &running);
    if (running == 0)
      break;
    curl_multi_poll(m, NULL, 0, 1000, NULL);
  }
  msg = curl_multi_info_read(m, &left);
  result = msg != NULL ? msg->data.result : CURLE_FAILED_INIT;
  curl_multi_remove_handle(m, e);
  return result;
}


/* One call after another. A handle that is dropped takes its connections
** along, unless they are a multi handle's. */
static long blocking (double seconds, CURLM *m, struct call *a) {
  double ends = now(CLOCK_MONOTONIC) + seconds;
  long n = 0, status = 0;
  while (now(CLOCK_MONOTONIC) < ends) {
    if ((fresh ? perform(m, a->easy) : curl_easy_perform(a->easy))
        != CURLE_OK)
      fail("a call failed");
    curl_easy_getinfo(a->easy, CURLINFO_RESPONSE_CODE, &status);
    if (status != 200)
      fail("a call was refused");
    renew(a);
    n++;
  }
  return n;
}


static long many (double seconds, CURLM *m, struct call *calls) {
  double ends = now(CLOCK_MONOTONIC) + seconds;
  int i, running = 0;
  long n = 0;
  for (i = 0; i < IN_FLIGHT; i++)
    curl_multi_add_handle(m, calls[i].easy);
  do {
    CURLMsg *msg;
    curl_multi_perform(m, &running);
    while ((msg = curl_multi_info_read(m, &i)) != NULL) {
      char *p;
      struct call *a;
      if (msg->data.result != CURLE_OK)
        fail("a call failed");
      curl_easy_getinfo(msg->easy_handle, CURLINFO_PRIVATE, &p);
      a = (struct call *)(void *)p;
      curl_multi_remove_handle(m, a->easy);
      renew(a);
      n++;
      if (now(CLOCK_MONOTONIC) < ends) {
        curl_multi_add_handle(m, a->easy);
        running++;
      }
    }
    if (running > 0)
      curl_multi_poll(m, NULL, 0, 1000, NULL);
  } while (running > 0);
  return n;
}


static long resident (void) {
  long size, pages = 0;
  FILE *f = fopen("/proc/self/statm", "r");
  if (f == NULL || fscanf(f, "%ld %ld", &size, &pages) != 2)
    fail("no /proc");
  fclose(f);
  return pages * sysconf(_SC_PAGESIZE);
}


/* Bytes of a call that waits for its answer. */
static long memory (int count, CURLM *m) {
  long before = resident();
  double ends = now(CLOCK_MONOTONIC) + 2;
  int i, running;
  struct call *calls = calloc((size_t)count, sizeof(*calls));
  if (calls == NULL)
    fail("no memory");
  for (i = 0; i < count; i++) {
    prepare(&calls[i]);
    curl_multi_add_handle(m, calls[i].easy);
  }
  do {
    curl_multi_perform(m, &running);
    curl_multi_poll(m, NULL, 0, 100, NULL);
  } while (now(CLOCK_MONOTONIC) < ends);
  if (running != count)
    fail("calls ended too early");
  return (resident() - before) / count;
}


int main (int argc, char **argv) {
  static struct call calls[IN_FLIGHT];
  double wall, cpu;
  CURLM *m;
  long n;
  int i;
  if (argc < 4)
    fail("MODE SECONDS URL [CA_FILE]");
  url = argv[3];
  ca = argc > 4 ? argv[4] : NULL;
  fresh = strchr(argv[1], '+') != NULL;
  curl_global_init(CURL_GLOBAL_DEFAULT);
  memset(body, 'x', BODY);
  headers = curl_slist_append(NULL, "Content-Type: application/json");
  headers = curl_slist_append(headers, "Expect:");
  m = curl_multi_init();
  curl_multi_setopt(m, CURLMOPT_MAXCONNECTS, 2000L);
  if (strcmp(argv[1], "memory") == 0) {
    printf("%ld\n", memory(atoi(argv[2]), m));
    return 0;
  }
  for (i = 0; i < IN_FLIGHT; i++)
    prepare(&calls[i]);
  /* The connections of the first moment are not measured. */
  for (i = 0; i < 2; i++) {
    double seconds = i == 0 ? 0.2 : atof(argv[2]);
    wall = now(CLOCK_MONOTONIC);
    cpu = now(CLOCK_PROCESS_CPUTIME_ID);
    n = argv[1][0] == 'm' ? many(seconds, m, calls)
                          : blocking(seconds, m, calls);
  }
  printf("%ld %.6f %.6f\n", n, now(CLOCK_MONOTONIC) - wall,
         now(CLOCK_PROCESS_CPUTIME_ID) - cpu);
  return 0;
}
