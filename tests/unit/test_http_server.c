/* The server as its clients see it: requests, replies, and what must not become a request. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "test_http_fixture.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])
#define HOST "Host: a\r\n"
#define EVIL "GET /evil HTTP/1.1\r\nHost: a\r\n\r\n"

enum { REPLY_MAXIMUM = 16 * 1024 * 1024 };

static struct buffer reply;

static void stays_open_between_requests(void **state)
{
    (void)state;
    int client = client_connect(FIXTURE_PUBLIC);
    for (int i = 0; i < 3; i++) {
        client_send(client, TEXT("GET /a?b=c HTTP/1.1\r\n" HOST "\r\n"));
        client_read_reply(client, true, &reply);
        assert_true(contains(&reply, "HTTP/1.1 200 OK\r\n"));
        assert_true(contains(&reply, "\r\nDate: "));
        assert_true(contains(&reply, "\r\nContent-Length: 11\r\n"));
        assert_false(contains(&reply, "Connection:"));
        assert_true(text_ends_with(buffer_text(&reply), TEXT("\r\n\r\nGET /a?b=c\n")));
    }
    client_close(client);
}

static void pipelined_requests_are_answered_in_order(void **state)
{
    (void)state;
    enum { REQUESTS = 500 };
    struct buffer requests;
    int client = client_connect(FIXTURE_PUBLIC);
    buffer_init(&requests, 64 * 1024);
    for (int i = 0; i < REQUESTS; i++) {
        buffer_append_format(&requests, "POST /%d HTTP/1.1\r\n" HOST "Content-Length: 3\r\n\r\nabc",
                             i);
    }
    client_send(client, buffer_text(&requests));
    buffer_free(&requests);
    for (int i = 0; i < REQUESTS; i++) {
        char expected[32];
        (void)snprintf(expected, sizeof expected, "POST /%d\nabc", i);
        client_read_reply(client, true, &reply);
        assert_true(text_ends_with(buffer_text(&reply), text_of(expected)));
    }
    client_close(client);
}

static void head_gets_no_body(void **state)
{
    (void)state;
    int client = client_connect(FIXTURE_PUBLIC);
    client_send(client, TEXT("HEAD /a HTTP/1.1\r\n" HOST "\r\nGET /b HTTP/1.1\r\n" HOST "\r\n"));
    client_read_reply(client, false, &reply);
    assert_true(contains(&reply, "Content-Length: 8\r\n"));
    client_read_reply(client, true, &reply);
    assert_true(text_ends_with(buffer_text(&reply), TEXT("GET /b\n")));
    client_send(client, TEXT("GET /empty HTTP/1.1\r\n" HOST "\r\nGET /c HTTP/1.1\r\n" HOST "\r\n"));
    client_read_reply(client, true, &reply);
    assert_true(contains(&reply, "204 No Content\r\n"));
    assert_false(contains(&reply, "Content-Length"));
    client_read_reply(client, true, &reply);
    assert_true(text_ends_with(buffer_text(&reply), TEXT("GET /c\n")));
    client_close(client);
}

static void body_is_asked_for(void **state)
{
    (void)state;
    int client = client_connect(FIXTURE_PUBLIC);
    client_send(client, TEXT("POST /a HTTP/1.1\r\n" HOST
                             "Content-Length: 3\r\nExpect: 100-continue\r\n\r\n"));
    client_read_reply(client, false, &reply);
    assert_true(text_equal(buffer_text(&reply), TEXT("HTTP/1.1 100 Continue\r\n\r\n")));
    client_send(client, TEXT("abc"));
    client_read_reply(client, true, &reply);
    assert_true(text_ends_with(buffer_text(&reply), TEXT("POST /a\nabc")));
    /* Nobody waits for it when the body came along. */
    client_send(client, TEXT("POST /b HTTP/1.1\r\n" HOST
                             "Content-Length: 3\r\nExpect: 100-continue\r\n\r\nabc"));
    client_read_reply(client, true, &reply);
    assert_true(text_ends_with(buffer_text(&reply), TEXT("POST /b\nabc")));
    client_close(client);
}

