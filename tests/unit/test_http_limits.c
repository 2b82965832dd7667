/* The bounds of the server: sizes, times, numbers, and its end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <netinet/in.h>
#include <pthread.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "http/listener.h"
#include "test_http_fixture.h"

#define HOST "Host: a\r\n"

enum { REPLY_MAXIMUM = 16 * 1024 * 1024, SHORT_TIME = MICROSECONDS_PER_SECOND / 10 };

static struct buffer reply;

static void expect_refusal(struct text request, const char *status, const char *error)
{
    exchange_all(request, &reply);
    if (!contains(&reply, status) || !contains(&reply, error) ||
        !contains(&reply, "Connection: close\r\n") || contains(&reply, "100 Continue")) {
        fail_msg("%.*s", TEXT_ARGUMENTS(buffer_text(&reply)));
    }
}

static void bodies_have_a_maximum(void **state)
{
    struct http_options options = fixture_options();
    struct buffer request;
    (void)state;
    options.body_maximum = 1000;
    fixture_start(&options);
    expect_refusal(
        TEXT("POST / HTTP/1.1\r\n" HOST "Content-Length: 1001\r\nExpect: 100-continue\r\n\r\n"),
        "413 ", "BODY_TOO_LARGE");
    expect_refusal(TEXT("POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n3e9\r\n"),
                   "413 ", "BODY_TOO_LARGE");
    expect_refusal(TEXT("POST / HTTP/1.1\r\n" HOST "Content-Length: 9223372036854775807\r\n\r\n"),
                   "413 ", "BODY_TOO_LARGE");
    /* A client that sends the whole body before it reads gets the answer all the same. */
    buffer_init(&request, 4 * 1024 * 1024);
    buffer_append(&request, TEXT("POST / HTTP/1.1\r\n" HOST "Content-Length: 3000000\r\n\r\n"));
    assert_true(buffer_reserve(&request, 3000000));
    memset(request.data + request.length, 'a', 3000000);
    request.length += 3000000;
    int client = client_connect(FIXTURE_PUBLIC);
    client_send(client, buffer_text(&request));
    client_read_reply(client, true, &reply);
    assert_true(contains(&reply, "413 "));
    client_close(client);
    buffer_free(&request);
    exchange_all(
        TEXT("POST / HTTP/1.1\r\n" HOST
             "Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n3\r\nabc\r\n0\r\n\r\n"),
        &reply);
    assert_true(contains(&reply, "200 OK"));
    fixture_end();
}

static void append_header(struct buffer *request, size_t length)
{
    buffer_clear(request);
    buffer_append(request, TEXT("GET /a HTTP/1.1\r\n" HOST "Connection: close\r\nX: "));
    while (request->length + strlen("\r\n\r\n") < length) {
        buffer_append_byte(request, 'x');
    }
    buffer_append(request, TEXT("\r\n\r\n"));
}

static void headers_have_a_maximum(void **state)
{
    struct http_options options = fixture_options();
    struct buffer request;
    (void)state;
    fixture_start(&options);
    buffer_init(&request, 1024 * 1024);
    append_header(&request, options.header_maximum);
    exchange_all(buffer_text(&request), &reply);
    assert_true(contains(&reply, "200 OK"));
    append_header(&request, options.header_maximum + 1);
    expect_refusal(buffer_text(&request), "431 ", "HEADER_TOO_LARGE");
    append_header(&request, request.maximum / 2);
    expect_refusal(buffer_text(&request), "431 ", "HEADER_TOO_LARGE");
    buffer_clear(&request);
    buffer_append(&request, TEXT("GET /a HTTP/1.1\r\n" HOST));
    for (int i = 0; i < HTTP_HEADER_LINES_MAXIMUM; i++) {
        buffer_append(&request, TEXT("a: b\r\n"));
    }
    buffer_append(&request, TEXT("\r\n"));
    expect_refusal(buffer_text(&request), "431 ", "HEADER_TOO_LARGE");
    buffer_free(&request);
    fixture_end();
}

