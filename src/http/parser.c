#include "http/parser.h"

#include <llhttp.h>
#include <stdlib.h>

struct parser {
    llhttp_t llhttp;
    struct head *head; /* where the head is written; NULL once it is whole */
    parser_take_function *take;
    void *take_context;
    size_t body_maximum;
    size_t body_received;
    size_t framing_received;
    struct refusal refusal; /* of a callback */
    bool chunked;
    bool complete;        /* the body is */
    bool last_chunk;      /* only the final CRLF may follow */
    size_t final_matched; /* bytes of it that are there */
};

static const struct text final_line = { "\r\n", 2 };

static int stop(struct parser *parser, struct refusal refusal)
{
    parser->refusal = refusal;
    return HPE_USER;
}

/* Views grow over the bytes between two pieces, since all of them lie in one buffer. */
static void extend(struct text *text, const char *at, size_t length)
{
    if (text->data == NULL) {
        text->data = at;
    }
    text->length = (size_t)(at + length - text->data);
}

static int on_method(llhttp_t *llhttp, const char *at, size_t length)
{
    struct parser *parser = llhttp->data;
    extend(&parser->head->method, at, length);
    return 0;
}

static int on_target(llhttp_t *llhttp, const char *at, size_t length)
{
    struct parser *parser = llhttp->data;
    extend(&parser->head->target, at, length);
    return 0;
}

/* The header being read. Trailers do not get here: on_chunk_header stops before them. */
static struct http_header *current_header(struct parser *parser)
{
    if (parser->head == NULL || parser->head->header_count == HTTP_HEADER_LINES_MAXIMUM) {
        return NULL;
    }
    return &parser->head->headers[parser->head->header_count];
}

static int on_header_name(llhttp_t *llhttp, const char *at, size_t length)
{
    struct parser *parser = llhttp->data;
    struct http_header *header = current_header(parser);
    if (header == NULL) {
        return stop(parser, refusal_of(ERROR_HEADER_TOO_LARGE));
    }
    extend(&header->name, at, length);
    return 0;
}

static int on_header_value(llhttp_t *llhttp, const char *at, size_t length)
{
    struct parser *parser = llhttp->data;
    struct http_header *header = current_header(parser);
    if (header == NULL) {
        return stop(parser, refusal_of(ERROR_HEADER_TOO_LARGE));
    }
    extend(&header->value, at, length);
    return 0;
}

static int on_header_end(llhttp_t *llhttp)
{
    struct parser *parser = llhttp->data;
    struct http_header *header = current_header(parser);
    if (header == NULL) {
        return stop(parser, refusal_of(ERROR_HEADER_TOO_LARGE));
    }
    header->value = header->value.data != NULL ? text_trim(header->value) : TEXT("");
    parser->head->header_count++;
    if (parser->head->header_count < HTTP_HEADER_LINES_MAXIMUM) {
        parser->head->headers[parser->head->header_count] = (struct http_header){ 0 };
    }
    return 0;
}

static int on_headers_end(llhttp_t *llhttp)
{
    struct parser *parser = llhttp->data;
    parser->head->is_http_1_0 = llhttp->http_minor == 0;
    parser->head->keep_alive = llhttp_should_keep_alive(llhttp) != 0;
    return HPE_PAUSED;
}

static int on_body(llhttp_t *llhttp, const char *at, size_t length)
{
    struct parser *parser = llhttp->data;
    if (length > parser->body_maximum - parser->body_received) {
        return stop(parser, refusal_of(ERROR_BODY_TOO_LARGE));
    }
    parser->body_received += length;
    if (!parser->take(parser->take_context, (struct text){ at, length })) {
        return stop(parser, refusal_overloaded("too many request bodies at once"));
    }
    return 0;
}

static int on_chunk_header(llhttp_t *llhttp)
{
    struct parser *parser = llhttp->data;
    parser->chunked = true;
    if (llhttp->content_length == 0) {
        parser->last_chunk = true;
        return HPE_PAUSED;
    }
    if (llhttp->content_length > parser->body_maximum - parser->body_received) {
        return stop(parser, refusal_of(ERROR_BODY_TOO_LARGE));
    }
    return 0;
}

static int on_message_end(llhttp_t *llhttp)
{
    struct parser *parser = llhttp->data;
    parser->complete = true;
    return HPE_PAUSED;
}

static const llhttp_settings_t settings = {
    .on_method = on_method,
    .on_url = on_target,
    .on_header_field = on_header_name,
    .on_header_value = on_header_value,
    .on_header_value_complete = on_header_end,
    .on_headers_complete = on_headers_end,
    .on_body = on_body,
    .on_chunk_header = on_chunk_header,
    .on_message_complete = on_message_end,
};

