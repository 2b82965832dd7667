#include "http/exchange.h"

#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "http/connection.h"

static const struct http_request empty_request = {
    .method = { "", 0 },
    .target = { "", 0 },
    .path = { "", 0 },
};

struct exchange *exchange_create(struct service *service)
{
    struct exchange *exchange = calloc(1, sizeof *exchange);
    if (exchange == NULL) {
        return NULL;
    }
    exchange->service = service;
    exchange->parser = parser_create();
    if (exchange->parser == NULL) {
        free(exchange);
        return NULL;
    }
    buffer_init(&exchange->input, service->options.header_maximum + EXCHANGE_READ_MINIMUM);
    buffer_init(&exchange->output, HTTP_REPLY_MAXIMUM);
    buffer_init(&exchange->body, service->options.body_maximum);
    exchange->request = empty_request;
    return exchange;
}

void exchange_free(struct exchange *exchange)
{
    exchange_clear(exchange);
    buffer_free(&exchange->input);
    buffer_free(&exchange->output);
    parser_free(exchange->parser);
    free(exchange);
}

struct exchange *exchange_of_request(struct http_request *request)
{
    return (struct exchange *)(void *)((char *)request - offsetof(struct exchange, request));
}

bool exchange_make_room(struct exchange *exchange)
{
    struct buffer *input = &exchange->input;
    size_t wanted = EXCHANGE_READ_MINIMUM;
    if (input->capacity == 0) {
        wanted =
            input->maximum < EXCHANGE_INPUT_CAPACITY ? input->maximum : EXCHANGE_INPUT_CAPACITY;
    }
    return input->capacity > input->length || buffer_reserve(input, wanted);
}

/* From now on the input must not move. */
static bool pin_head(struct exchange *exchange, size_t head_length)
{
    struct buffer *input = &exchange->input;
    if (input->capacity - head_length >= EXCHANGE_READ_MINIMUM) {
        return true;
    }
    return buffer_reserve(input, head_length + EXCHANGE_READ_MINIMUM - input->length);
}

static void fill_request(struct exchange *exchange)
{
    struct http_request *request = &exchange->request;
    struct text target = exchange->framing.target;
    size_t question_mark = text_find(target, '?');
    request->method = exchange->head.method;
    request->target = target;
    request->path = text_until(target, question_mark);
    request->query =
        question_mark < target.length ? text_from(target, question_mark + 1) : TEXT_NONE;
    request->headers = exchange->head.headers;
    request->header_count = exchange->head.header_count;
}

/* In the order in which the answers matter to a client; 413 before it sends a body. */
static struct refusal check_acceptable(const struct exchange *exchange)
{
    const struct framing *framing = &exchange->framing;
    if (framing->is_connect) {
        return refusal_of(ERROR_METHOD_NOT_SUPPORTED);
    }
    if (framing->body_length > exchange->service->options.body_maximum) {
        return refusal_of(ERROR_BODY_TOO_LARGE);
    }
    return framing->unmet_expectation ? refusal_of(ERROR_EXPECTATION_FAILED) : REFUSAL_NONE;
}

static struct refusal parse_head(struct exchange *exchange, size_t head_length)
{
    struct text bytes = text_until(buffer_text(&exchange->input), head_length);
    struct refusal refusal =
        parser_read_head(exchange->parser, text_from(bytes, exchange->gate.head_start),
                         exchange->gate.lines, &exchange->head);
    if (!is_refused(refusal)) {
        refusal = rules_check(&exchange->head, &exchange->framing);
    }
    if (is_refused(refusal)) {
        return refusal;
    }
    exchange->head_length = head_length;
    fill_request(exchange);
    return check_acceptable(exchange);
}

struct refusal exchange_read_head(struct exchange *exchange)
{
    size_t maximum = exchange->service->options.header_maximum;
    size_t head_length = 0;
    struct refusal refusal =
        gate_scan(&exchange->gate, buffer_text(&exchange->input), &head_length);
    if (is_refused(refusal)) {
        return refusal;
    }
    if (head_length > maximum || (head_length == 0 && exchange->input.length >= maximum)) {
        return refusal_of(ERROR_HEADER_TOO_LARGE);
    }
    if (head_length == 0) {
        return REFUSAL_NONE;
    }
    if (!pin_head(exchange, head_length)) {
        return refusal_overloaded("no memory for the request");
    }
    return parse_head(exchange, head_length);
}