static void heads_and_bodies_of_any_size_are_read(void **state)
{
    struct http_options options = fixture_options();
    struct buffer request;
    (void)state;
    fixture_start(&options);
    buffer_init(&request, 1024 * 1024);
    for (size_t head = 100; head < options.header_maximum - 100; head += 211) {
        size_t body = head * 31;
        buffer_clear(&request);
        buffer_append(&request, TEXT("POST /a HTTP/1.1\r\n" HOST "Connection: close\r\nX: "));
        while (request.length < head) {
            buffer_append_byte(&request, 'x');
        }
        buffer_append_format(&request, "\r\nContent-Length: %zu\r\n\r\n", body);
        for (size_t i = 0; i < body; i++) {
            buffer_append_byte(&request, (char)('a' + i % 23));
        }
        struct text sent = text_from(buffer_text(&request), request.length - body);
        exchange_all(buffer_text(&request), &reply);
        assert_true(contains(&reply, "200 OK"));
        assert_true(text_ends_with(buffer_text(&reply), sent));
    }
    buffer_free(&request);
    fixture_end();
}

static void expectations_are_met_or_refused(void **state)
{
    struct http_options options = fixture_options();
    (void)state;
    fixture_start(&options);
    expect_refusal(TEXT("POST / HTTP/1.1\r\n" HOST "Content-Length: 1\r\nExpect: tea\r\n\r\n"),
                   "417 ", "EXPECTATION_FAILED");
    expect_refusal(TEXT("GET / HTTP/1.1\r\n" HOST "Expect: 100-continue, tea\r\n\r\n"), "417 ",
                   "EXPECTATION_FAILED");
    fixture_end();
}

static void bodies_together_have_a_maximum(void **state)
{
    struct http_options options = fixture_options();
    struct text head = TEXT("POST /hold HTTP/1.1\r\n" HOST "Content-Length: 1000\r\n\r\n");
    char body[1000];
    (void)state;
    memset(body, 'a', sizeof body);
    options.bodies_maximum = 1500;
    fixture_start(&options);
    int first = client_connect(FIXTURE_PUBLIC);
    client_send(first, head);
    client_send(first, (struct text){ body, sizeof body });
    fixture_await_held(1);
    int second = client_connect(FIXTURE_PUBLIC);
    client_send(second, head);
    client_send(second, (struct text){ body, sizeof body });
    client_read_reply(second, true, &reply);
    assert_true(contains(&reply, "503 "));
    assert_true(contains(&reply, "OVERLOADED: too many request bodies at once"));
    client_close(second);
    int internal = client_connect(FIXTURE_INTERNAL);
    client_send(internal, TEXT("POST /a HTTP/1.1\r\n" HOST "Content-Length: 1000\r\n\r\n"));
    client_send(internal, (struct text){ body, sizeof body });
    client_read_reply(internal, true, &reply);
    assert_true(contains(&reply, "200 OK"));
    client_close(internal);
    fixture_release();
    client_read_reply(first, true, &reply);
    assert_true(contains(&reply, "200 OK"));
    /* What the first one had is free again. */
    client_send(first, head);
    client_send(first, (struct text){ body, sizeof body });
    client_read_reply(first, true, &reply);
    assert_true(contains(&reply, "200 OK"));
    client_close(first);
    fixture_end();
}

static void replies_together_have_a_maximum(void **state)
{
    struct http_options options = fixture_options();
    struct text other = TEXT("GET /later HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n");
    (void)state;
    options.replies_maximum = FIXTURE_LARGE;
    fixture_start(&options);
    int deaf = client_connect(FIXTURE_PUBLIC);
    client_send(deaf, TEXT("GET /large HTTP/1.1\r\n" HOST "\r\n"));
    client_read_reply(deaf, false, &reply); /* the body is on its way, and stays there */
    expect_refusal(other, "503 ", "OVERLOADED: too many replies are not taken");
    int internal = client_connect(FIXTURE_INTERNAL);
    client_send(internal, other);
    client_read_reply(internal, true, &reply);
    assert_true(contains(&reply, "200 OK"));
    client_close(internal);
    client_close(deaf);
    /* Its memory is free before its place is. */
    fixture_await_no_connection();
    exchange_all(other, &reply);
    assert_true(contains(&reply, "200 OK"));
    fixture_end();
}

