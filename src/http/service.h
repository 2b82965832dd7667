#ifndef ORGKEYS_HTTP_SERVICE_H
#define ORGKEYS_HTTP_SERVICE_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "http/http.h"

/* What all threads of a server share: constant but for the counters. */
struct service {
    struct http_options options; /* without listeners */
    struct http_application application;

    atomic_size_t body_bytes;  /* of the memory of all bodies */
    atomic_size_t reply_bytes; /* of the memory of all replies but small ones */
    atomic_uint connections_open;
    atomic_uint refused_open; /* connections over the maximum that are still being told so */
    atomic_uint_fast64_t connections_accepted;
    atomic_uint_fast64_t connections_refused;
};

#endif
