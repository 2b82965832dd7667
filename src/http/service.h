#ifndef ORGKEYS_HTTP_SERVICE_H
#define ORGKEYS_HTTP_SERVICE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "http/http.h"

/* What all threads of a server share: constant but for the counters. */
struct service {
    struct http_options options; /* without listeners */
    struct http_application application;

    atomic_size_t body_bytes[HTTP_SIDE_COUNT]; /* of the memory of a side's bodies */
    atomic_size_t reply_bytes;                 /* ... of all replies but small ones */
    atomic_uint connections_open[HTTP_SIDE_COUNT];
    /* Connections over the maximum: on their way to a loop, or being told so. */
    atomic_uint excess_open[HTTP_SIDE_COUNT];
    atomic_uint_fast64_t connections_accepted;
    atomic_uint_fast64_t connections_displaced;
    atomic_uint_fast64_t connections_refused;
};

/* False: as many as may be are open. */
static inline bool service_take_place(struct service *service, enum http_side side)
{
    atomic_uint *count = &service->connections_open[side];
    unsigned open = atomic_load(count);
    while (open < service->options.connections_maximum) {
        if (atomic_compare_exchange_weak(count, &open, open + 1)) {
            (void)atomic_fetch_add(&service->connections_accepted, 1);
            return true;
        }
    }
    return false;
}

/* Whether a connection over the maximum may be on its way from one worker to another. */
static inline bool service_has_excess(struct service *service)
{
    return atomic_load(&service->excess_open[HTTP_PUBLIC]) > 0 ||
           atomic_load(&service->excess_open[HTTP_INTERNAL]) > 0;
}

/* A connection is gone. */
static inline void service_uncount(struct service *service, enum http_side side, bool is_excess)
{
    atomic_uint *counts = is_excess ? service->excess_open : service->connections_open;
    (void)atomic_fetch_sub(&counts[side], 1);
}

#endif
