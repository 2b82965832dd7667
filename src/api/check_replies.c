#include "api/check_replies.h"

#include <stdlib.h>

#include "api/reply.h"
#include "base/clock.h"
#include "os/metrics.h"

enum { PREPARED_MAXIMUM = 2048 }; /* bytes of a reply's headers, and of its body */

static const enum error outcomes[] = {
    ERROR_NONE,
    ERROR_INVALID_QUESTION,
    ERROR_MISSING_CREDENTIALS,
    ERROR_MULTIPLE_CREDENTIALS,
    ERROR_INVALID_API_KEY,
    ERROR_EXPIRED_API_KEY,
    ERROR_ADMIN_KEY,
    ERROR_KEY_OF_ARCHIVED_PROJECT,
    ERROR_OWNER_WITHOUT_ACCESS,
    ERROR_KEY_OF_OTHER_PROJECT,
    ERROR_MISSING_SCOPE,
    ERROR_VERIFICATION_UNAVAILABLE,
};
enum { OUTCOME_COUNT = sizeof outcomes / sizeof outcomes[0] };

struct prepared {
    struct buffer headers;
    struct buffer body;
    unsigned label; /* of METRIC_CHECKS */
};

struct check_replies {
    struct prepared prepared[ERROR_COUNT];
};

static struct result prepare(struct prepared *prepared, enum error error)
{
    static const struct problem no_problem;
    buffer_init(&prepared->headers, PREPARED_MAXIMUM);
    buffer_init(&prepared->body, PREPARED_MAXIMUM);
    reply_write_envelope(&prepared->body, error, &no_problem);
    buffer_append(&prepared->headers, TEXT("Content-Type: application/json\r\n"
                                           "Cache-Control: no-store\r\n"));
    reply_write_error_headers(&prepared->headers, error);
    /* For proxies that cannot pass on the body of a question's reply (nginx). */
    buffer_append(&prepared->headers, TEXT("X-Orgkeys-Error: "));
    buffer_append(&prepared->headers, buffer_text(&prepared->body));
    buffer_append(&prepared->headers, TEXT("\r\n"));
    return prepared->headers.failed || prepared->body.failed
               ? fault(ERROR_INTERNAL, "no memory for the replies of checks")
               : RESULT_OK;
}

struct result check_replies_create(struct check_replies **ret_replies)
{
    static const char *labels[OUTCOME_COUNT];
    struct check_replies *replies = calloc(1, sizeof *replies);
    struct result result =
        replies != NULL ? RESULT_OK : fault(ERROR_INTERNAL, "no memory for the replies of checks");
    for (unsigned i = 0; i < OUTCOME_COUNT && !result_failed(result); i++) {
        labels[i] = outcomes[i] == ERROR_NONE ? "ALLOWED" : error_describe(outcomes[i])->name;
        replies->prepared[outcomes[i]].label = i;
        result = prepare(&replies->prepared[outcomes[i]], outcomes[i]);
    }
    if (result_failed(result)) {
        check_replies_free(replies);
        return result;
    }
    metric_set_labels(METRIC_CHECKS, labels, OUTCOME_COUNT);
    *ret_replies = replies;
    return RESULT_OK;
}

void check_replies_free(struct check_replies *replies)
{
    for (size_t i = 0; replies != NULL && i < ERROR_COUNT; i++) {
        buffer_free(&replies->prepared[i].headers);
        buffer_free(&replies->prepared[i].body);
    }
    free(replies);
}

/* After the reply went into the connection: its time counts, and the request is gone. */
static void count(unsigned outcome, int status, int64_t received_at)
{
    metric_add(METRIC_CHECKS, outcome, 1);
    metric_add(METRIC_HTTP_REQUESTS, (unsigned)status / 100 - 1, 1);
    metric_observe(METRIC_CHECK_SECONDS, clock_monotonic_microseconds() - received_at);
}

void check_replies_accept(const struct check_replies *replies, struct http_request *request,
                          struct text headers)
{
    int64_t received_at = request->received_at;
    http_request_reply(request, &(struct http_reply){ .status = 200, .headers = headers }, NULL,
                       NULL);
    count(replies->prepared[ERROR_NONE].label, 200, received_at);
}

void check_replies_refuse(const struct check_replies *replies, struct http_request *request,
                          enum error error)
{
    const struct prepared *prepared = &replies->prepared[error];
    int64_t received_at = request->received_at;
    int status = error_describe(error)->status;
    ASSERT(prepared->body.length > 0);
    http_request_reply(request,
                       &(struct http_reply){
                           .status = status,
                           .headers = buffer_text(&prepared->headers),
                           .body = buffer_text(&prepared->body),
                       },
                       NULL, NULL);
    metric_add(METRIC_API_ERRORS, error, 1);
    count(prepared->label, status, received_at);
}
