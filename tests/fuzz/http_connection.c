/*
 * A connection as a whole, with real parsing and states, but no socket and no clock. The input's
 * first line is its fate, a character for each read, each write and each request:
 *
 *   0 to 9  that power of two of bytes, and no more
 *   .       nothing at the moment
 *   r w     nothing, until the socket can be read, or written (as TLS may want it)
 *   t       nothing, and all deadlines pass
 *   d       nothing, and the server begins to stop
 *   f       the connection fails
 *   l       a request is answered later, by another thread
 *   anything else, and no character left: all bytes there are; a request is answered at once
 *
 * At its very beginning, E stands for a connection over the maximum, I for the internal listener,
 * T for a transport that keeps bytes to itself. The other lines are what the peer sends; then it
 * sends no more.
 *
 * Promised: the replies can be read, one for each request that was whole, and none follows one that
 * closes, or a refusal. A request that is handed over keeps the rules, and what it is made of came
 * in this order. Nothing is left behind. Bytes mean the same in any pieces.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "fuzz.h"
#include "http/connection.h"
#include "http/worker.h"
#include "still_loop.h"

enum {
    HEADER_MAXIMUM = 1024,
    BODY_MAXIMUM = 2048,
    BODIES_MAXIMUM = 3072,
    LARGE_SIZE = 48 * 1024,
    BYTES_MAXIMUM = 64 * 1024 * 1024,
    REPLIES_MAXIMUM = 4096,
    A_MINUTE = 60 * 1000000,
    NO_CONTENT = 204,
};

/* A reply as it was given. */
struct given {
    int status;
    size_t length; /* of the body */
    bool is_head;
};

static struct run {
    struct text fate;
    struct text bytes;       /* of the peer, that were not read yet */
    struct text unaccounted; /* behind what the requests so far are made of */
    struct buffer output;
    struct buffer log; /* the requests and refusals, to be compared */
    struct given given[REPLIES_MAXIMUM];
    size_t given_count;
    size_t released_count;
    struct http_request *held; /* to be answered later */
    bool is_open;
    bool holds_bytes;  /* T */
    bool has_pending;  /* bytes that the socket will not announce */
    bool is_refused;   /* nothing may be handed over any more */
    bool is_disturbed; /* by time, failure or stop: replies may be cut short */
    bool time_is_up;
} run;

static struct service service;
static struct worker worker;
static char large_body[LARGE_SIZE];

static char choose(void)
{
    char choice = text_is_empty(run.fate) ? '\n' : run.fate.data[0];
    run.fate = text_from(run.fate, 1);
    return choice;
}

/* ---- The transport ---- */

static struct transport_progress stop_for(enum transport_outcome outcome)
{
    return (struct transport_progress){ outcome, 0 };
}

/* False: there are bytes to be moved, `*size` of them at most. */
static bool is_stopped(char choice, enum transport_outcome otherwise, size_t *size,
                       struct transport_progress *ret_progress)
{
    enum transport_outcome outcome = otherwise;
    if (choice >= '0' && choice <= '9') {
        size_t limit = (size_t)1 << (choice - '0');
        *size = *size < limit ? *size : limit;
        return false;
    }
    switch (choice) {
    case '.':
        break;
    case 'r':
        outcome = TRANSPORT_WANT_READ;
        break;
    case 'w':
        outcome = TRANSPORT_WANT_WRITE;
        break;
    case 't':
        run.time_is_up = true;
        run.is_disturbed = true;
        break;
    case 'd':
        if (!run.is_disturbed) {
            worker_stop(&worker, 0);
        }
        run.is_disturbed = true;
        break;
    case 'f':
        run.is_disturbed = true;
        outcome = TRANSPORT_FAILED;
        break;
    default:
        return false;
    }
    *ret_progress = stop_for(outcome);
    return true;
}

static struct transport_progress read_bytes(struct transport *transport, void *bytes, size_t size)
{
    struct transport_progress progress;
    (void)transport;
    ASSERT(run.is_open && size > 0);
    run.has_pending = false;
    if (is_stopped(choose(), TRANSPORT_WANT_READ, &size, &progress)) {
        return progress;
    }
    if (text_is_empty(run.bytes)) {
        return stop_for(TRANSPORT_CLOSED);
    }
    size = size < run.bytes.length ? size : run.bytes.length;
    memcpy(bytes, run.bytes.data, size);
    run.bytes = text_from(run.bytes, size);
    run.has_pending = run.holds_bytes && run.bytes.length > 0;
    return (struct transport_progress){ TRANSPORT_DONE, size };
}