static void slow_senders_are_told(void **state)
{
    const struct text parts[] = {
        TEXT("G"),
        TEXT("GET /a HTTP/1.1\r\n" HOST),
        TEXT("POST /a HTTP/1.1\r\n" HOST "Content-Length: 2\r\n\r\n"),
        TEXT("POST /a HTTP/1.1\r\n" HOST "Content-Length: 2\r\n\r\nb"),
        TEXT("POST /a HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n5\r\nb"),
    };
    struct http_options options = fixture_options();
    (void)state;
    options.request_timeout = SHORT_TIME;
    fixture_start(&options);
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        expect_refusal(parts[i], "408 ", "REQUEST_TIMEOUT");
    }
    fixture_end();
}

static void idle_connections_are_closed_silently(void **state)
{
    struct http_options options = fixture_options();
    (void)state;
    options.idle_timeout = SHORT_TIME;
    fixture_start(&options);
    exchange_all(TEXT(""), &reply);
    assert_int_equal(reply.length, 0);
    exchange_all(TEXT("GET /a HTTP/1.1\r\n" HOST "\r\n"), &reply);
    assert_int_equal(occurrences(&reply, "HTTP/1.1 "), 1);
    fixture_end();
}

static void slow_readers_are_closed(void **state)
{
    struct http_options options = fixture_options();
    (void)state;
    options.write_timeout = SHORT_TIME;
    fixture_start(&options);
    int client = client_connect(FIXTURE_PUBLIC);
    client_send(client, TEXT("GET /large HTTP/1.1\r\n" HOST "\r\n"));
    client_read_reply(client, false, &reply);
    fixture_await_no_connection();
    /* The kernel does not keep the rest either: the connection is reset. */
    assert_false(client_read_all(client, &reply));
    client_close(client);
    fixture_end();
}

/* Somebody who takes a little now and then does not keep a reply in memory for ever. */
static void a_reply_has_a_deadline_as_a_whole(void **state)
{
    struct http_options options = fixture_options();
    char piece[1024];
    (void)state;
    options.write_timeout = 2 * SHORT_TIME;
    options.reply_rate_minimum = (size_t)1024 * FIXTURE_LARGE;
    fixture_start(&options);
    int client = client_connect(FIXTURE_PUBLIC);
    client_send(client, TEXT("GET /large HTTP/1.1\r\n" HOST "\r\n"));
    size_t taken = 0;
    ssize_t count;
    while ((count = recv(client, piece, sizeof piece, 0)) > 0) {
        taken += (size_t)count;
        (void)usleep(1000);
    }
    assert_true(taken < FIXTURE_LARGE);
    client_close(client);
    fixture_end();
}

/* The server's end of a connection, which is in this process; -1: it has not been accepted. */
static int find_server_end(int client)
{
    struct sockaddr_in own;
    struct sockaddr_in peer;
    socklen_t length = sizeof own;
    assert_int_equal(getsockname(client, (struct sockaddr *)&own, &length), 0);
    for (int descriptor = 0; descriptor < 1024; descriptor++) {
        length = sizeof peer;
        if (getpeername(descriptor, (struct sockaddr *)&peer, &length) == 0 &&
            peer.sin_family == AF_INET && peer.sin_port == own.sin_port) {
            return descriptor;
        }
    }
    return -1;
}

static int await_accepted(int client)
{
    int descriptor = find_server_end(client);
    for (int i = 0; descriptor < 0; i++) {
        assert_in_range(i, 0, FIXTURE_SECONDS_MAXIMUM * 1000);
        (void)usleep(1000);
        descriptor = find_server_end(client);
    }
    return descriptor;
}