static atomic_size_t *body_bytes_of_side(struct exchange *exchange)
{
    return &exchange->service->body_bytes[exchange->connection->side];
}

/* The memory is counted, not the bytes: that is what a flood of bodies would use up. */
static bool take_body(void *context, struct text piece)
{
    struct exchange *exchange = context;
    if (!buffer_reserve(&exchange->body, piece.length)) {
        return false;
    }
    size_t grown = exchange->body.capacity - exchange->body_charged;
    if (grown > 0) {
        size_t total = atomic_fetch_add(body_bytes_of_side(exchange), grown) + grown;
        exchange->body_charged += grown;
        if (total > exchange->service->options.bodies_maximum) {
            return false;
        }
    }
    buffer_append(&exchange->body, piece);
    return true;
}

void exchange_begin_body(struct exchange *exchange)
{
    parser_begin_body(exchange->parser, exchange->service->options.body_maximum, take_body,
                      exchange);
}

struct refusal exchange_read_body(struct exchange *exchange, bool *ret_complete)
{
    struct buffer *input = &exchange->input;
    struct text bytes = text_from(buffer_text(input), exchange->head_length);
    size_t consumed = 0;
    struct refusal refusal = parser_read_body(exchange->parser, bytes, &consumed, ret_complete);
    if (!is_refused(refusal)) {
        size_t rest = bytes.length - consumed;
        char *behind_head = input->data + exchange->head_length;
        memmove(behind_head, behind_head + consumed, rest);
        secret_wipe(behind_head + rest, consumed);
        input->length -= consumed;
    }
    return refusal;
}

bool exchange_may_reply(const struct exchange *exchange)
{
    struct service *service = exchange->service;
    return atomic_load(&service->reply_bytes) < service->options.replies_maximum;
}

void exchange_charge_reply(struct exchange *exchange)
{
    size_t capacity = exchange->output.capacity;
    if (capacity > EXCHANGE_OUTPUT_KEPT_MAXIMUM) {
        (void)atomic_fetch_add(&exchange->service->reply_bytes, capacity);
        exchange->reply_charged = capacity;
    }
}

void exchange_note_method(struct exchange *exchange)
{
    struct text head = text_from(buffer_text(&exchange->input), exchange->gate.head_start);
    if (text_is_empty(exchange->request.method) && text_starts_with(head, TEXT("HEAD "))) {
        exchange->request.method = TEXT("HEAD");
    }
}

void exchange_complete_request(struct exchange *exchange, int64_t now)
{
    exchange->request.body = buffer_text(&exchange->body);
    exchange->request.received_at = now;
}

static void free_reply(struct exchange *exchange)
{
    buffer_clear(&exchange->output);
    if (exchange->output.capacity > EXCHANGE_OUTPUT_KEPT_MAXIMUM) {
        buffer_free(&exchange->output);
    }
    if (exchange->reply_charged > 0) {
        (void)atomic_fetch_sub(&exchange->service->reply_bytes, exchange->reply_charged);
        exchange->reply_charged = 0;
    }
}

static void free_body(struct exchange *exchange)
{
    if (exchange->body_charged > 0) {
        (void)atomic_fetch_sub(body_bytes_of_side(exchange), exchange->body_charged);
        exchange->body_charged = 0;
    }
    buffer_free(&exchange->body);
}

void exchange_finish_request(struct exchange *exchange)
{
    buffer_consume(&exchange->input, exchange->head_length);
    free_reply(exchange);
    free_body(exchange);
    gate_init(&exchange->gate);
    exchange->output_sent = 0;
    exchange->head_length = 0;
    exchange->request = empty_request;
    exchange->answered = false;
    exchange->continuing = false;
}

void exchange_clear(struct exchange *exchange)
{
    exchange_finish_request(exchange);
    buffer_clear(&exchange->input);
    if (exchange->input.capacity > EXCHANGE_INPUT_CAPACITY) {
        buffer_free(&exchange->input);
    }
}