struct parser *parser_create(void)
{
    return calloc(1, sizeof(struct parser));
}

void parser_free(struct parser *parser)
{
    free(parser);
}

static struct refusal refusal_of_llhttp(const struct parser *parser, llhttp_errno_t error)
{
    if (is_refused(parser->refusal)) {
        return parser->refusal;
    }
    switch (error) {
    case HPE_INVALID_METHOD:
        return refusal_malformed("unknown method");
    case HPE_INVALID_URL:
        return refusal_malformed("the target holds characters that need percent-encoding");
    case HPE_INVALID_CONTENT_LENGTH:
    case HPE_UNEXPECTED_CONTENT_LENGTH:
        return refusal_malformed("Content-Length");
    case HPE_INVALID_TRANSFER_ENCODING:
        return refusal_malformed("Transfer-Encoding must be 'chunked'");
    case HPE_INVALID_HEADER_TOKEN:
        return refusal_malformed("a header line");
    default:
        return refusal_malformed(parser->head == NULL ? "the chunks of the body" : "the header");
    }
}

struct refusal parser_read_head(struct parser *parser, struct text bytes, unsigned lines,
                                struct head *ret_head)
{
    *parser = (struct parser){ .head = ret_head };
    ret_head->method = TEXT_NONE;
    ret_head->target = TEXT_NONE;
    ret_head->headers[0] = (struct http_header){ 0 };
    ret_head->header_count = 0;
    llhttp_init(&parser->llhttp, HTTP_REQUEST, &settings);
    parser->llhttp.data = parser;
    llhttp_errno_t error = llhttp_execute(&parser->llhttp, bytes.data, bytes.length);
    if (error != HPE_PAUSED) {
        return refusal_of_llhttp(parser, error);
    }
    /* Two readers of the same bytes must have seen the same lines. */
    if (llhttp_get_error_pos(&parser->llhttp) != bytes.data + bytes.length ||
        ret_head->header_count + 1 != lines) {
        return refusal_malformed("the header lines");
    }
    parser->head = NULL;
    return REFUSAL_NONE;
}

void parser_begin_body(struct parser *parser, size_t body_maximum, parser_take_function *take,
                       void *context)
{
    parser->body_maximum = body_maximum;
    parser->take = take;
    parser->take_context = context;
    llhttp_resume(&parser->llhttp);
}

/*
 * The last chunk ends the body only with an empty line: a trailer (RFC 9112, 7.1.2) could carry a
 * field that a proxy in front did not see. llhttp would also take a bare LF here.
 */
static struct refusal read_final_line(struct parser *parser, struct text bytes, size_t *consumed)
{
    while (*consumed < bytes.length && parser->final_matched < final_line.length) {
        if (bytes.data[*consumed] != final_line.data[parser->final_matched]) {
            return refusal_malformed("a trailer, or no empty line, after the last chunk");
        }
        parser->final_matched++;
        (*consumed)++;
    }
    parser->complete = parser->final_matched == final_line.length;
    return REFUSAL_NONE;
}

static struct refusal read_until_end(struct parser *parser, struct text bytes, size_t *consumed)
{
    size_t received_before = parser->body_received;
    llhttp_errno_t error = llhttp_execute(&parser->llhttp, bytes.data, bytes.length);
    if (error != HPE_OK && (error != HPE_PAUSED || !(parser->complete || parser->last_chunk))) {
        return refusal_of_llhttp(parser, error);
    }
    *consumed = error == HPE_OK ? bytes.length
                                : (size_t)(llhttp_get_error_pos(&parser->llhttp) - bytes.data);
    parser->framing_received += *consumed - (parser->body_received - received_before);
    if (parser->framing_received > PARSER_CHUNK_FRAMING_MAXIMUM) {
        return refusal_malformed("too many bytes of chunk sizes and extensions");
    }
    return REFUSAL_NONE;
}

struct refusal parser_read_body(struct parser *parser, struct text bytes, size_t *ret_consumed,
                                bool *ret_complete)
{
    size_t consumed = 0;
    struct refusal refusal = REFUSAL_NONE;
    if (!parser->last_chunk) {
        refusal = read_until_end(parser, bytes, &consumed);
    }
    if (!is_refused(refusal) && parser->last_chunk) {
        refusal = read_final_line(parser, bytes, &consumed);
    }
    *ret_consumed = consumed;
    *ret_complete = parser->complete;
    return refusal;
}
