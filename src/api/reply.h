#ifndef ORGKEYS_API_REPLY_H
#define ORGKEYS_API_REPLY_H

#include "api/request_id.h"
#include "base/buffer.h"
#include "base/problem.h"
#include "http/http.h"

enum {
    REPLY_HEADERS_MAXIMUM = 1024,
    REPLY_BODY_MAXIMUM = 8 * 1024 * 1024,
    RETRY_AFTER_SECONDS = 1,
};

/* A reply being made: both buffers hold until reply_free. */
struct reply {
    struct request_id request_id;
    int status;
    struct buffer headers;
    struct buffer body;
};

void reply_init(struct reply *reply);
void reply_free(struct reply *reply);

/* The headers that every reply has. `organization_id` may be TEXT_NONE. */
void reply_write_headers(struct reply *reply, struct text content_type, struct text organization_id,
                         int64_t received_at);

/* The parts of an error's reply: OpenAI's envelope, and the headers that say what to do about it.
 */
void reply_write_envelope(struct buffer *body, enum error error, const struct problem *problem);
void reply_write_error_headers(struct buffer *headers, enum error error);

/* Makes the whole reply of an error: status, envelope and the headers that go with it. */
void reply_write_error(struct reply *reply, enum error error, const struct problem *problem,
                       struct text organization_id, int64_t received_at);

/* Hands it over. `released` as in http_request_reply. */
void reply_send(struct reply *reply, struct http_request *request, void (*released)(void *context),
                void *context);

/* Answers at once, on the loop's thread. */
void reply_send_error(struct http_request *request, enum error error,
                      const struct problem *problem);
void reply_send_json(struct http_request *request, int status, struct text json);

#endif
