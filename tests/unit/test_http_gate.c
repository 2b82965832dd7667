/* The gate, the parser and the rules, without a socket. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "http/gate.h"
#include "http/parser.h"
#include "http/rules.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])
#define HOST "Host: a\r\n"

enum { BODY_MAXIMUM = 64 * 1024 };

/* What is said about one head. */
struct verdict {
    struct refusal refusal;
    size_t head_length;
    struct head head;
    struct framing framing;
};

/* The bytes are in memory of their own size, so that reading past them is seen. */
static void judge(struct parser *parser, struct text bytes, size_t step, struct verdict *verdict)
{
    struct gate gate;
    char *copy = malloc(bytes.length + 1);
    assert_non_null(copy);
    memcpy(copy, bytes.data, bytes.length);
    gate_init(&gate);
    memset(verdict, 0, sizeof *verdict);
    for (size_t end = step; verdict->head_length == 0 && !is_refused(verdict->refusal);
         end += step) {
        size_t length = end < bytes.length ? end : bytes.length;
        verdict->refusal = gate_scan(&gate, (struct text){ copy, length }, &verdict->head_length);
        if (length == bytes.length) {
            break;
        }
    }
    if (!is_refused(verdict->refusal) && verdict->head_length > 0) {
        struct text head = text_until((struct text){ copy, bytes.length }, verdict->head_length);
        verdict->refusal =
            parser_read_head(parser, text_from(head, gate.head_start), gate.lines, &verdict->head);
    }
    if (!is_refused(verdict->refusal) && verdict->head_length > 0) {
        verdict->refusal = rules_check(&verdict->head, &verdict->framing);
    }
    free(copy);
}

static const struct text good_heads[] = {
    TEXT("GET / HTTP/1.1\r\n" HOST "\r\n"),
    TEXT("\r\nGET / HTTP/1.1\r\n" HOST "\r\n"),
    TEXT("GET / HTTP/1.0\r\n\r\n"),
    TEXT("GET /a%20b?c=%C3%A4&d[]=1 HTTP/1.1\r\n" HOST "\r\n"),
    TEXT("GET //a/../b HTTP/1.1\r\n" HOST "\r\n"),
    TEXT("GET http://a/b HTTP/1.1\r\n" HOST "\r\n"),
    TEXT("GET HTTP://A:80 HTTP/1.1\r\nHost: a:80\r\n\r\n"),
    TEXT("OPTIONS * HTTP/1.1\r\n" HOST "\r\n"),
    TEXT("CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n"),
    TEXT("POST / HTTP/1.1\r\n" HOST "Content-Length: 3\r\n\r\n"),
    TEXT("POST / HTTP/1.1\r\n" HOST "content-length:\t 0003 \r\n\r\n"),
    TEXT("POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n"),
    TEXT("POST / HTTP/1.1\r\n" HOST "TRANSFER-ENCODING: Chunked\r\n\r\n"),
    TEXT("GET / HTTP/1.1\r\nHost:\r\n\r\n"),
    TEXT("GET / HTTP/1.1\r\nHost: [::1]:8080\r\n\r\n"),
    TEXT("GET / HTTP/1.1\r\n" HOST "Empty:\r\nX: \r\nY: z\r\n\r\n"),
    TEXT("GET / HTTP/1.1\r\n" HOST "Tab:\ta\tb\t\r\n\r\n"),
    TEXT("GET / HTTP/1.1\r\n" HOST "Text: \xc3\xa4\r\n\r\n"),
    TEXT("GET / HTTP/1.1\r\n" HOST "Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n"),
    TEXT("DELETE /a HTTP/1.1\r\n" HOST "Connection: close, x\r\n\r\n"),
};

