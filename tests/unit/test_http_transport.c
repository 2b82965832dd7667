/*
 * A connection over a transport like TLS's, where a read may wait for the socket to be writable, a
 * write for it to be readable, and bytes may be waiting that the socket does not announce.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "http/connection.h"
#include "http/transport.h"
#include "http/worker.h"

enum { HELD_MAXIMUM = 4096, PATIENCE_SECONDS = 20 };

/* Used by the loop's thread, and by the test once that has ended. */
static char held[HELD_MAXIMUM]; /* taken from the socket, not yet given to the connection */
static size_t held_length;
static bool read_has_waited;
static bool write_has_waited;
static bool finished;

/* Gives a byte at a time, and waits once for the socket to be writable. */
static struct transport_progress odd_read(struct transport *transport, void *bytes, size_t size)
{
    if (!read_has_waited) {
        read_has_waited = true;
        return (struct transport_progress){ TRANSPORT_WANT_WRITE, 0 };
    }
    if (held_length == 0) {
        ssize_t received = recv(transport->socket, held, sizeof held, MSG_DONTWAIT);
        if (received < 0) {
            return (struct transport_progress){ TRANSPORT_WANT_READ, 0 };
        }
        if (received == 0) {
            return (struct transport_progress){ TRANSPORT_CLOSED, 0 };
        }
        held_length = (size_t)received;
    }
    assert_true(size > 0);
    memcpy(bytes, held, 1);
    held_length--;
    memmove(held, held + 1, held_length);
    return (struct transport_progress){ TRANSPORT_DONE, 1 };
}

/* Whether the byte that a write waits for is there. */
static bool take_acknowledgement(struct transport *transport)
{
    char byte;
    if (held_length > 0) {
        held_length--;
        return true;
    }
    return recv(transport->socket, &byte, 1, MSG_DONTWAIT) == 1;
}

/* Sends at most ten bytes, and nothing before the peer has sent one of its own. */
static struct transport_progress odd_write(struct transport *transport, const void *bytes,
                                           size_t size)
{
    write_has_waited = write_has_waited || take_acknowledgement(transport);
    if (!write_has_waited) {
        return (struct transport_progress){ TRANSPORT_WANT_READ, 0 };
    }
    ssize_t sent = send(transport->socket, bytes, size < 10 ? size : 10, MSG_NOSIGNAL);
    assert_true(sent > 0);
    return (struct transport_progress){ TRANSPORT_DONE, (size_t)sent };
}

static bool odd_has_pending(const struct transport *transport)
{
    (void)transport;
    return held_length > 0;
}

static void odd_abandon(struct transport *transport)
{
    (void)transport;
}

static void odd_finish(struct transport *transport)
{
    finished = true;
    (void)shutdown(transport->socket, SHUT_WR);
}

static void odd_close(struct transport *transport)
{
    (void)close(transport->socket);
}

static const struct transport_methods odd_methods = {
    .read = odd_read,
    .write = odd_write,
    .has_pending = odd_has_pending,
    .finish = odd_finish,
    .abandon = odd_abandon,
    .close = odd_close,
};

static void handle(void *context, struct http_request *request)
{
    (void)context;
    struct http_reply reply = { .status = 200, .body = request->target };
    http_request_reply(request, &reply, NULL, NULL);
}

static void answer_refused(void *context, struct http_request *request, enum error error,
                           const char *detail)
{
    (void)context;
    (void)detail;
    struct http_reply reply = { .status = error_describe(error)->status };
    http_request_reply(request, &reply, NULL, NULL);
}

static size_t read_all(int client, char *bytes, size_t size)
{
    size_t length = 0;
    ssize_t received;
    while ((received = recv(client, bytes + length, size - length, 0)) > 0) {
        length += (size_t)received;
    }
    assert_int_equal(received, 0);
    return length;
}

/* Sends `request`, and the byte that the write waits for; returns all that comes back. */
static struct text serve(struct text request)
{
    static char bytes[HELD_MAXIMUM];
    const int64_t timeout = PATIENCE_SECONDS * (int64_t)MICROSECONDS_PER_SECOND;
    struct timeval patience = { .tv_sec = PATIENCE_SECONDS };
    struct service service = {
        .options = { .header_maximum = 4096,
                     .body_maximum = 4096,
                     .bodies_maximum = 4096,
                     .connections_maximum = 1,
                     .request_timeout = timeout,
                     .idle_timeout = timeout,
                     .write_timeout = timeout,
                     .reply_rate_minimum = HTTP_REPLY_RATE_MINIMUM,
                     .replies_maximum = HTTP_REPLIES_MAXIMUM },
        .application = { NULL, handle, answer_refused },
        .connections_open = { [HTTP_PUBLIC] = 1 },
    };
    struct worker worker;
    int sockets[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets), 0);
    int client = sockets[1];
    assert_int_equal(setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience), 0);
    struct transport transport = { &odd_methods, sockets[0], NULL };
    assert_false(result_failed(worker_init(&worker, &service)));
    struct connection *connection =
        connection_create(&worker, transport, HTTP_PUBLIC, "peer", false);
    assert_non_null(connection);
    loop_post(worker.loop, &connection->letter);
    assert_false(result_failed(loop_start(worker.loop)));
    assert_int_equal(send(client, request.data, request.length, 0), request.length);
    assert_int_equal(send(client, "!", 1, 0), 1);
    size_t length = read_all(client, bytes, sizeof bytes);
    (void)close(client);
    worker_stop(&worker, timeout);
    loop_join(worker.loop);
    worker_free(&worker);
    assert_int_equal(service.connections_open[HTTP_PUBLIC], 0);
    return (struct text){ bytes, length };
}

static int reset(void **state)
{
    (void)state;
    held_length = 0;
    read_has_waited = false;
    write_has_waited = false;
    finished = false;
    return 0;
}

static void waits_for_the_other_direction(void **state)
{
    (void)state;
    struct text reply = serve(TEXT("GET /a HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"));
    assert_true(text_starts_with(reply, TEXT("HTTP/1.1 200 OK\r\n")));
    assert_true(text_ends_with(reply, TEXT("\r\n\r\n/a")));
    assert_true(read_has_waited && write_has_waited);
}

static void tells_the_end_before_it_lingers(void **state)
{
    (void)state;
    struct text reply = serve(TEXT("GET a HTTP/1.1\r\nHost: a\r\n\r\n"));
    assert_true(text_starts_with(reply, TEXT("HTTP/1.1 400 Bad Request\r\n")));
    assert_true(finished);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(waits_for_the_other_direction, reset),
        cmocka_unit_test_setup(tells_the_end_before_it_lingers, reset),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