static void http_1_0_closes(void **state)
{
    (void)state;
    exchange_all(TEXT("GET /a HTTP/1.0\r\n\r\n" EVIL), &reply);
    assert_true(contains(&reply, "200 OK\r\n"));
    assert_true(contains(&reply, "Connection: close\r\n"));
    exchange_all(TEXT("GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET /b HTTP/1.0\r\n\r\n"),
                 &reply);
    assert_int_equal(occurrences(&reply, "Connection: keep-alive\r\n"), 1);
    assert_int_equal(occurrences(&reply, "Connection: close\r\n"), 1);
    exchange_all(TEXT("GET /a HTTP/1.1\r\n" HOST "Connection: Close\r\n\r\n" EVIL), &reply);
    assert_true(contains(&reply, "Connection: close\r\n"));
    exchange_all(TEXT("GET /closing HTTP/1.1\r\n" HOST "\r\n" EVIL), &reply);
    assert_true(contains(&reply, "Connection: close\r\n"));
    assert_int_equal(fixture_evil_count(), 0);
}

static void other_protocols_are_not_entered(void **state)
{
    (void)state;
    exchange_all(TEXT("CONNECT a:1 HTTP/1.1\r\n" HOST "\r\n" EVIL), &reply);
    assert_true(contains(&reply, "HTTP/1.1 405 "));
    assert_true(contains(&reply, "METHOD_NOT_SUPPORTED"));
    exchange_all(TEXT("GET /a HTTP/1.1\r\n" HOST "Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
                      "POST /b HTTP/1.1\r\n" HOST
                      "Connection: Upgrade, close\r\nUpgrade: x\r\nContent-Length: 1\r\n\r\nc"),
                 &reply);
    assert_int_equal(occurrences(&reply, "HTTP/1.1 200 OK\r\n"), 2);
    assert_true(text_ends_with(buffer_text(&reply), TEXT("POST /b\nc")));
    exchange_all(TEXT("OPTIONS * HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n"), &reply);
    assert_true(text_ends_with(buffer_text(&reply), TEXT("OPTIONS *\n")));
    assert_int_equal(fixture_evil_count(), 0);
}

static void other_threads_answer(void **state)
{
    (void)state;
    enum { REQUESTS = 100 };
    int client = client_connect(FIXTURE_PUBLIC);
    for (int i = 0; i < REQUESTS; i++) {
        client_send(client, TEXT("GET /later HTTP/1.1\r\n" HOST "\r\n"
                                 "GET /hold HTTP/1.1\r\n" HOST "\r\n"));
    }
    fixture_await_held(1);
    fixture_release();
    for (int i = 0; i < 2 * REQUESTS; i++) {
        client_read_reply(client, true, &reply);
        assert_true(contains(&reply, i % 2 == 0 ? "GET /later\n" : "GET /hold\n"));
    }
    client_close(client);
    assert_int_equal(fixture_released_count(), 2 * REQUESTS);
}

static void large_replies_arrive(void **state)
{
    (void)state;
    exchange_all(TEXT("GET /large HTTP/1.1\r\n" HOST "\r\n"
                      "GET /large HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n"),
                 &reply);
    assert_true(reply.length > 2 * FIXTURE_LARGE);
}

static void application_knows_the_peer(void **state)
{
    (void)state;
    int client = client_connect(FIXTURE_INTERNAL);
    client_send(client, TEXT("GET /peer HTTP/1.1\r\n" HOST "\r\n"));
    client_read_reply(client, true, &reply);
    assert_true(contains(&reply, "X-Side: internal\r\n"));
    assert_true(text_ends_with(buffer_text(&reply), TEXT("\r\n\r\n127.0.0.1")));
    client_close(client);
    client = client_connect(FIXTURE_UNIX);
    client_send(client, TEXT("GET /peer HTTP/1.1\r\n" HOST "\r\n"));
    client_read_reply(client, true, &reply);
    assert_false(contains(&reply, "X-Side"));
    assert_true(text_ends_with(buffer_text(&reply), TEXT("\r\n\r\nunix")));
    client_close(client);
}

