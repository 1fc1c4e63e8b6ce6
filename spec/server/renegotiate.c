/*
** renegotiate.c - a server that speaks TLS 1.2 and asks for a new handshake
** where a client may not expect one: renegotiate CERTIFICATE KEY HOW...
** It serves one connection after the other, each as its HOW says, all that
** are left as the last one says:
**   none     answers every request
**   before   renegotiates, then answers
**   within   renegotiates halfway through the body of the answer
**   ever     renegotiates for as long as the client goes along with it
** It reports as by_script.lua does: "port P", then "accept N", "request N",
** "renegotiated N TIMES" and "refused N", N being the number of the
** connection.
*/

#define _POSIX_C_SOURCE 200809L

#include <ctype.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/ssl.h>

#define LIFE 120  /* seconds; a server whose spec was killed goes away */
#define MAX 16384  /* bytes of a request */

static const char answer[] =
  "HTTP/1.1 200 OK\r\nContent-Length: 71\r\n\r\n"
  "{\"errcode\":0,\"data\":{\"state\":1},\"ret\":0,\"status\":\"FAQ\","
  "\"signature\":\"s\"}";


static int fail (const char *what) {
  fprintf(stderr, "renegotiate: %s\n", what);
  return EXIT_FAILURE;
}


/* Whatever SSL_read returns when more than a handshake has come. */
static int take (SSL *ssl, char *to, int room) {
  int n;
  do {
    n = SSL_read(ssl, to, room);
  } while (n <= 0 && SSL_get_error(ssl, n) == SSL_ERROR_WANT_READ);
  return n;
}


/* Bytes that the request needs in all; 0: its head is not complete. */
static size_t needed (char *request) {
  char *at, *end = strstr(request, "\r\n\r\n");
  if (end == NULL)
    return 0;
  for (at = request; at < end; at++)
    *at = (char)tolower((unsigned char)*at);
  at = strstr(request, "\r\ncontent-length:");
  return (size_t)(end + 4 - request)
    + (at == NULL || at > end ? 0 : strtoul(at + 17, NULL, 10));
}


/* Reads a whole request; 0: the connection has ended. */
static int read_request (SSL *ssl) {
  char request[MAX + 1] = "";
  size_t len = 0;
  while (needed(request) == 0 || len < needed(request)) {
    int n = take(ssl, request + len, (int)(MAX - len));
    if (n <= 0)
      return 0;
    len += (size_t)n;
    request[len] = '\0';
  }
  return 1;
}


/* One handshake more; 0: the client did not go along. */
static int renegotiate (SSL *ssl) {
  char byte;
  if (!SSL_renegotiate(ssl) || SSL_do_handshake(ssl) != 1)
    return 0;
  while (SSL_renegotiate_pending(ssl)) {
    int n = SSL_read(ssl, &byte, 1);
    if (n > 0 || SSL_get_error(ssl, n) != SSL_ERROR_WANT_READ)
      return 0;
  }
  return 1;
}


/* So many handshakes more; 0: the client did not go along with all. */
static int renegotiate_often (SSL *ssl, int number, unsigned long times) {
  unsigned long done = 0;
  while (done < times && renegotiate(ssl))
    done++;
  printf("renegotiated %d %lu\n", number, done);
  if (done == 0)
    printf("refused %d\n", number);
  return done == times;
}


/* Serves one request; 0: the connection is to end. */
static int serve (SSL *ssl, const char *how, int number) {
  const int len = (int)sizeof(answer) - 1, half = len - 20;
  if (!read_request(ssl))
    return 0;
  printf("request %d\n", number);
  if (strcmp(how, "ever") == 0)
    return renegotiate_often(ssl, number, (unsigned long)-1);
  if (strcmp(how, "before") == 0 && !renegotiate_often(ssl, number, 1))
    return 0;
  if (strcmp(how, "within") != 0)
    return SSL_write(ssl, answer, len) == len;
  return SSL_write(ssl, answer, half) == half
    && renegotiate_often(ssl, number, 1)
    && SSL_write(ssl, answer + half, len - half) == len - half;
}


static void serve_connection (SSL_CTX *ctx, int fd, const char *how,
                              int number) {
  const int on = 1;
  SSL *ssl = SSL_new(ctx);
  printf("accept %d\n", number);
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  if (ssl != NULL && SSL_set_fd(ssl, fd) && SSL_accept(ssl) == 1) {
    while (serve(ssl, how, number))
      continue;
  }
  SSL_free(ssl);
  close(fd);
}


/* A socket that listens on a free port, which is reported; or -1. */
static int listen_somewhere (void) {
  struct sockaddr_in here;
  socklen_t len = sizeof(here);
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  memset(&here, 0, sizeof(here));
  here.sin_family = AF_INET;
  here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (fd < 0 || bind(fd, (struct sockaddr *)&here, len) != 0
      || listen(fd, 128) != 0
      || getsockname(fd, (struct sockaddr *)&here, &len) != 0)
    return -1;
  printf("port %d\n", (int)ntohs(here.sin_port));
  return fd;
}


/* Without the retries of OpenSSL a read returns after each handshake. */
static SSL_CTX *context (const char *certificate, const char *key) {
  SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
  if (ctx == NULL || !SSL_CTX_set_max_proto_version(ctx, TLS1_2_VERSION)
      || SSL_CTX_use_certificate_chain_file(ctx, certificate) != 1
      || SSL_CTX_use_PrivateKey_file(ctx, key, SSL_FILETYPE_PEM) != 1)
    return NULL;
  SSL_CTX_clear_mode(ctx, SSL_MODE_AUTO_RETRY);
  return ctx;
}


int main (int argc, char **argv) {
  SSL_CTX *ctx;
  int fd, number;
  if (argc < 4)
    return fail("say CERTIFICATE KEY HOW...");
  signal(SIGPIPE, SIG_IGN);
  alarm(LIFE);
  setvbuf(stdout, NULL, _IOLBF, 0);
  ctx = context(argv[1], argv[2]);
  if (ctx == NULL)
    return fail("certificate or key cannot be used");
  fd = listen_somewhere();
  if (fd < 0)
    return fail("cannot listen");
  for (number = 1; ; number++) {
    const char *how = argv[number + 2 < argc ? number + 2 : argc - 1];
    int peer = accept(fd, NULL, NULL);
    if (peer >= 0)
      serve_connection(ctx, peer, how, number);
  }
}
