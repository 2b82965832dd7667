#include "api/operational.h"

#include <inttypes.h>
#include <stdio.h>

#include "api/internal.h"
#include "api/reply.h"
#include "base/clock.h"
#include "os/metrics.h"

enum { READINESS_MAXIMUM = 256 }; /* bytes of the body */

void answer_health(struct api *api, struct http_request *request)
{
    (void)api;
    reply_send_json(request, 200, TEXT("{\"status\":\"ok\"}"));
}

/* 200 as long as checks can be answered; the body says what else is as it should be. */
void answer_readiness(struct api *api, struct http_request *request)
{
    const struct api_options *options = &api->options;
    char body[READINESS_MAXIMUM];
    bool is_stopping = atomic_load(&api->is_stopping);
    bool can_check = !is_stopping && keyring_can_answer(options->keyring);
    bool can_write = !is_stopping && store_writer_healthy(options->writer);
    bool follows = options->follower == NULL || (follower_is_connected(options->follower) &&
                                                 keyring_is_in_touch(options->keyring));
    struct keyring_statistics keyring = keyring_statistics(options->keyring);
    int64_t age =
        keyring.confirmed_at == 0 ? 0 : clock_monotonic_microseconds() - keyring.confirmed_at;
    int length = snprintf(body, sizeof body,
                          "{\"status\":\"%s\",\"admin\":%s,\"database\":%s,\"revision\":%" PRId64
                          ",\"lag\":%" PRId64 ",\"seconds_since_sweep\":%.3f}",
                          is_stopping ? "stopping"
                          : can_check ? "ready"
                                      : "stale",
                          can_write ? "true" : "false", can_write && follows ? "true" : "false",
                          keyring.revision, following_lag(options->following),
                          (double)age / MICROSECONDS_PER_SECOND);
    ASSERT(length > 0 && (size_t)length < sizeof body);
    reply_send_json(request, can_check ? 200 : 503, (struct text){ body, (size_t)length });
}

void answer_metrics(struct api *api, struct http_request *request)
{
    struct reply reply;
    (void)api;
    reply_init(&reply);
    reply_write_headers(&reply, TEXT(METRICS_CONTENT_TYPE), TEXT_NONE, request->received_at);
    metrics_render(&reply.body);
    reply_send(&reply, request, NULL, NULL);
    reply_free(&reply);
}

void answer_openapi(struct api *api, struct http_request *request)
{
    reply_send_json(request, 200, api->openapi);
}