static struct transport_progress write_bytes(struct transport *transport, const void *bytes,
                                             size_t size)
{
    struct transport_progress progress;
    (void)transport;
    ASSERT(run.is_open && size > 0);
    if (is_stopped(choose(), TRANSPORT_WANT_WRITE, &size, &progress)) {
        return progress;
    }
    buffer_append(&run.output, (struct text){ bytes, size });
    ASSERT(!run.output.failed);
    return (struct transport_progress){ TRANSPORT_DONE, size };
}

static bool has_pending(const struct transport *transport)
{
    (void)transport;
    return run.has_pending;
}

static void finish(struct transport *transport)
{
    (void)transport;
}

static void close_transport(struct transport *transport)
{
    (void)transport;
    ASSERT(run.is_open);
    run.is_open = false;
}

static const struct transport_methods methods = {
    .read = read_bytes,
    .write = write_bytes,
    .has_pending = has_pending,
    .finish = finish,
    .abandon = finish,
    .close = close_transport,
};

/* ---- What a request must be ---- */

/* It came behind all that other requests are made of. */
static void require_next(struct text part)
{
    if (text_is_empty(part)) {
        return;
    }
    const char *found =
        memmem(run.unaccounted.data, run.unaccounted.length, part.data, part.length);
    ASSERT(found != NULL);
    run.unaccounted =
        text_from(run.unaccounted, (size_t)(found - run.unaccounted.data) + part.length);
}

static size_t count_of(const struct http_request *request, struct text name, struct text *ret_value)
{
    size_t count = 0;
    *ret_value = http_request_header(request, name, &count);
    return count;
}

static void require_target(const struct http_request *request)
{
    struct text whole =
        request->query.data == NULL
            ? request->path
            : (struct text){ request->path.data, request->path.length + 1 + request->query.length };
    ASSERT(
        text_starts_with(request->target, TEXT("/")) ||
        (text_equal(request->target, TEXT("*")) && text_equal(request->method, TEXT("OPTIONS"))));
    ASSERT(text_is_visible(request->target) && text_equal(request->target, whole));
    ASSERT(text_find(request->path, '?') == request->path.length);
}

static void require_headers(const struct http_request *request)
{
    size_t total = 0;
    ASSERT(request->header_count <= HTTP_HEADER_LINES_MAXIMUM);
    for (size_t i = 0; i < request->header_count; i++) {
        const struct http_header *header = &request->headers[i];
        ASSERT(header->name.length > 0 && text_is_visible(header->name));
        ASSERT(text_find(header->value, '\n') == header->value.length);
        ASSERT(text_find(header->value, '\r') == header->value.length);
        ASSERT(text_find(header->value, '\0') == header->value.length);
        ASSERT(text_trim(header->value).length == header->value.length);
        require_next(header->name);
        require_next(header->value);
        total += header->name.length + header->value.length;
    }
    ASSERT(total <= HEADER_MAXIMUM);
}

/* One length, whoever reads it. */
static void require_framing(const struct http_request *request)
{
    struct text value;
    int64_t length = 0;
    size_t lengths = count_of(request, TEXT("Content-Length"), &value);
    ASSERT(lengths <= 1);
    ASSERT(lengths == 0 || text_to_integer(value, 0, BODY_MAXIMUM, &length));
    size_t codings = count_of(request, TEXT("Transfer-Encoding"), &value);
    ASSERT(codings + lengths <= 1);
    ASSERT(request->body.length <= BODY_MAXIMUM);
    if (codings == 0) {
        ASSERT(request->body.length == (size_t)length);
        require_next(request->body);
    }
    ASSERT(count_of(request, TEXT("Host"), &value) <= 1);
}

/* ---- The application ---- */

static void count_release(void *context)
{
    (void)context;
    run.released_count++;
}