static void the_kernel_keeps_little_for_a_peer(void **state)
{
    struct http_options options = fixture_options();
    int send_buffer = 0;
    socklen_t length = sizeof send_buffer;
    (void)state;
    fixture_start(&options);
    int client = client_connect(FIXTURE_PUBLIC);
    client_send(client, TEXT("GET /a HTTP/1.1\r\n" HOST "\r\n"));
    client_read_reply(client, true, &reply);
    assert_int_equal(
        getsockopt(await_accepted(client), SOL_SOCKET, SO_SNDBUF, &send_buffer, &length), 0);
    assert_in_range(send_buffer, 1, 2 * LISTENER_SEND_BUFFER);
    client_close(client);
    fixture_end();
}

/* A pipelining client that never reads costs one request and its reply, not more. */
static void nothing_is_read_before_the_reply_is_sent(void **state)
{
    struct http_options options = fixture_options();
    unsigned sent = 0;
    (void)state;
    fixture_start(&options);
    int client = client_connect(FIXTURE_UNIX);
    client_send(client, TEXT("GET /large HTTP/1.1\r\n" HOST "\r\n"));
    while (send(client, "GET /b HTTP/1.1\r\n" HOST "\r\n", 28, MSG_DONTWAIT | MSG_NOSIGNAL) == 28) {
        sent++;
        assert_true(sent < 1000 * 1000);
    }
    client_close(client);
    fixture_end();
}

/* Connections that have a request in hand are never closed for others. */
static void connections_have_a_maximum(void **state)
{
    struct http_options options = fixture_options();
    struct http_statistics statistics;
    (void)state;
    options.connections_maximum = 2;
    fixture_start(&options);
    int clients[2];
    for (unsigned i = 0; i < 2; i++) {
        clients[i] = client_connect(FIXTURE_PUBLIC);
        client_send(clients[i], TEXT("GET /hold HTTP/1.1\r\n" HOST "\r\n"));
        fixture_await_held(i + 1);
    }
    exchange_all(TEXT("GET /a HTTP/1.1\r\n" HOST "\r\n"), &reply);
    assert_true(contains(&reply, "503 Service Unavailable\r\n"));
    assert_true(contains(&reply, "Connection: close\r\n"));
    assert_true(contains(&reply, "OVERLOADED: too many connections"));
    statistics = http_server_statistics(fixture_server());
    assert_int_equal(statistics.connections_open, 2);
    assert_int_equal(statistics.connections_accepted, 2);
    assert_int_equal(statistics.connections_displaced, 0);
    assert_int_equal(statistics.connections_refused, 1);
    fixture_release();
    for (size_t i = 0; i < 2; i++) {
        client_read_reply(clients[i], true, &reply);
        assert_true(contains(&reply, "200 OK"));
        client_close(clients[i]);
    }
    fixture_await_no_connection();
    exchange_all(TEXT("GET /a HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n"), &reply);
    assert_true(contains(&reply, "200 OK"));
    fixture_end();
}

static void expect_answer(int client)
{
    client_send(client, TEXT("GET /a HTTP/1.1\r\n" HOST "\r\n"));
    client_read_reply(client, true, &reply);
    assert_true(contains(&reply, "200 OK"));
}

static void the_oldest_idle_connection_makes_room(void **state)
{
    struct http_options options = fixture_options();
    struct http_statistics statistics;
    int clients[3];
    (void)state;
    options.threads = 1; /* each has idle connections of its own */
    options.connections_maximum = 2;
    fixture_start(&options);
    for (size_t i = 0; i < 3; i++) {
        clients[i] = client_connect(FIXTURE_PUBLIC);
        expect_answer(clients[i]);
    }
    buffer_clear(&reply);
    (void)client_read_all(clients[0], &reply);
    assert_int_equal(reply.length, 0);
    expect_answer(clients[1]);
    statistics = http_server_statistics(fixture_server());
    assert_int_equal(statistics.connections_open, 2);
    assert_int_equal(statistics.connections_accepted, 3);
    assert_int_equal(statistics.connections_displaced, 1);
    assert_int_equal(statistics.connections_refused, 0);
    for (size_t i = 0; i < 3; i++) {
        client_close(clients[i]);
    }
    fixture_await_no_connection();
    fixture_end();
}

