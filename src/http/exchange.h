#ifndef ORGKEYS_HTTP_EXCHANGE_H
#define ORGKEYS_HTTP_EXCHANGE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"
#include "http/gate.h"
#include "http/http.h"
#include "http/parser.h"
#include "http/rules.h"
#include "http/service.h"

/*
 * The memory of a connection that has bytes to work on: what it reads, one request, its reply. An
 * idle connection has none.
 *
 * `input` begins with the head of the request in hand, and the request points into it. Body bytes
 * are read behind the head, taken out as they are parsed and collected in `body`; what is left
 * behind the head then is the next request of a pipelining client.
 */
enum {
    EXCHANGE_INPUT_CAPACITY = 4096, /* at first */
    /* Bytes that can always be read behind a head, without moving it. */
    EXCHANGE_READ_MINIMUM = 2048,
    /* An output that has grown larger is counted, and given back after its reply. */
    EXCHANGE_OUTPUT_KEPT_MAXIMUM = 16 * 1024,
};

struct connection;

struct exchange {
    struct exchange *next_spare;
    struct connection *connection;
    struct service *service;
    struct parser *parser;

    struct buffer input;
    struct buffer output;
    size_t output_sent;
    int64_t send_until; /* when the peer must have taken a reply; clock_monotonic_microseconds */
    struct buffer body;
    size_t body_charged;  /* bytes that are counted in service->body_bytes */
    size_t reply_charged; /* ... in service->reply_bytes */

    struct gate gate;
    size_t head_length; /* 0 until the head is whole */
    struct head head;
    struct framing framing;

    struct http_request request; /* what the application sees */
    struct http_reply reply;     /* given by another thread, to be copied on the loop's */
    void (*released)(void *context);
    void *released_context;
    bool in_call;    /* the application is being called at the moment */
    bool answered;   /* the reply is in the output */
    bool continuing; /* the output is "100 Continue" */
};

/* NULL when there is no memory. */
struct exchange *exchange_create(struct service *service);
void exchange_free(struct exchange *exchange);
struct exchange *exchange_of_request(struct http_request *request);

/* Room to read into behind the input; false when there is no memory. */
bool exchange_make_room(struct exchange *exchange);
/* Whether the bytes at the start of the input are a whole head now, or no request. */
struct refusal exchange_read_head(struct exchange *exchange);
void exchange_begin_body(struct exchange *exchange);
struct refusal exchange_read_body(struct exchange *exchange, bool *ret_complete);
/* Whether the replies in memory leave room for another one. */
bool exchange_may_reply(const struct exchange *exchange);
/* The output holds the reply now. */
void exchange_charge_reply(struct exchange *exchange);
/* Before a refusal: whether it may have a body depends on the method, whatever else is wrong. */
void exchange_note_method(struct exchange *exchange);
/* The body has come: the application sees it. */
void exchange_complete_request(struct exchange *exchange, int64_t now);
/* Forgets and wipes the request and its reply; what follows in the input moves to its start. */
void exchange_finish_request(struct exchange *exchange);
/* Forgets and wipes all. */
void exchange_clear(struct exchange *exchange);

#endif