/* Each would hand the application /evil if its end were misjudged. */
static const struct text smugglers[] = {
    TEXT("POST /a HTTP/1.1\r\n" HOST "Content-Length: 0\r\nContent-Length: 33\r\n\r\n" EVIL),
    TEXT("POST /a HTTP/1.1\r\n" HOST "Content-Length: 33\r\nContent-Length: 0\r\n\r\n" EVIL),
    TEXT("POST /a HTTP/1.1\r\n" HOST "Content-Length: 33\r\nContent-Length: 33\r\n\r\n" EVIL),
    TEXT("POST /a HTTP/1.1\r\n" HOST "Content-Length : 33\r\n\r\n" EVIL),
    TEXT("POST /a HTTP/1.1\r\n" HOST "Content-Length:\r\n 33\r\n\r\n" EVIL),
    TEXT("POST /a HTTP/1.1\r\n" HOST " Content-Length: 33\r\n\r\n" EVIL),
    TEXT("POST /a HTTP/1.1\r\n" HOST "X: y\r\n\tContent-Length: 33\r\n\r\n" EVIL),
    TEXT("POST /a HTTP/1.1\r\n" HOST
         "Content-Length: 38\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" EVIL),
    TEXT("POST /a HTTP/1.1\r\n" HOST
         "Transfer-Encoding: chunked\r\nContent-Length: 38\r\n\r\n0\r\n\r\n" EVIL),
    TEXT("POST /a HTTP/1.1\r\n" HOST "Content-Length: +33\r\n\r\n" EVIL),
    TEXT("POST /a HTTP/1.1\r\n" HOST "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n" EVIL),
    TEXT("POST /a HTTP/1.1\r\n" HOST "Transfer-Encoding: gzip\r\n\r\n0\r\n\r\n" EVIL),
    TEXT("POST /a HTTP/1.1\r\n" HOST "Transfer-Encoding:\r\n\r\n" EVIL),
    TEXT("POST /a HTTP/1.1\r\n" HOST
         "Transfer-Encoding: chunked\r\n\r\n0x3\r\nabc\r\n0\r\n\r\n" EVIL),
    TEXT("POST /a HTTP/1.1\r\n" HOST
         "Transfer-Encoding: chunked\r\n\r\n+3\r\nabc\r\n0\r\n\r\n" EVIL),
    TEXT("POST /a HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n0\r\n\n" EVIL),
    TEXT("POST /a HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n0\r\n" EVIL),
    TEXT("POST /a HTTP/1.1\r\n" HOST
         "Transfer-Encoding: chunked\r\n\r\n0\r\nAuthorization: Bearer x\r\n\r\n" EVIL),
    TEXT("POST /a HTTP/1.0\r\n" HOST
         "Connection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" EVIL),
    TEXT("GET /a HTTP/1.1\n" HOST "\n" EVIL),
    TEXT("GET /a HTTP/1.1\r\nHost: a\n\r\n" EVIL),
    TEXT("GET /a HTTP/1.1\r\n" HOST "X: a\0b\r\n\r\n" EVIL),
    TEXT("GET /a HTTP/1.1\r\n" HOST "X: a\rGET /evil HTTP/1.1\r\n\r\n" EVIL),
    TEXT("GET /a HTTP/1.1\r\n" HOST HOST "\r\n" EVIL),
    TEXT("GET /a HTTP/1.1\r\n\r\n" EVIL),
    TEXT("GET /a%00b HTTP/1.1\r\n" HOST "\r\n" EVIL),
    TEXT("G(T /a HTTP/1.1\r\n" HOST "\r\n" EVIL),
    TEXT("GET /a\r\n\r\n" EVIL),
    TEXT("GET /a HTTP/2.0\r\n" HOST "\r\n" EVIL),
    TEXT("OPTIONS /a RTSP/1.0\r\n" HOST "\r\n" EVIL),
    TEXT("GET /a HTTP/1.1\r\n" HOST ": x\r\n\r\n" EVIL),
    TEXT("GET /a#b HTTP/1.1\r\n" HOST "\r\n" EVIL),
    TEXT("\r\n\r\n" EVIL),
};

static void nothing_is_smuggled(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(smugglers); i++) {
        exchange_all(smugglers[i], &reply);
        if (!text_starts_with(buffer_text(&reply), TEXT("HTTP/1.1 400 Bad Request\r\n")) ||
            occurrences(&reply, "HTTP/1.1 ") != 1 || !contains(&reply, "Connection: close\r\n") ||
            fixture_evil_count() != 0) {
            fail_msg("smuggler %zu: %.*s", i, TEXT_ARGUMENTS(buffer_text(&reply)));
        }
    }
}

struct split_case {
    struct text request;
    const char *echo;
};

