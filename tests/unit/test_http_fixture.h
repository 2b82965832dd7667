#ifndef ORGKEYS_TEST_HTTP_FIXTURE_H
#define ORGKEYS_TEST_HTTP_FIXTURE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"
#include "http/http.h"

/*
 * A server on ephemeral ports with an application that answers "METHOD TARGET\nBODY", and a client
 * that speaks bytes.
 *
 *   /later   answered by another thread
 *   /hold    answered by another thread, after fixture_release
 *   /stall   answered after fixture_release; the loop's thread waits for it
 *   /large   FIXTURE_LARGE bytes
 *   /missing 404, /empty 204, /closing with http_reply.close
 *
 * What is refused is answered "ERROR_NAME: detail".
 */
enum { FIXTURE_LARGE = 8 * 1024 * 1024, FIXTURE_SECONDS_MAXIMUM = 20 };

enum fixture_listener { FIXTURE_PUBLIC, FIXTURE_INTERNAL, FIXTURE_UNIX };

/* Generous limits, short enough to fail within FIXTURE_SECONDS_MAXIMUM. */
struct http_options fixture_options(void);
/* Fails the test when it does not start. One server at a time. */
void fixture_start(const struct http_options *options);
/* Stops and frees what is left of it. */
void fixture_end(void);
struct http_server *fixture_server(void);
const char *fixture_path(void); /* of the unix: listener */

/* Requests whose target has "evil" in it, that the application was given. */
unsigned fixture_evil_count(void);
/* How often `released` was called. */
unsigned fixture_released_count(void);
/* Waits until the application holds `count` requests of /hold and /stall. */
void fixture_await_held(unsigned count);
/* Lets those of /hold be answered, the ones that come later too. */
void fixture_release(void);
/* Waits until so many connections are open. */
void fixture_await_connections(unsigned count);
void fixture_await_no_connection(void);

int client_connect(enum fixture_listener listener);
void client_close(int client);
void client_send(int client, struct text bytes);
/* Sends what it can; false once the server has closed. */
bool client_try_send(int client, struct text bytes);
/* Waits until the server has read all that was sent. Only of FIXTURE_UNIX. */
void client_await_read(int client);
/* The next reply whole; its body goes by Content-Length. */
void client_read_reply(int client, bool has_body, struct buffer *reply);
/* All until the server closes. False when the connection was reset. */
bool client_read_all(int client, struct buffer *bytes);

/* One connection: sends, reads until the server closes. */
void exchange_all(struct text bytes, struct buffer *replies);
bool contains(const struct buffer *buffer, const char *part);
unsigned occurrences(const struct buffer *buffer, const char *part);

#endif