static void give(struct http_request *request, const struct http_reply *reply)
{
    ASSERT(run.given_count < REPLIES_MAXIMUM);
    run.given[run.given_count++] = (struct given){
        .status = reply->status,
        .length = reply->body.length,
        .is_head = text_equal(request->method, TEXT("HEAD")),
    };
    http_request_reply(request, reply, count_release, NULL);
}

/* The body lies in the request, so it lives until it is released. */
static void answer(struct http_request *request)
{
    struct http_reply reply = { .status = 200, .body = request->body };
    if (text_equal(request->path, TEXT("/large"))) {
        reply.body = (struct text){ large_body, sizeof large_body };
    } else if (text_equal(request->path, TEXT("/empty"))) {
        reply = (struct http_reply){ .status = NO_CONTENT };
    } else if (text_equal(request->path, TEXT("/missing"))) {
        reply.status = 404;
        reply.headers = TEXT("X-Reason: it is not there\r\n");
    }
    reply.close = text_equal(request->path, TEXT("/closing"));
    give(request, &reply);
}

static void handle(void *context, struct http_request *request)
{
    (void)context;
    ASSERT(!run.is_refused && run.held == NULL);
    ASSERT(!text_is_empty(request->method));
    require_next(request->method);
    require_target(request);
    require_next(request->target);
    require_headers(request);
    require_framing(request);
    buffer_append_format(&run.log, "%.*s %.*s %.*s\n", TEXT_ARGUMENTS(request->method),
                         TEXT_ARGUMENTS(request->target), TEXT_ARGUMENTS(request->body));
    if (choose() == 'l') {
        run.held = request;
    } else {
        answer(request);
    }
}

static void refuse_request(void *context, struct http_request *request, enum error error,
                           const char *detail)
{
    struct http_reply reply = { .status = error_describe(error)->status, .body = text_of(detail) };
    (void)context;
    ASSERT(!run.is_refused && run.held == NULL && error != ERROR_NONE);
    run.is_refused = true;
    buffer_append_format(&run.log, "%s %s\n", error_describe(error)->name, detail);
    give(request, &reply);
}

/* ---- What the peer reads ---- */

static bool cut_line(struct text *rest, struct text *ret_line)
{
    size_t end = text_find(*rest, '\r');
    if (end + 1 >= rest->length) {
        *ret_line = *rest;
        *rest = text_from(*rest, rest->length);
        return false;
    }
    ASSERT(rest->data[end + 1] == '\n');
    *ret_line = text_until(*rest, end);
    *rest = text_from(*rest, end + 2);
    return true;
}

/* False where the output ends before the reply does. */
static bool read_reply(struct text *rest, const struct given *given, bool *ret_closes)
{
    struct text line;
    int64_t status;
    int64_t length = -1;
    if (!cut_line(rest, &line)) {
        return false;
    }
    ASSERT(text_starts_with(line, TEXT("HTTP/1.1 ")));
    ASSERT(text_to_integer(text_until(text_from(line, 9), 3), 100, 599, &status));
    ASSERT(status == given->status);
    for (;;) {
        if (!cut_line(rest, &line)) {
            return false;
        }
        if (text_is_empty(line)) {
            break;
        }
        if (text_starts_with(line, TEXT("Content-Length: "))) {
            ASSERT(length == -1);
            ASSERT(text_to_integer(text_from(line, 16), 0, BYTES_MAXIMUM, &length));
        }
        *ret_closes = *ret_closes || text_equal(line, TEXT("Connection: close"));
    }
    ASSERT(length == (status == NO_CONTENT ? -1 : (int64_t)given->length));
    size_t body = given->is_head || length < 0 ? 0 : (size_t)length;
    bool is_whole = rest->length >= body;
    *rest = text_from(*rest, body);
    return is_whole;
}

static void require_replies(void)
{
    static const struct text interim = { "HTTP/1.1 100 Continue\r\n\r\n", 25 };
    struct text rest = buffer_text(&run.output);
    bool is_whole = true;
    bool closes = false;
    size_t count = 0;
    while (!text_is_empty(rest) && is_whole) {
        ASSERT(!closes);
        if (text_starts_with(rest, interim)) {
            rest = text_from(rest, interim.length);
        } else if (rest.length < interim.length && run.is_disturbed &&
                   text_starts_with(interim, rest)) {
            break;
        } else {
            ASSERT(count < run.given_count);
            is_whole = read_reply(&rest, &run.given[count++], &closes);
        }
    }
    ASSERT(text_is_empty(rest) || !is_whole || run.is_disturbed);
    ASSERT((is_whole && count == run.given_count) || run.is_disturbed);
    ASSERT(!run.is_refused || closes || run.is_disturbed);
    ASSERT(run.released_count == run.given_count);
}