/* The thread that a newcomer is dealt to has no idle connection, but the other one has. */
static void an_idle_connection_of_any_thread_makes_room(void **state)
{
    struct http_options options = fixture_options();
    struct http_statistics statistics;
    (void)state;
    options.threads = 2;
    options.connections_maximum = 2;
    fixture_start(&options);
    int held = client_connect(FIXTURE_PUBLIC);
    client_send(held, TEXT("GET /hold HTTP/1.1\r\n" HOST "\r\n"));
    fixture_await_held(1);
    int idle = client_connect(FIXTURE_PUBLIC);
    expect_answer(idle);
    int newcomer = client_connect(FIXTURE_PUBLIC);
    expect_answer(newcomer);
    buffer_clear(&reply);
    (void)client_read_all(idle, &reply);
    assert_int_equal(reply.length, 0);
    statistics = http_server_statistics(fixture_server());
    assert_int_equal(statistics.connections_open, 2);
    assert_int_equal(statistics.connections_displaced, 1);
    assert_int_equal(statistics.connections_refused, 0);
    fixture_release();
    client_close(held);
    client_close(idle);
    client_close(newcomer);
    fixture_await_no_connection();
    fixture_end();
}

/* Between its being accepted, one too many, and its thread's having time for it another went. */
static void nobody_is_displaced_where_there_is_room(void **state)
{
    struct http_options options = fixture_options();
    struct http_statistics statistics;
    int clients[4];
    (void)state;
    options.threads = 2;
    options.connections_maximum = 4;
    fixture_start(&options);
    for (size_t i = 0; i < 4; i++) {
        clients[i] = client_connect(FIXTURE_PUBLIC);
        expect_answer(clients[i]);
    }
    client_send(clients[0], TEXT("GET /stall HTTP/1.1\r\n" HOST "\r\n"));
    fixture_await_held(1);
    int newcomer = client_connect(FIXTURE_PUBLIC);
    await_accepted(newcomer);
    client_close(clients[1]);
    fixture_await_connections(3);
    fixture_release();
    expect_answer(newcomer);
    expect_answer(clients[2]);
    statistics = http_server_statistics(fixture_server());
    assert_int_equal(statistics.connections_open, 4);
    assert_int_equal(statistics.connections_displaced, 0);
    assert_int_equal(statistics.connections_refused, 0);
    client_close(clients[0]);
    client_close(clients[2]);
    client_close(clients[3]);
    client_close(newcomer);
    fixture_await_no_connection();
    fixture_end();
}

static void a_full_public_side_leaves_the_internal_one_its_own(void **state)
{
    struct http_options options = fixture_options();
    (void)state;
    options.connections_maximum = 1;
    fixture_start(&options);
    int held = client_connect(FIXTURE_PUBLIC);
    client_send(held, TEXT("GET /hold HTTP/1.1\r\n" HOST "\r\n"));
    fixture_await_held(1);
    int internal = client_connect(FIXTURE_INTERNAL);
    client_send(internal, TEXT("GET /a HTTP/1.1\r\n" HOST "\r\n"));
    client_read_reply(internal, true, &reply);
    assert_true(contains(&reply, "200 OK"));
    assert_int_equal(http_server_statistics(fixture_server()).connections_open, 2);
    fixture_release();
    client_close(internal);
    client_close(held);
    fixture_await_no_connection();
    fixture_end();
}

/* The number after the highest descriptor in use. */
static rlim_t descriptors_in_use(void)
{
    int next = dup(STDIN_FILENO);
    assert_true(next >= 0);
    (void)close(next);
    return (rlim_t)next;
}