/* Refused as malformed; the first rows are those of the libraries' comparison. */
static const struct text bad_heads[] = {
    TEXT("POST / HTTP/1.1\r\n" HOST "Content-Length: 3\r\nContent-Length: 4\r\n\r\n"),
    TEXT("POST / HTTP/1.1\r\n" HOST "Content-Length: 3\r\nContent-Length: 3\r\n\r\n"),
    TEXT("POST / HTTP/1.1\r\n" HOST "Content-Length : 3\r\n\r\n"),
    TEXT("POST / HTTP/1.1\r\n" HOST "Content-Length:\r\n 3\r\n\r\n"),
    TEXT("POST / HTTP/1.1\r\n" HOST "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n"),
    TEXT("POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n"),
    TEXT("POST / HTTP/1.1\r\n" HOST "Content-Length: +3\r\n\r\n"),
    TEXT("POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: gzip, chunked\r\n\r\n"),
    TEXT("POST / HTTP/1.0\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n"),
    TEXT("GET / HTTP/1.1\n" HOST "\r\n"),
    TEXT("GET / HTTP/1.1\r\nHost: a\n\r\n"),
    TEXT("GET / HTTP/1.1\r\nHost: a\r\n\n"),
    TEXT("GET / HTTP/1.1\r\n" HOST "X: a\0b\r\n\r\n"),
    TEXT("GET / HTTP/1.1\r\n" HOST "X: a\rb\r\n\r\n"),
    TEXT("GET / HTTP/1.1\r\n" HOST HOST "\r\n"),
    TEXT("GET / HTTP/1.1\r\n\r\n"),
    TEXT("POST / HTTP/1.1\r\n" HOST " Content-Length: 3\r\n\r\n"),
    TEXT("POST / HTTP/1.1\r\n Content-Length: 3\r\n" HOST "\r\n"),
    TEXT("POST / HTTP/1.1\r\n" HOST "\tContent-Length: 3\r\n\r\n"),
    TEXT("GET /a%00b HTTP/1.1\r\n" HOST "\r\n"),
    TEXT("G(T / HTTP/1.1\r\n" HOST "\r\n"),
    /* The request line. */
    TEXT("GET /\r\n\r\n"),
    TEXT("GET / HTTP/0.9\r\n" HOST "\r\n"),
    TEXT("GET / HTTP/2.0\r\n" HOST "\r\n"),
    TEXT("GET / HTTP/1.2\r\n" HOST "\r\n"),
    TEXT("GET / http/1.1\r\n" HOST "\r\n"),
    TEXT("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    TEXT("OPTIONS / RTSP/1.0\r\n" HOST "\r\n"),
    TEXT("DESCRIBE / HTTP/1.1\r\n" HOST "\r\n"),
    TEXT("SOURCE / ICE/1.0\r\n" HOST "\r\n"),
    TEXT("get / HTTP/1.1\r\n" HOST "\r\n"),
    TEXT("BREW / HTTP/1.1\r\n" HOST "\r\n"),
    TEXT("GET  / HTTP/1.1\r\n" HOST "\r\n"),
    TEXT("GET /  HTTP/1.1\r\n" HOST "\r\n"),
    TEXT("GET\t/ HTTP/1.1\r\n" HOST "\r\n"),
    TEXT(" GET / HTTP/1.1\r\n" HOST "\r\n"),
    TEXT("GET / HTTP/1.1 \r\n" HOST "\r\n"),
    TEXT("GET /a b HTTP/1.1\r\n" HOST "\r\n"),
    TEXT("\nGET / HTTP/1.1\r\n" HOST "\r\n"),
    TEXT("\r\n\r\nGET / HTTP/1.1\r\n" HOST "\r\n"),
    TEXT("\r\n GET / HTTP/1.1\r\n" HOST "\r\n"),
    TEXT("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"),
    /* The target. */
    TEXT("GET a HTTP/1.1\r\n" HOST "\r\n"),
    TEXT("GET * HTTP/1.1\r\n" HOST "\r\n"),
    TEXT("GET /#a HTTP/1.1\r\n" HOST "\r\n"),
    TEXT("GET /?a#b HTTP/1.1\r\n" HOST "\r\n"),
    TEXT("GET /\x7f HTTP/1.1\r\n" HOST "\r\n"),
    TEXT("GET /\xc3\xa4 HTTP/1.1\r\n" HOST "\r\n"),
    TEXT("GET /\t HTTP/1.1\r\n" HOST "\r\n"),
    TEXT("GET http://b/ HTTP/1.1\r\n" HOST "\r\n"),
    TEXT("GET http:///b HTTP/1.1\r\n" HOST "\r\n"),
    TEXT("GET http://u@a/ HTTP/1.1\r\n" HOST "\r\n"),
    TEXT("GET http://u@a/ HTTP/1.1\r\nHost: u@a\r\n\r\n"),
    TEXT("GET ftp://a/ HTTP/1.1\r\n" HOST "\r\n"),
    TEXT("GET http://a/ HTTP/1.0\r\n\r\n"),
    /* Header lines. */
    TEXT("GET / HTTP/1.1\r\n" HOST ": x\r\n\r\n"),
    TEXT("GET / HTTP/1.1\r\n: x\r\n" HOST "\r\n"),
    TEXT("GET / HTTP/1.1\r\n" HOST "no colon\r\n\r\n"),
    TEXT("GET / HTTP/1.1\r\n" HOST "a b: c\r\n\r\n"),
    TEXT("GET / HTTP/1.1\r\n" HOST "a\t: c\r\n\r\n"),
    TEXT("GET / HTTP/1.1\r\n" HOST "\xc3\xa4: c\r\n\r\n"),
    TEXT("GET / HTTP/1.1\r\n" HOST "a@b: c\r\n\r\n"),
    TEXT("GET / HTTP/1.1\r\n" HOST "X: a\x1b[2J\r\n\r\n"),
    TEXT("GET / HTTP/1.1\r\n" HOST "X: a\x7f\r\n\r\n"),
    TEXT("GET / HTTP/1.1\r\n" HOST "X: a\r\r\n\r\n"),
    TEXT("GET / HTTP/1.1\r\nHost: a b\r\n\r\n"),
    TEXT("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"),
    TEXT("GET / HTTP/1.1\r\nHost: a@b\r\n\r\n"),
    TEXT("GET / HTTP/1.1\r\nHost: a#b\r\n\r\n"),
    TEXT("GET / HTTP/1.0\r\n" HOST HOST "\r\n"),
    /* Where the body ends. */
    TEXT("POST / HTTP/1.1\r\n" HOST "Content-Length:\r\n\r\n"),
    TEXT("POST / HTTP/1.1\r\n" HOST "Content-Length: -0\r\n\r\n"),
    TEXT("POST / HTTP/1.1\r\n" HOST "Content-Length: 3, 3\r\n\r\n"),
    TEXT("POST / HTTP/1.1\r\n" HOST "Content-Length: 3 3\r\n\r\n"),
    TEXT("POST / HTTP/1.1\r\n" HOST "Content-Length: 0x3\r\n\r\n"),
    TEXT("POST / HTTP/1.1\r\n" HOST "Content-Length: 3a\r\n\r\n"),
    TEXT("POST / HTTP/1.1\r\n" HOST "Content-Length: 99999999999999999999\r\n\r\n"),
    TEXT("POST / HTTP/1.1\r\n" HOST "Content-Length: 18446744073709551619\r\n\r\n"),
    TEXT("POST / HTTP/1.1\r\n" HOST "Transfer-Encoding:\r\n\r\n"),
    TEXT("POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: identity\r\n\r\n"),
    TEXT("POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked, chunked\r\n\r\n"),
    TEXT("POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked;a=b\r\n\r\n"),
    TEXT("POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: xchunked\r\n\r\n"),
    TEXT("POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: \"chunked\"\r\n\r\n"),
    TEXT("POST / HTTP/1.1\r\n" HOST "Transfer-Encoding : chunked\r\n\r\n"),
    TEXT("POST / HTTP/1.1\r\n" HOST
         "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n"),
    TEXT("POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n\r\n"),
};

static void good_heads_pass(void **state)
{
    static struct verdict verdict;
    for (size_t i = 0; i < COUNT(good_heads); i++) {
        for (size_t step = 1; step <= good_heads[i].length; step++) {
            judge(*state, good_heads[i], step, &verdict);
            if (is_refused(verdict.refusal) || verdict.head_length != good_heads[i].length) {
                fail_msg("good head %zu, step %zu: %s", i, step, verdict.refusal.detail);
            }
        }
    }
}

static void bad_heads_are_malformed(void **state)
{
    static struct verdict verdict;
    for (size_t i = 0; i < COUNT(bad_heads); i++) {
        for (size_t step = 1; step <= bad_heads[i].length; step++) {
            judge(*state, bad_heads[i], step, &verdict);
            if (verdict.refusal.error != ERROR_MALFORMED_REQUEST ||
                verdict.refusal.detail == NULL) {
                fail_msg("bad head %zu, step %zu: %s", i, step, bad_heads[i].data);
            }
        }
    }
}

static void head_ends_where_the_body_begins(void **state)
{
    static struct verdict verdict;
    judge(*state, TEXT("GET /a HTTP/1.1\r\n" HOST "\r\nGET /evil HTTP/1.1\n"), 1, &verdict);
    assert_false(is_refused(verdict.refusal));
    assert_int_equal(verdict.head_length, strlen("GET /a HTTP/1.1\r\n" HOST "\r\n"));
}

static void lines_have_a_maximum(void **state)
{
    static struct verdict verdict;
    struct buffer buffer;
    buffer_init(&buffer, 64 * 1024);
    buffer_append(&buffer, TEXT("GET / HTTP/1.1\r\n" HOST));
    for (int i = 1; i < HTTP_HEADER_LINES_MAXIMUM; i++) {
        buffer_append(&buffer, TEXT("a: b\r\n"));
    }
    size_t length = buffer.length;
    buffer_append(&buffer, TEXT("\r\n"));
    judge(*state, buffer_text(&buffer), buffer.length, &verdict);
    assert_false(is_refused(verdict.refusal));
    assert_int_equal(verdict.head.header_count, HTTP_HEADER_LINES_MAXIMUM);
    buffer.length = length;
    buffer_append(&buffer, TEXT("a: b\r\n\r\n"));
    judge(*state, buffer_text(&buffer), buffer.length, &verdict);
    assert_int_equal(verdict.refusal.error, ERROR_HEADER_TOO_LARGE);
    buffer_free(&buffer);
}

static struct framing framing_of(struct parser *parser, struct text head)
{
    static struct verdict verdict;
    judge(parser, head, head.length, &verdict);
    assert_false(is_refused(verdict.refusal));
    return verdict.framing;
}

static void framing_is_found(void **state)
{
    struct framing framing =
        framing_of(*state, TEXT("POST / HTTP/1.1\r\n" HOST "Content-Length: 12\r\n"
                                "Expect: 100-Continue\r\n\r\n"));
    assert_int_equal(framing.body_length, 12);
    assert_true(framing.expects_continue);
    assert_false(framing.chunked);
    framing = framing_of(*state, TEXT("GET / HTTP/1.1\r\n" HOST "Expect: 100-continue\r\n\r\n"));
    assert_false(framing.expects_continue);
    framing = framing_of(*state, TEXT("POST / HTTP/1.0\r\nContent-Length: 1\r\n"
                                      "Expect: 100-continue\r\n\r\n"));
    assert_false(framing.expects_continue || framing.unmet_expectation);
    framing = framing_of(*state, TEXT("GET / HTTP/1.1\r\n" HOST "Expect: tea\r\n\r\n"));
    assert_true(framing.unmet_expectation);
    framing = framing_of(*state, TEXT("CONNECT a:1 HTTP/1.1\r\n" HOST "\r\n"));
    assert_true(framing.is_connect);
}

struct chunked_case {
    struct text bytes;
    enum error error;
    const char *body; /* when there is no error */
    size_t rest;      /* bytes that are not of the body */
};

static const struct chunked_case chunked_cases[] = {
    { TEXT("3\r\nabc\r\n0\r\n\r\n"), ERROR_NONE, "abc", 0 },
    { TEXT("1\r\na\r\n002\r\nbc\r\n000\r\n\r\nGET"), ERROR_NONE, "abc", 3 },
    { TEXT("A\r\n0123456789\r\n0\r\n\r\n"), ERROR_NONE, "0123456789", 0 },
    { TEXT("3;a=\"d e\";b\r\nabc\r\n0;x\r\n\r\n"), ERROR_NONE, "abc", 0 },
    { TEXT("0\r\n\r\n"), ERROR_NONE, "", 0 },
    { TEXT("0x3\r\nabc\r\n0\r\n\r\n"), ERROR_MALFORMED_REQUEST, NULL, 0 },
    { TEXT("+3\r\nabc\r\n0\r\n\r\n"), ERROR_MALFORMED_REQUEST, NULL, 0 },
    { TEXT("-3\r\nabc\r\n0\r\n\r\n"), ERROR_MALFORMED_REQUEST, NULL, 0 },
    { TEXT(" 3\r\nabc\r\n0\r\n\r\n"), ERROR_MALFORMED_REQUEST, NULL, 0 },
    { TEXT("3 \r\nabc\r\n0\r\n\r\n"), ERROR_MALFORMED_REQUEST, NULL, 0 },
    { TEXT("3\nabc\r\n0\r\n\r\n"), ERROR_MALFORMED_REQUEST, NULL, 0 },
    { TEXT("3\r\nabc\n0\r\n\r\n"), ERROR_MALFORMED_REQUEST, NULL, 0 },
    { TEXT("3\r\nabc0\r\n\r\n"), ERROR_MALFORMED_REQUEST, NULL, 0 },
    { TEXT("3\r\nabcd\r\n0\r\n\r\n"), ERROR_MALFORMED_REQUEST, NULL, 0 },
    { TEXT("3\rXabc\r\n0\r\n\r\n"), ERROR_MALFORMED_REQUEST, NULL, 0 },
    { TEXT("3;a\nb\r\nabc\r\n0\r\n\r\n"), ERROR_MALFORMED_REQUEST, NULL, 0 },
    { TEXT("3;a\rb\r\nabc\r\n0\r\n\r\n"), ERROR_MALFORMED_REQUEST, NULL, 0 },
    { TEXT("3;a=\"\n\"\r\nabc\r\n0\r\n\r\n"), ERROR_MALFORMED_REQUEST, NULL, 0 },
    { TEXT("3;a\0b\r\nabc\r\n0\r\n\r\n"), ERROR_MALFORMED_REQUEST, NULL, 0 },
    { TEXT("\r\n3\r\nabc\r\n0\r\n\r\n"), ERROR_MALFORMED_REQUEST, NULL, 0 },
    { TEXT("g\r\n"), ERROR_MALFORMED_REQUEST, NULL, 0 },
    { TEXT("3\r\nabc\r\n0\r\n\n"), ERROR_MALFORMED_REQUEST, NULL, 0 },
    { TEXT("3\r\nabc\r\n0\r\nAuthorization: Bearer x\r\n\r\n"), ERROR_MALFORMED_REQUEST, NULL, 0 },
    { TEXT("3\r\nabc\r\n0\r\n folded\r\n\r\n"), ERROR_MALFORMED_REQUEST, NULL, 0 },
    { TEXT("3\r\nabc\r\n0\r\nGET /evil HTTP/1.1\r\n\r\n"), ERROR_MALFORMED_REQUEST, NULL, 0 },
    { TEXT("10001\r\n"), ERROR_BODY_TOO_LARGE, NULL, 0 },
    { TEXT("1\r\na\r\n10000\r\n"), ERROR_BODY_TOO_LARGE, NULL, 0 },
    { TEXT("ffffffffffffffff\r\n"), ERROR_BODY_TOO_LARGE, NULL, 0 },
    { TEXT("10000000000000003\r\nabc\r\n0\r\n\r\n"), ERROR_MALFORMED_REQUEST, NULL, 0 },
};

static bool take(void *context, struct text piece)
{
    struct buffer *body = context;
    buffer_append(body, piece);
    return !body->failed;
}

static void begin_chunked(struct parser *parser, struct buffer *body)
{
    static struct verdict verdict;
    judge(parser, TEXT("POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n"), 1000,
          &verdict);
    assert_false(is_refused(verdict.refusal));
    buffer_init(body, BODY_MAXIMUM);
    parser_begin_body(parser, BODY_MAXIMUM, take, body);
}

static void check_chunked(struct parser *parser, const struct chunked_case *expected, size_t step)
{
    struct buffer body;
    struct refusal refusal = REFUSAL_NONE;
    struct text rest = expected->bytes;
    bool complete = false;
    begin_chunked(parser, &body);
    while (!text_is_empty(rest) && !complete && !is_refused(refusal)) {
        size_t consumed = 0;
        refusal = parser_read_body(parser, text_until(rest, step), &consumed, &complete);
        rest = text_from(rest, consumed);
    }
    if (refusal.error != expected->error) {
        fail_msg("step %zu of: %s", step, expected->bytes.data);
    }
    if (expected->error == ERROR_NONE) {
        assert_true(complete);
        assert_int_equal(rest.length, expected->rest);
        assert_true(text_equal(buffer_text(&body), text_of(expected->body)));
    }
    buffer_free(&body);
}

static void chunks_are_strict(void **state)
{
    for (size_t i = 0; i < COUNT(chunked_cases); i++) {
        for (size_t step = 1; step <= chunked_cases[i].bytes.length; step++) {
            check_chunked(*state, &chunked_cases[i], step);
        }
    }
}

/* Feeds `piece` until it is refused. */
static struct refusal feed_forever(struct parser *parser, struct text piece)
{
    struct refusal refusal = REFUSAL_NONE;
    for (int i = 0; i < 1000 * 1000 && !is_refused(refusal); i++) {
        size_t consumed;
        bool complete;
        refusal = parser_read_body(parser, piece, &consumed, &complete);
    }
    return refusal;
}

static void chunk_framing_has_a_maximum(void **state)
{
    struct buffer body;
    begin_chunked(*state, &body);
    assert_int_equal(feed_forever(*state, TEXT("1\r\na\r\n")).error, ERROR_MALFORMED_REQUEST);
    assert_true(body.length < BODY_MAXIMUM);
    buffer_free(&body);
    begin_chunked(*state, &body);
    size_t consumed;
    bool complete;
    assert_false(is_refused(parser_read_body(*state, TEXT("1;a="), &consumed, &complete)));
    assert_int_equal(feed_forever(*state, TEXT("aaaaaaaa")).error, ERROR_MALFORMED_REQUEST);
    buffer_free(&body);
    begin_chunked(*state, &body);
    assert_int_equal(feed_forever(*state, TEXT("00000000")).error, ERROR_MALFORMED_REQUEST);
    buffer_free(&body);
}

static int make_parser(void **state)
{
    *state = parser_create();
    return *state == NULL;
}

static int free_parser(void **state)
{
    parser_free(*state);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_heads_pass),
        cmocka_unit_test(bad_heads_are_malformed),
        cmocka_unit_test(head_ends_where_the_body_begins),
        cmocka_unit_test(lines_have_a_maximum),
        cmocka_unit_test(framing_is_found),
        cmocka_unit_test(chunks_are_strict),
        cmocka_unit_test(chunk_framing_has_a_maximum),
    };
    return cmocka_run_group_tests(tests, make_parser, free_parser);
}
