#ifndef ORGKEYS_HTTP_CONNECTION_H
#define ORGKEYS_HTTP_CONNECTION_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/clock.h"
#include "http/deadline.h"
#include "http/http.h"
#include "http/loop.h"
#include "http/transport.h"

struct worker;

/*
 * arriving -> idle -> receiving -> handling -> sending -> idle
 *                         ^  |                   |  |
 *             "100 Continue" +-- refused ------->+  +-> waiting for its turn, lingering, closed
 */
enum connection_state {
    CONNECTION_ARRIVING,  /* in the worker's mailbox, and in no list */
    CONNECTION_IDLE,      /* no byte of a request */
    CONNECTION_RECEIVING, /* a part of a request */
    CONNECTION_HANDLING,  /* the application has the request; no deadline */
    CONNECTION_SENDING,   /* a reply is not wholly in the socket */
    CONNECTION_WAITING,   /* has the next request, lets other connections go first; no deadline */
    CONNECTION_LINGERING, /* nothing more is sent; what the peer sends is thrown away */
    CONNECTION_CLOSED,    /* about to be freed */
    CONNECTION_STATE_COUNT
};

enum {
    CONNECTION_PEER_MAXIMUM = INET6_ADDRSTRLEN,
    /* Pipelined requests that are served before other connections get their turn. */
    CONNECTION_REQUESTS_PER_TURN = 32,
};

/* How long and how much is read after the last reply, so that it is not lost to a reset. */
#define CONNECTION_LINGER_TIME (2 * (int64_t)MICROSECONDS_PER_SECOND)
enum { CONNECTION_LINGER_BYTES = 8 * 1024 * 1024 };

struct connection {
    struct deadline deadline; /* its place in the list of its state */
    struct letter letter;     /* in the mailbox only while arriving, handling or waiting */
    struct worker *worker;
    struct worker *first_worker; /* the one it was dealt to */
    struct watch *watch;
    struct exchange *exchange; /* NULL when idle */
    struct transport transport;
    enum connection_state state;
    enum watch_interest wanted; /* what the last read or write waits for */
    size_t lingered;
    unsigned turn; /* requests left in this turn */
    enum http_side side;
    bool is_excess;       /* over connections_maximum, and no room was found yet */
    bool deadline_moves;  /* the state has been entered anew */
    bool may_read;        /* once, since the socket said so */
    bool has_fresh_input; /* bytes that have not been looked at */
    bool closes;          /* after the reply */
    bool lingers;         /* the peer may still be sending then */
    char peer[CONNECTION_PEER_MAXIMUM];
};

/* Owns the transport, also on failure (NULL: no memory). Any thread; then post its letter. */
struct connection *connection_create(struct worker *worker, struct transport transport,
                                     enum http_side side, const char *peer, bool is_excess);

/* The deadline of its state is over, or the server goes down; on the worker's thread. */
void connection_expire(struct connection *connection);
void connection_close(struct connection *connection);
struct connection *connection_of_deadline(struct deadline *deadline);

#endif