static const struct split_case split_cases[] = {
    { TEXT("GET /a HTTP/1.1\r\n" HOST "\r\n"), "GET /a\n" },
    { TEXT("\r\nGET http://a/b HTTP/1.1\r\n" HOST "X: y\r\n\r\n"), "GET /b\n" },
    { TEXT("POST /c HTTP/1.1\r\n" HOST "Content-Length: 5\r\n\r\nhello"), "POST /c\nhello" },
    { TEXT("POST /d HTTP/1.1\r\n" HOST
           "Transfer-Encoding: chunked\r\n\r\n3;x=y\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n"),
      "POST /d\nhello" },
    { TEXT("PATCH /e HTTP/1.1\r\n" HOST "Connection: Upgrade\r\nUpgrade: x\r\n"
           "Content-Length: 2\r\n\r\nhi"),
      "PATCH /e\nhi" },
    { TEXT("DELETE /f HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"), "DELETE /f\n" },
};

static void check_echo(int client, const struct split_case *expected)
{
    client_read_reply(client, true, &reply);
    if (!text_ends_with(buffer_text(&reply), text_of(expected->echo)) ||
        !contains(&reply, "200 OK")) {
        fail_msg("%s instead of %s", reply.data, expected->echo);
    }
}

static void requests_may_come_in_pieces(void **state)
{
    (void)state;
    int client = client_connect(FIXTURE_UNIX);
    for (size_t i = 0; i < COUNT(split_cases); i++) {
        struct text request = split_cases[i].request;
        for (size_t split = 1; split < request.length; split++) {
            client_send(client, text_until(request, split));
            client_await_read(client);
            client_send(client, text_from(request, split));
            check_echo(client, &split_cases[i]);
        }
        for (size_t at = 0; at < request.length; at++) {
            client_send(client, text_until(text_from(request, at), 1));
            client_await_read(client);
        }
        check_echo(client, &split_cases[i]);
    }
    client_close(client);
}

/* Two requests in a row, cut anywhere: the second must not suffer from the first. */
static void pipelines_may_come_in_pieces(void **state)
{
    (void)state;
    int client = client_connect(FIXTURE_UNIX);
    for (size_t i = 0; i < COUNT(split_cases); i++) {
        const struct split_case *second = &split_cases[(i + 1) % COUNT(split_cases)];
        struct buffer both;
        buffer_init(&both, 4096);
        buffer_append(&both, split_cases[i].request);
        buffer_append(&both, second->request);
        for (size_t split = 1; split < both.length; split++) {
            client_send(client, text_until(buffer_text(&both), split));
            client_await_read(client);
            client_send(client, text_from(buffer_text(&both), split));
            check_echo(client, &split_cases[i]);
            check_echo(client, second);
        }
        buffer_free(&both);
    }
    client_close(client);
}

static void unix_sockets_have_a_mode(void **state)
{
    (void)state;
    struct stat status;
    assert_int_equal(stat(fixture_path(), &status), 0);
    assert_int_equal(status.st_mode & 0777, 0660);
}

static struct result try_start(const char *address, struct http_server **ret_server)
{
    struct http_listener listener = { .address = text_of(address), .side = HTTP_PUBLIC };
    struct http_options options = fixture_options();
    options.listeners = &listener;
    options.listener_count = 1;
    return http_server_open(&options, ret_server);
}

static void expect_no_start(const char *address, const char *reason)
{
    struct http_server *server;
    assert_true(result_failed(try_start(address, &server)));
    struct text text = fault_take();
    assert_non_null(text.data);
    assert_non_null(strstr(text.data, reason));
}

static void addresses_in_use_are_refused(void **state)
{
    (void)state;
    char address[HTTP_ADDRESS_MAXIMUM];
    (void)snprintf(address, sizeof address, "%.*s",
                   TEXT_ARGUMENTS(http_server_address(fixture_server(), FIXTURE_PUBLIC)));
    expect_no_start(address, "Address already in use");
    (void)snprintf(address, sizeof address, "unix:%s", fixture_path());
    expect_no_start(address, "another server is there");
    expect_no_start("unix:/dev/null", "not a socket");
    expect_no_start("unix:", "the path of a socket");
    const char *const bad[] = { "",       "8080",    ":8080",    "a:",    "a:b",
                                "a:-1",   "a:65536", "::1:8080", "[::1]", "[::1:80",
                                "[a]:80", "[::1]80", "127.0.0.1" };
    for (size_t i = 0; i < COUNT(bad); i++) {
        expect_no_start(bad[i], "is not host:port");
    }
}

