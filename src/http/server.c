#include <stdlib.h>

#include "http/acceptor.h"
#include "http/http.h"
#include "http/listener.h"
#include "http/service.h"
#include "http/worker.h"

enum { SERVER_THREADS_MAXIMUM = 256 };

struct http_server {
    struct service service;
    struct listener *listeners;
    size_t listener_count;  /* open ones */
    struct worker *workers; /* those of one side after those of the other */
    size_t worker_count;    /* initialized ones */
    size_t running_count;   /* of them, those whose thread has been started */
    struct acceptor acceptor;
    bool accepts;
};

static struct result check_options(const struct http_options *options)
{
    if (options->listener_count == 0 || options->listener_count > ACCEPTOR_LISTENERS_MAXIMUM) {
        return fault(ERROR_INTERNAL, "a server listens at 1 to %d addresses",
                     ACCEPTOR_LISTENERS_MAXIMUM);
    }
    if (options->threads == 0 || options->threads > SERVER_THREADS_MAXIMUM) {
        return fault(ERROR_INTERNAL, "a server has 1 to %d threads", SERVER_THREADS_MAXIMUM);
    }
    return RESULT_OK;
}

static struct result open_listeners(struct http_server *server, const struct http_options *options)
{
    server->listeners = calloc(options->listener_count, sizeof *server->listeners);
    if (server->listeners == NULL) {
        return fault(ERROR_INTERNAL, "no memory for the listeners");
    }
    while (server->listener_count < options->listener_count) {
        size_t index = server->listener_count;
        TRY(listener_open(&options->listeners[index], &server->listeners[index]));
        server->listener_count++;
    }
    return RESULT_OK;
}

static bool has_listener(const struct http_server *server, enum http_side side)
{
    bool found = false;
    for (size_t i = 0; i < server->listener_count; i++) {
        found = found || server->listeners[i].side == side;
    }
    return found;
}

/* A side without a listener needs none. */
static size_t share_out_workers(struct http_server *server)
{
    unsigned threads = server->service.options.threads;
    size_t count = 0;
    for (enum http_side side = 0; side < HTTP_SIDE_COUNT; side++) {
        if (has_listener(server, side)) {
            server->acceptor.workers[side] =
                (struct workers){ .first = &server->workers[count], .count = threads };
            count += threads;
        }
    }
    return count;
}

static void make_rings(struct http_server *server)
{
    for (enum http_side side = 0; side < HTTP_SIDE_COUNT; side++) {
        const struct workers *workers = &server->acceptor.workers[side];
        for (size_t i = 0; i < workers->count; i++) {
            workers->first[i].next_of_side = &workers->first[(i + 1) % workers->count];
        }
    }
}

/* Where checks have threads of their own, strangers wait for them. */
static void let_checks_go_first(struct http_server *server)
{
    if (!has_listener(server, HTTP_INTERNAL)) {
        return;
    }
    const struct workers *strangers = &server->acceptor.workers[HTTP_PUBLIC];
    for (size_t i = 0; i < strangers->count; i++) {
        loop_give_way(strangers->first[i].loop);
    }
}

static struct result start_workers(struct http_server *server)
{
    size_t maximum = (size_t)server->service.options.threads * HTTP_SIDE_COUNT;
    server->workers = calloc(maximum, sizeof *server->workers);
    if (server->workers == NULL) {
        return fault(ERROR_INTERNAL, "no memory for the loops");
    }
    size_t count = share_out_workers(server);
    while (server->worker_count < count) {
        TRY(worker_init(&server->workers[server->worker_count], &server->service));
        server->worker_count++;
    }
    make_rings(server);
    let_checks_go_first(server);
    while (server->running_count < count) {
        TRY(loop_start(server->workers[server->running_count].loop));
        server->running_count++;
    }
    return RESULT_OK;
}

static struct result prepare(struct http_server *server, const struct http_options *options)
{
    TRY(check_options(options));
    return open_listeners(server, options);
}

struct result http_server_open(const struct http_options *options, struct http_server **ret_server)
{
    struct http_server *server = calloc(1, sizeof *server);
    if (server == NULL) {
        return fault(ERROR_INTERNAL, "no memory for the server");
    }
    server->service.options = *options;
    server->service.options.listeners = NULL;
    if (options->reply_rate_minimum == 0) {
        server->service.options.reply_rate_minimum = HTTP_REPLY_RATE_MINIMUM;
    }
    if (options->replies_maximum == 0) {
        server->service.options.replies_maximum = HTTP_REPLIES_MAXIMUM;
    }
    struct result result = prepare(server, options);
    if (result_failed(result)) {
        http_server_free(server);
        return result;
    }
    *ret_server = server;
    return RESULT_OK;
}

struct result http_server_start(struct http_server *server,
                                const struct http_application *application)
{
    server->service.application = *application;
    server->acceptor = (struct acceptor){
        .service = &server->service,
        .listeners = server->listeners,
        .listener_count = server->listener_count,
    };
    TRY(start_workers(server));
    TRY(acceptor_start(&server->acceptor));
    server->accepts = true;
    return RESULT_OK;
}

struct text http_server_address(const struct http_server *server, size_t index)
{
    ASSERT(index < server->listener_count);
    return text_of(server->listeners[index].text);
}

struct http_statistics http_server_statistics(struct http_server *server)
{
    struct service *service = &server->service;
    return (struct http_statistics){
        .connections_open = atomic_load(&service->connections_open[HTTP_PUBLIC]) +
                            atomic_load(&service->connections_open[HTTP_INTERNAL]),
        .connections_accepted = atomic_load(&service->connections_accepted),
        .connections_displaced = atomic_load(&service->connections_displaced),
        .connections_refused = atomic_load(&service->connections_refused),
    };
}

void http_server_stop(struct http_server *server, int64_t grace)
{
    if (server->accepts) {
        acceptor_stop(&server->acceptor);
        server->accepts = false;
    }
    for (size_t i = 0; i < server->running_count; i++) {
        worker_stop(&server->workers[i], grace);
    }
    for (size_t i = 0; i < server->running_count; i++) {
        loop_join(server->workers[i].loop);
    }
    server->running_count = 0;
}

void http_server_free(struct http_server *server)
{
    if (server == NULL) {
        return;
    }
    http_server_stop(server, 0);
    for (size_t i = 0; i < server->worker_count; i++) {
        worker_free(&server->workers[i]);
    }
    for (size_t i = 0; i < server->listener_count; i++) {
        listener_close(&server->listeners[i]);
    }
    free(server->workers);
    free(server->listeners);
    free(server);
}
