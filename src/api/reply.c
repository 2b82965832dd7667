#include "api/reply.h"

#include <inttypes.h>

#include "base/clock.h"
#include "codec/json_writer.h"
#include "model/encode.h"
#include "model/error_reply.h"
#include "os/log.h"
#include "os/metrics.h"

/* Of the contract that is spoken here; clients only log it. */
#define OPENAI_VERSION "2020-10-01"
#define JSON_CONTENT_TYPE TEXT("application/json")

enum { ERROR_MESSAGE_MAXIMUM = 2048 };

void reply_init(struct reply *reply)
{
    *reply = (struct reply){ .request_id = request_id_make(), .status = 200 };
    buffer_init(&reply->headers, REPLY_HEADERS_MAXIMUM);
    buffer_init(&reply->body, REPLY_BODY_MAXIMUM);
}

void reply_free(struct reply *reply)
{
    buffer_free(&reply->headers);
    buffer_free(&reply->body);
}

static void write_header(struct buffer *headers, struct text name, struct text value)
{
    buffer_append(headers, name);
    buffer_append(headers, TEXT(": "));
    buffer_append(headers, value);
    buffer_append(headers, TEXT("\r\n"));
}

void reply_write_headers(struct reply *reply, struct text content_type, struct text organization_id,
                         int64_t received_at)
{
    int64_t milliseconds = (clock_monotonic_microseconds() - received_at) / 1000;
    write_header(&reply->headers, TEXT("Content-Type"), content_type);
    write_header(&reply->headers, TEXT("Cache-Control"), TEXT("no-store"));
    write_header(&reply->headers, TEXT("X-Content-Type-Options"), TEXT("nosniff"));
    write_header(&reply->headers, TEXT("x-request-id"), request_id_text(&reply->request_id));
    write_header(&reply->headers, TEXT("openai-version"), TEXT(OPENAI_VERSION));
    if (organization_id.data != NULL) {
        write_header(&reply->headers, TEXT("openai-organization"), organization_id);
    }
    buffer_append(&reply->headers, TEXT("openai-processing-ms: "));
    buffer_append_integer(&reply->headers, milliseconds);
    buffer_append(&reply->headers, TEXT("\r\n"));
}

void reply_write_envelope(struct buffer *body, enum error error, const struct problem *problem)
{
    const struct error_description *description = error_describe(error);
    struct buffer message;
    buffer_init(&message, ERROR_MESSAGE_MAXIMUM);
    problem_write_message(problem, error, &message);
    struct error_reply envelope = {
        .error = {
            .message = buffer_text(&message),
            .type = text_of(description->type),
            .param = problem->param[0] != '\0' ? text_of(problem->param) : TEXT_NONE,
            .code = text_of(description->code),
        },
    };
    model_encode(body, &error_reply_type, &envelope);
    buffer_free(&message);
}

/* RFC 6750, 3.1; its third error, invalid_request, is a 400 there and a 401 here. */
static const char *challenge_of(enum error error)
{
    switch (error) {
    case ERROR_MISSING_CREDENTIALS:
        return "Bearer realm=\"orgkeys\"";
    case ERROR_MULTIPLE_CREDENTIALS:
        return "Bearer realm=\"orgkeys\", error=\"invalid_request\"";
    case ERROR_INSUFFICIENT_PERMISSIONS:
    case ERROR_MISSING_SCOPE:
        return "Bearer realm=\"orgkeys\", error=\"insufficient_scope\"";
    default:
        return error_describe(error)->status == 401
                   ? "Bearer realm=\"orgkeys\", error=\"invalid_token\""
                   : NULL;
    }
}

void reply_write_error_headers(struct buffer *headers, enum error error)
{
    const char *challenge = challenge_of(error);
    enum error_retry retry = error_describe(error)->retry;
    if (retry == ERROR_RETRY_NEVER || retry == ERROR_RETRY_CALLER) {
        write_header(headers, TEXT("x-should-retry"), TEXT("false"));
    }
    if (retry == ERROR_RETRY_LATER) {
        buffer_append_format(headers, "Retry-After: %d\r\n", RETRY_AFTER_SECONDS);
    }
    if (challenge != NULL) {
        write_header(headers, TEXT("WWW-Authenticate"), text_of(challenge));
    }
}

void reply_write_error(struct reply *reply, enum error error, const struct problem *problem,
                       struct text organization_id, int64_t received_at)
{
    const struct error_description *description = error_describe(error);
    buffer_clear(&reply->headers);
    buffer_clear(&reply->body);
    reply->status = description->status;
    reply_write_headers(reply, JSON_CONTENT_TYPE, organization_id, received_at);
    reply_write_error_headers(&reply->headers, error);
    if (problem->retry_after > 0) {
        buffer_append_format(&reply->headers, "Retry-After: %" PRId64 "\r\n", problem->retry_after);
    }
    reply_write_envelope(&reply->body, error, problem);
    metric_add(METRIC_API_ERRORS, error, 1);
}

static bool is_complete(const struct reply *reply)
{
    return !reply->headers.failed && !reply->body.failed;
}

/* Too long, or there is no memory; then there may be none for the error either. */
static void replace_incomplete(struct reply *reply, int64_t received_at)
{
    static const struct problem no_problem;
    int status = reply->status;
    reply_write_error(reply, ERROR_INTERNAL, &no_problem, TEXT_NONE, received_at);
    log_at(LOG_ERROR, "a reply could not be made",
           LOG_TEXT_FIELD("request_id", request_id_text(&reply->request_id)),
           LOG_INTEGER_FIELD("status", status));
}

void reply_send(struct reply *reply, struct http_request *request, void (*released)(void *context),
                void *context)
{
    if (!is_complete(reply)) {
        replace_incomplete(reply, request->received_at);
    }
    bool complete = is_complete(reply);
    metric_add(METRIC_HTTP_REQUESTS, (unsigned)(complete ? reply->status : 500) / 100 - 1, 1);
    http_request_reply(request,
                       &(struct http_reply){
                           .status = complete ? reply->status : 500,
                           .headers = complete ? buffer_text(&reply->headers) : TEXT(""),
                           .body = complete ? buffer_text(&reply->body) : TEXT(""),
                           .close = !complete,
                       },
                       released, context);
}

void reply_send_error(struct http_request *request, enum error error, const struct problem *problem)
{
    struct reply reply;
    reply_init(&reply);
    reply_write_error(&reply, error, problem, TEXT_NONE, request->received_at);
    reply_send(&reply, request, NULL, NULL);
    reply_free(&reply);
}

void reply_send_json(struct http_request *request, int status, struct text json)
{
    struct reply reply;
    reply_init(&reply);
    reply.status = status;
    reply_write_headers(&reply, JSON_CONTENT_TYPE, TEXT_NONE, request->received_at);
    buffer_append(&reply.body, json);
    reply_send(&reply, request, NULL, NULL);
    reply_free(&reply);
}