/* ---- A connection ---- */

static bool takes_option(char option)
{
    bool is_given = !text_is_empty(run.fate) && run.fate.data[0] == option;
    run.fate = text_from(run.fate, is_given);
    return is_given;
}

static void begin(struct text fate, struct text bytes)
{
    run = (struct run){ .fate = fate, .bytes = bytes, .unaccounted = bytes, .is_open = true };
    buffer_init(&run.output, BYTES_MAXIMUM);
    buffer_init(&run.log, BYTES_MAXIMUM);
    bool is_excess = takes_option('E');
    enum http_side side = takes_option('I') ? HTTP_INTERNAL : HTTP_PUBLIC;
    run.holds_bytes = takes_option('T');
    atomic_uint *counts = is_excess ? service.excess_open : service.connections_open;
    (void)atomic_fetch_add(&counts[side], 1);
    struct transport transport = { .methods = &methods, .socket = -1 };
    struct connection *connection =
        connection_create(&worker, transport, side, "192.0.2.1", is_excess);
    ASSERT(connection != NULL);
    loop_post(worker.loop, &connection->letter);
}

/* Another thread does; before, the loop has been told what the socket has. */
static void answer_held(void)
{
    struct http_request *request = run.held;
    (void)still_loop_be_ready(worker.loop);
    run.held = NULL;
    still_loop_leave(worker.loop, true);
    answer(request);
    still_loop_leave(worker.loop, false);
}

static void live(void)
{
    while (run.is_open) {
        if (run.held != NULL) {
            answer_held();
        } else if (run.time_is_up) {
            run.time_is_up = false;
            still_loop_let_time_pass(worker.loop);
        } else if (!still_loop_deliver(worker.loop)) {
            ASSERT(still_loop_be_ready(worker.loop));
        }
    }
    (void)still_loop_deliver(worker.loop);
    ASSERT(worker.connection_count == 0);
    ASSERT(atomic_load(&service.reply_bytes) == 0);
    for (enum http_side side = 0; side < HTTP_SIDE_COUNT; side++) {
        ASSERT(atomic_load(&service.body_bytes[side]) == 0);
        ASSERT(atomic_load(&service.connections_open[side]) == 0);
        ASSERT(atomic_load(&service.excess_open[side]) == 0);
    }
    ASSERT(!run.log.failed);
    require_replies();
}

/* All bytes at once mean what they meant in pieces. */
static void require_same_at_once(struct text bytes)
{
    struct buffer log = run.log;
    buffer_free(&run.output);
    begin(TEXT(""), bytes);
    live();
    ASSERT(text_equal(buffer_text(&log), buffer_text(&run.log)));
    buffer_free(&log);
}

/* NOLINTNEXTLINE(readability-non-const-parameter): the type is libFuzzer's */
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    service.options = (struct http_options){
        .header_maximum = HEADER_MAXIMUM,
        .body_maximum = BODY_MAXIMUM,
        .bodies_maximum = BODIES_MAXIMUM,
        .request_timeout = A_MINUTE,
        .idle_timeout = A_MINUTE,
        .write_timeout = A_MINUTE,
        .reply_rate_minimum = HTTP_REPLY_RATE_MINIMUM,
        .replies_maximum = LARGE_SIZE,
    };
    service.application = (struct http_application){ .handle = handle, .refuse = refuse_request };
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct text bytes = { (const char *)data, size };
    struct text fate = text_cut(&bytes, '\n');
    bool is_excess = text_starts_with(fate, TEXT("E"));
    if (bytes.data == NULL || fate.data == NULL) {
        return 0;
    }
    ASSERT(!result_failed(worker_init(&worker, &service)));
    begin(fate, bytes);
    live();
    if (!run.is_disturbed && !is_excess) {
        require_same_at_once(bytes);
    }
    buffer_free(&run.output);
    buffer_free(&run.log);
    worker_free(&worker);
    return 0;
}