static void lack_of_descriptors_is_survived(void **state)
{
    struct http_options options = fixture_options();
    struct rlimit before;
    (void)state;
    fixture_start(&options);
    int client = client_connect(FIXTURE_PUBLIC);
    client_send(client, TEXT("GET /a HTTP/1.1\r\n" HOST "\r\n"));
    client_read_reply(client, true, &reply);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    int second = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_storage address;
    socklen_t length = sizeof address;
    assert_int_equal(getpeername(client, (struct sockaddr *)&address, &length), 0);
    struct rlimit limit = { descriptors_in_use(), before.rlim_max };
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
    assert_int_equal(connect(second, (struct sockaddr *)&address, length), 0);
    buffer_clear(&reply);
    (void)client_read_all(second, &reply);
    assert_int_equal(reply.length, 0);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    client_close(second);
    client_send(client, TEXT("GET /a HTTP/1.1\r\n" HOST "\r\n"));
    client_read_reply(client, true, &reply);
    exchange_all(TEXT("GET /a HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n"), &reply);
    assert_true(contains(&reply, "200 OK"));
    client_close(client);
    fixture_end();
}

static void *stop_with_grace(void *context)
{
    http_server_stop(fixture_server(), *(int64_t *)context);
    return NULL;
}

static void requests_in_hand_outlive_the_stop(void **state)
{
    struct http_options options = fixture_options();
    int64_t grace = FIXTURE_SECONDS_MAXIMUM * (int64_t)MICROSECONDS_PER_SECOND;
    pthread_t stopper;
    (void)state;
    options.threads = 1; /* so that the end of one connection tells about the other */
    fixture_start(&options);
    int idle = client_connect(FIXTURE_PUBLIC);
    int held = client_connect(FIXTURE_PUBLIC);
    client_send(idle, TEXT("GET /a HTTP/1.1\r\n" HOST "\r\n"));
    client_read_reply(idle, true, &reply);
    client_send(held, TEXT("GET /hold HTTP/1.1\r\n" HOST "\r\n"));
    fixture_await_held(1);
    assert_int_equal(pthread_create(&stopper, NULL, stop_with_grace, &grace), 0);
    buffer_clear(&reply);
    assert_true(client_read_all(idle, &reply));
    assert_int_equal(reply.length, 0);
    fixture_release();
    assert_true(client_read_all(held, &reply));
    assert_true(contains(&reply, "200 OK") && contains(&reply, "Connection: close\r\n"));
    (void)pthread_join(stopper, NULL);
    client_close(idle);
    client_close(held);
    fixture_end();
}

/* One is passed on to a thread that had nothing left to do when the stop came. */
static void a_stop_leaves_no_newcomer_behind(void **state)
{
    enum { ROUNDS = 10 };
    struct http_options options = fixture_options();
    int64_t grace = 0;
    pthread_t stopper;
    (void)state;
    options.threads = 2;
    options.connections_maximum = 1;
    for (int round = 0; round < ROUNDS; round++) {
        fixture_start(&options);
        int internal = client_connect(FIXTURE_INTERNAL);
        expect_answer(internal);
        int stalled = client_connect(FIXTURE_PUBLIC);
        client_send(stalled, TEXT("GET /stall HTTP/1.1\r\n" HOST "\r\nG")); /* not idle then */
        fixture_await_held(1);
        int newcomers[] = { client_connect(FIXTURE_PUBLIC), client_connect(FIXTURE_PUBLIC) };
        (void)await_accepted(newcomers[1]);
        assert_int_equal(pthread_create(&stopper, NULL, stop_with_grace, &grace), 0);
        buffer_clear(&reply);
        (void)client_read_all(internal, &reply);
        fixture_release();
        (void)pthread_join(stopper, NULL);
        assert_int_equal(find_server_end(newcomers[0]), -1);
        assert_int_equal(find_server_end(newcomers[1]), -1);
        client_close(newcomers[0]);
        client_close(newcomers[1]);
        client_close(stalled);
        client_close(internal);
        fixture_end();
    }
}