static void stale_sockets_are_replaced(void **state)
{
    (void)state;
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    char text[sizeof address.sun_path + sizeof "unix:"];
    struct http_server *server;
    (void)snprintf(address.sun_path, sizeof address.sun_path, "%s2", fixture_path());
    (void)snprintf(text, sizeof text, "unix:%s", address.sun_path);
    int stale = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(stale, (struct sockaddr *)&address, sizeof address), 0);
    (void)close(stale);
    assert_false(result_failed(try_start(text, &server)));
    assert_true(text_equal(http_server_address(server, 0), text_of(text)));
    http_server_free(server);
    assert_int_not_equal(access(address.sun_path, F_OK), 0);
}

static void ipv6_addresses_have_brackets(void **state)
{
    (void)state;
    struct http_server *server;
    if (result_failed(try_start("[::1]:0", &server))) {
        (void)fault_take();
        skip(); /* a machine without IPv6 */
    }
    struct text address = http_server_address(server, 0);
    assert_true(text_starts_with(address, TEXT("[::1]:")));
    assert_false(text_ends_with(address, TEXT(":0")));
    http_server_free(server);
}

static void local_addresses_are_known(void **state)
{
    (void)state;
    assert_true(http_address_is_local(TEXT("127.0.0.1:1")));
    assert_true(http_address_is_local(TEXT("127.1.2.3:1")));
    assert_true(http_address_is_local(TEXT("[::1]:1")));
    assert_true(http_address_is_local(TEXT("Localhost:1")));
    assert_true(http_address_is_local(TEXT("unix:/a")));
    assert_false(http_address_is_local(TEXT("0.0.0.0:1")));
    assert_false(http_address_is_local(TEXT("[::]:1")));
    assert_false(http_address_is_local(TEXT("10.0.0.1:1")));
    assert_false(http_address_is_local(TEXT("127.example.com:1")));
}

static int start(void **state)
{
    (void)state;
    struct http_options options = fixture_options();
    fixture_start(&options);
    buffer_init(&reply, 2 * REPLY_MAXIMUM);
    return 0;
}

static int end(void **state)
{
    (void)state;
    fixture_end();
    buffer_free(&reply);
    return 0;
}

#define SERVER_TEST(function) cmocka_unit_test_setup_teardown(function, start, end)

static void refusals_of_head_have_no_body(void **state)
{
    const struct text requests[] = {
        TEXT("HEAD /a HTTP/1.1\r\n" HOST HOST "\r\n"),
        TEXT("HEAD /a HTTP/1.1\r\n" HOST "a b: c\r\n\r\n"),
        TEXT("\r\nHEAD /a HTTP/1.1\n" HOST "\r\n"),
    };
    struct http_options options = fixture_options();
    (void)state;
    fixture_start(&options);
    for (size_t i = 0; i < sizeof requests / sizeof requests[0]; i++) {
        exchange_all(requests[i], &reply);
        assert_true(contains(&reply, "400 "));
        assert_false(contains(&reply, "Content-Length: 0\r\n"));
        assert_true(text_ends_with(buffer_text(&reply), TEXT("\r\n\r\n")));
    }
    fixture_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SERVER_TEST(stays_open_between_requests),
        SERVER_TEST(pipelined_requests_are_answered_in_order),
        SERVER_TEST(head_gets_no_body),
        SERVER_TEST(body_is_asked_for),
        SERVER_TEST(http_1_0_closes),
        SERVER_TEST(other_protocols_are_not_entered),
        SERVER_TEST(other_threads_answer),
        SERVER_TEST(large_replies_arrive),
        SERVER_TEST(application_knows_the_peer),
        SERVER_TEST(nothing_is_smuggled),
        SERVER_TEST(requests_may_come_in_pieces),
        SERVER_TEST(pipelines_may_come_in_pieces),
        SERVER_TEST(unix_sockets_have_a_mode),
        SERVER_TEST(addresses_in_use_are_refused),
        SERVER_TEST(stale_sockets_are_replaced),
        SERVER_TEST(ipv6_addresses_have_brackets),
        cmocka_unit_test(local_addresses_are_known),
        cmocka_unit_test(refusals_of_head_have_no_body),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
