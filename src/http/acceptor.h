#ifndef ORGKEYS_HTTP_ACCEPTOR_H
#define ORGKEYS_HTTP_ACCEPTOR_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/clock.h"
#include "base/result.h"
#include "http/listener.h"
#include "http/service.h"
#include "http/worker.h"

enum {
    ACCEPTOR_LISTENERS_MAXIMUM = 32,
    /* Connections taken from one listener before the others get their turn. */
    ACCEPTOR_TURN_MAXIMUM = 64,
    /* Connections of a side over its maximum that are dealt with; more are just closed. */
    ACCEPTOR_EXCESS_MAXIMUM = 128,
    /* How long nothing is accepted while the system has no descriptor or memory for it. */
    ACCEPTOR_PAUSE_MILLISECONDS = 100,
    /* Between two lines of the log that say so. */
    ACCEPTOR_REPORT_MICROSECONDS = 60 * MICROSECONDS_PER_SECOND,
};

/* Who serves the connections of a side. */
struct workers {
    struct worker *first;
    size_t count;
    size_t next;
};

/* The thread that accepts connections and deals them in turn to the workers of their side. */
struct acceptor {
    struct service *service;
    struct listener *listeners;
    size_t listener_count;
    struct workers workers[HTTP_SIDE_COUNT];
    pthread_t thread;
    int wake;    /* an eventfd: stop */
    int reserve; /* a descriptor to give up when there are no more; -1: it is given up */
};

/* `acceptor` is filled in down to workers, and stays where it is until acceptor_stop. */
struct result acceptor_start(struct acceptor *acceptor);
/* The listeners are closed when it returns. */
void acceptor_stop(struct acceptor *acceptor);

#endif
