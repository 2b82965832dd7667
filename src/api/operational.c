#include "api/operational.h"

#include "api/internal.h"
#include "api/reply.h"
#include "os/metrics.h"

void answer_health(struct api *api, struct http_request *request)
{
    (void)api;
    reply_send_json(request, 200, TEXT("{\"status\":\"ok\"}"));
}

/* 200 as long as checks can be answered; the body says whether admin calls can be, too. */
void answer_readiness(struct api *api, struct http_request *request)
{
    bool is_stopping = atomic_load(&api->is_stopping);
    if (is_stopping) {
        reply_send_json(request, 503, TEXT("{\"status\":\"stopping\",\"admin\":false}"));
    } else if (store_writer_healthy(api->options.writer)) {
        reply_send_json(request, 200, TEXT("{\"status\":\"ready\",\"admin\":true}"));
    } else {
        reply_send_json(request, 200, TEXT("{\"status\":\"ready\",\"admin\":false}"));
    }
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
