#ifndef ORGKEYS_HTTP_WORKER_H
#define ORGKEYS_HTTP_WORKER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/result.h"
#include "http/connection.h"
#include "http/deadline.h"
#include "http/exchange.h"
#include "http/loop.h"
#include "http/reply.h"
#include "http/service.h"

/* Exchanges kept for the next request; more than are busy at once on a loop are seldom needed. */
enum { WORKER_SPARE_EXCHANGES_MAXIMUM = 64 };

/* A loop thread and its connections. */
struct worker {
    struct loop *loop;
    struct service *service;
    struct worker *next_of_side; /* in a ring */

    /* One list a state; each connection is in that of its own. */
    struct deadline_list connections[CONNECTION_STATE_COUNT];
    unsigned connection_count;
    struct exchange *spare_exchanges;
    unsigned spare_exchange_count;
    struct reply_date date;

    struct letter stop_letter;
    int64_t grace;          /* microseconds, given by worker_stop */
    bool draining;          /* replies close their connections, idle ones are closed */
    int64_t grace_deadline; /* while draining */
    bool grace_is_over;     /* only requests that the application still holds are waited for */
};

/* The only one of its side, until next_of_side is set. */
struct result worker_init(struct worker *worker, struct service *service);
/* Any thread, once: see http_server_stop. */
void worker_stop(struct worker *worker, int64_t grace);
/* The thread has ended, or was never started. */
void worker_free(struct worker *worker);

/* NULL when there is no memory. */
struct exchange *worker_take_exchange(struct worker *worker);
void worker_give_back_exchange(struct worker *worker, struct exchange *exchange);
/* A connection is gone. */
void worker_forget_connection(struct worker *worker);

#endif