static void grace_ends(void **state)
{
    struct http_options options = fixture_options();
    int64_t grace = 0;
    pthread_t stopper;
    (void)state;
    fixture_start(&options);
    int held = client_connect(FIXTURE_PUBLIC);
    int begun = client_connect(FIXTURE_UNIX);
    int deaf = client_connect(FIXTURE_PUBLIC);
    client_send(begun, TEXT("GET /"));
    client_await_read(begun);
    client_send(deaf, TEXT("GET /large HTTP/1.1\r\n" HOST "\r\n"));
    client_read_reply(deaf, false, &reply);
    client_send(held, TEXT("GET /hold HTTP/1.1\r\n" HOST "\r\n"));
    fixture_await_held(1);
    assert_int_equal(pthread_create(&stopper, NULL, stop_with_grace, &grace), 0);
    buffer_clear(&reply);
    (void)client_read_all(begun, &reply);
    assert_int_equal(reply.length, 0);
    /* The application still has this one: the server waits for it, but sends no more. */
    fixture_release();
    (void)pthread_join(stopper, NULL);
    (void)client_read_all(held, &reply);
    client_close(held);
    client_close(begun);
    client_close(deaf);
    fixture_end();
}

/* Many connections at once, from several threads, some of which go away in the middle. */
enum { STORM_THREADS = 4, STORM_ROUNDS = 100 };

static void *storm(void *context)
{
    (void)context;
    struct text request = TEXT("POST /later HTTP/1.1\r\n" HOST "Content-Length: 3\r\n\r\nabc");
    struct buffer bytes;
    buffer_init(&bytes, 4096);
    for (size_t i = 0; i < STORM_ROUNDS; i++) {
        int client = client_connect(FIXTURE_PUBLIC);
        (void)client_try_send(client, request);
        if (i % 3 > 0) {
            (void)client_try_send(client, text_until(request, i % request.length));
        }
        if (i % 2 > 0) {
            client_read_reply(client, true, &bytes);
        }
        client_close(client);
    }
    buffer_free(&bytes);
    return NULL;
}

static void storms_are_survived(void **state)
{
    struct http_options options = fixture_options();
    pthread_t threads[STORM_THREADS];
    (void)state;
    fixture_start(&options);
    for (size_t i = 0; i < STORM_THREADS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, storm, NULL), 0);
    }
    for (size_t i = 0; i < STORM_THREADS; i++) {
        (void)pthread_join(threads[i], NULL);
    }
    fixture_await_no_connection();
    assert_int_equal(http_server_statistics(fixture_server()).connections_accepted,
                     STORM_THREADS * STORM_ROUNDS);
    fixture_end();
}

static int make_buffer(void **state)
{
    (void)state;
    buffer_init(&reply, REPLY_MAXIMUM);
    return 0;
}

static int free_buffer(void **state)
{
    (void)state;
    buffer_free(&reply);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bodies_have_a_maximum),
        cmocka_unit_test(headers_have_a_maximum),
        cmocka_unit_test(heads_and_bodies_of_any_size_are_read),
        cmocka_unit_test(expectations_are_met_or_refused),
        cmocka_unit_test(bodies_together_have_a_maximum),
        cmocka_unit_test(replies_together_have_a_maximum),
        cmocka_unit_test(slow_senders_are_told),
        cmocka_unit_test(idle_connections_are_closed_silently),
        cmocka_unit_test(slow_readers_are_closed),
        cmocka_unit_test(a_reply_has_a_deadline_as_a_whole),
        cmocka_unit_test(the_kernel_keeps_little_for_a_peer),
        cmocka_unit_test(nothing_is_read_before_the_reply_is_sent),
        cmocka_unit_test(connections_have_a_maximum),
        cmocka_unit_test(the_oldest_idle_connection_makes_room),
        cmocka_unit_test(an_idle_connection_of_any_thread_makes_room),
        cmocka_unit_test(nobody_is_displaced_where_there_is_room),
        cmocka_unit_test(a_full_public_side_leaves_the_internal_one_its_own),
        cmocka_unit_test(lack_of_descriptors_is_survived),
        cmocka_unit_test(requests_in_hand_outlive_the_stop),
        cmocka_unit_test(a_stop_leaves_no_newcomer_behind),
        cmocka_unit_test(grace_ends),
        cmocka_unit_test(storms_are_survived),
    };
    return cmocka_run_group_tests(tests, make_buffer, free_buffer);
}
