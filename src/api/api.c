#include "api/api.h"

#include <stdlib.h>

#include "api/auth.h"
#include "api/call.h"
#include "api/client_address.h"
#include "api/internal.h"
#include "api/openapi.h"
#include "api/pages.h"
#include "api/password_pool.h"
#include "api/reply.h"
#include "api/route.h"
#include "domain/login_limits.h"
#include "os/log.h"
#include "os/metrics.h"

enum { ALLOW_MAXIMUM = 128 };

/* No call comes of these requests, and no line of a call. */
static void log_refused(const struct api *api, const struct http_request *request,
                        const struct reply *reply, enum error error)
{
    if (log_admits_anonymous()) {
        log_at(LOG_INFO, "refused",
               LOG_TEXT_FIELD("request_id", request_id_text(&reply->request_id)),
               LOG_INTEGER_FIELD("status", reply->status),
               LOG_TEXT_FIELD("error", text_of(error_describe(error)->name)),
               LOG_TEXT_FIELD("address", client_address(request, api->options.trusted_proxies,
                                                        api->options.trusted_proxy_count)));
    }
}

/* `methods` is TEXT_NONE, or what the reply's Allow says. */
static void send_refusal(const struct api *api, struct http_request *request, enum error error,
                         const struct problem *problem, struct text methods)
{
    struct reply reply;
    reply_init(&reply);
    reply_write_error(&reply, error, problem, TEXT_NONE, request->received_at);
    if (methods.data != NULL) {
        buffer_append_format(&reply.headers, "Allow: %.*s\r\n", TEXT_ARGUMENTS(methods));
    }
    log_refused(api, request, &reply, error);
    reply_send(&reply, request, NULL, NULL);
    reply_free(&reply);
}

static void refuse_unknown_path(const struct api *api, struct http_request *request)
{
    struct problem problem;
    struct result result =
        problem_refuse(&problem, ERROR_INVALID_URL, TEXT_NONE, request->method, NULL);
    send_refusal(api, request, result.error, &problem, TEXT_NONE);
}

/* RFC 9110, 15.5.6: the reply names the methods that there are. */
static void refuse_method(const struct api *api, struct http_request *request, struct text methods)
{
    struct problem problem;
    struct result result = problem_refuse(&problem, ERROR_METHOD_NOT_SUPPORTED, TEXT_NONE,
                                          request->method, "%.*s", TEXT_ARGUMENTS(methods));
    send_refusal(api, request, result.error, &problem, methods);
}

static void refuse_other_method(const struct api *api, struct http_request *request)
{
    struct buffer methods;
    buffer_init(&methods, ALLOW_MAXIMUM);
    route_write_methods(request->path, &methods);
    refuse_method(api, request, buffer_text(&methods));
    buffer_free(&methods);
}

/* The internal listener has the operational endpoints, the public one the rest. */
static bool is_on_side(const struct api *api, const struct route *route, enum http_side side)
{
    if (side == HTTP_INTERNAL) {
        return route->answer != NULL;
    }
    return !route->is_internal || !api->options.has_internal_listener;
}

/* No path of the API: it may be a page's. */
static void handle_page(const struct api *api, struct http_request *request)
{
    const struct dashboard_file *file =
        request->side == HTTP_PUBLIC ? page_find(request->path) : NULL;
    if (file == NULL) {
        refuse_unknown_path(api, request);
    } else if (!page_takes(request->method)) {
        refuse_method(api, request, PAGE_METHODS);
    } else {
        page_answer(file, request);
    }
}

static void handle(void *context, struct http_request *request)
{
    struct api *api = context;
    const struct route *route = NULL;
    struct text parameters[WORK_PATH_MAXIMUM] = { TEXT_NONE };
    if (auth_is_path(request->path) &&
        (request->side == HTTP_INTERNAL || !api->options.has_internal_listener)) {
        auth_answer(api, request);
        return;
    }
    enum route_match match = route_find(request->method, request->path, &route, parameters);
    if (match == ROUTE_UNKNOWN_PATH) {
        handle_page(api, request);
    } else if (!is_on_side(api, route, request->side)) {
        refuse_unknown_path(api, request);
    } else if (match == ROUTE_OTHER_METHOD) {
        refuse_other_method(api, request);
    } else {
        metric_add(METRIC_API_CALLS, (unsigned)(route - routes(&(size_t){ 0 })), 1);
        if (route->answer != NULL) {
            route->answer(api, request);
        } else {
            call_begin(api, route, parameters, request);
        }
    }
}

static struct problem describe_refusal(const struct api *api, const struct http_request *request,
                                       enum error error, const char *detail)
{
    struct problem problem = { .param = "" };
    int64_t maximum = 0;
    if (error == ERROR_BODY_TOO_LARGE) {
        maximum = (int64_t)api->options.body_maximum;
    } else if (error == ERROR_HEADER_TOO_LARGE) {
        maximum = (int64_t)api->options.header_maximum;
    }
    struct result result =
        maximum > 0
            ? problem_refuse_number(&problem, error, TEXT_NONE, HTTP_HEADER_LINES_MAXIMUM, maximum)
            : problem_refuse(&problem, error, TEXT_NONE, request->method, "%s", detail);
    ASSERT(result.error == error);
    return problem;
}

static void refuse_request(void *context, struct http_request *request, enum error error,
                           const char *detail)
{
    if (error == ERROR_METHOD_NOT_SUPPORTED) {
        refuse_method(context, request, TEXT("GET, HEAD, POST, DELETE"));
    } else {
        struct problem problem = describe_refusal(context, request, error, detail);
        send_refusal(context, request, error, &problem, TEXT_NONE);
    }
}

static void name_metrics(void)
{
    static const char *operations[METRIC_LABELS_MAXIMUM];
    static const char *errors[METRIC_LABELS_MAXIMUM];
    size_t count;
    const struct route *table = routes(&count);
    ASSERT(count <= METRIC_LABELS_MAXIMUM && (int)ERROR_COUNT <= (int)METRIC_LABELS_MAXIMUM);
    for (size_t i = 0; i < count; i++) {
        operations[i] = table[i].operation;
    }
    for (enum error error = 0; error < ERROR_COUNT; error++) {
        errors[error] = error_describe(error)->name;
    }
    metric_set_labels(METRIC_API_CALLS, operations, count);
    metric_set_labels(METRIC_API_ERRORS, errors, ERROR_COUNT);
}

struct result api_create(const struct api_options *options, struct api **ret_api)
{
    struct api *api = calloc(1, sizeof *api);
    if (api == NULL) {
        return fault(ERROR_INTERNAL, "no memory for the API");
    }
    api->options = *options;
    struct result result = openapi_write(&api->openapi);
    if (!result_failed(result)) {
        result = check_replies_create(&api->check_replies);
    }
    if (!result_failed(result)) {
        result = login_limits_create(&api->login_limits);
    }
    if (!result_failed(result)) {
        result = password_pool_start(&api->password_pool);
    }
    if (result_failed(result)) {
        api_free(api);
        return result;
    }
    name_metrics();
    *ret_api = api;
    return RESULT_OK;
}

void api_free(struct api *api)
{
    if (api != NULL) {
        free((void *)(uintptr_t)api->openapi.data);
        password_pool_stop(api->password_pool);
        login_limits_free(api->login_limits);
        check_replies_free(api->check_replies);
        free(api);
    }
}

struct http_application api_application(struct api *api)
{
    return (struct http_application){ .context = api, .handle = handle, .refuse = refuse_request };
}

void api_stop(struct api *api)
{
    atomic_store(&api->is_stopping, true);
}
