#ifndef ORGKEYS_HTTP_HTTP_H
#define ORGKEYS_HTTP_HTTP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/result.h"
#include "base/text.h"

/*
 * An HTTP/1.1 server (RFC 9112) that knows no route: it hands one whole request of a connection at
 * a time to an application, and sends what the application answers.
 *
 * Threads: http_server_start makes one accepting thread, and for each side that has a listener
 * `threads` loop threads of its own. The application is called on a loop thread and must not block
 * there.
 *
 * A side has its own connections and bodies, too: what strangers do at the public one takes nothing
 * from the internal one but time of the processors.
 */

enum {
    HTTP_HEADER_LINES_MAXIMUM = 100,
    HTTP_ADDRESS_MAXIMUM = 128,            /* bytes; "unix:" and the longest path fit */
    HTTP_REPLY_MAXIMUM = 64 * 1024 * 1024, /* bytes; a longer reply closes the connection */
    /*
     * Bytes a second that a peer takes of its reply on the average, or the connection is closed;
     * write_timeout comes on top. It would bear a telephone line.
     */
    HTTP_REPLY_RATE_MINIMUM = 4 * 1024,
    /* Bytes of all replies in memory that their peers have not taken; 503 beyond. */
    HTTP_REPLIES_MAXIMUM = 256 * 1024 * 1024,
};

struct http_header {
    struct text name;  /* as sent; compare with text_equal_ignoring_case */
    struct text value; /* without surrounding spaces */
};

/* Which kind of listener a request came in by. */
enum http_side { HTTP_PUBLIC, HTTP_INTERNAL, HTTP_SIDE_COUNT };

/*
 * One request. Everything it points to belongs to the connection, stays where it is until the reply
 * has been handed over, and is wiped then.
 */
struct http_request {
    struct text method; /* "GET"; HEAD is given as sent */
    /* Begins with '/', also when it was sent in absolute form. Or "*" of OPTIONS, or CONNECT's. */
    struct text target;
    struct text path;  /* target up to the first '?', still percent-encoded */
    struct text query; /* after the '?', still percent-encoded; data is NULL when there is no '?' */
    const struct http_header *headers;
    size_t header_count;
    struct text body; /* length 0 when there is none */
    struct text peer; /* the address of the other end: "127.0.0.1", "::1", or "unix" */
    enum http_side side;
    int64_t received_at; /* clock_monotonic_microseconds() when its last byte was there */
};

/*
 * The first header of that name (any case), and how many there are (ret_count may be NULL).
 * TEXT_NONE when absent.
 */
struct text http_request_header(const struct http_request *request, struct text name,
                                size_t *ret_count);

struct http_reply {
    int status; /* 200 to 599 */
    struct text
        headers; /* whole lines, each with its CRLF; without Content-Length, Date, Connection */
    struct text body; /* left out for HEAD, but counted in Content-Length */
    bool close;       /* close the connection afterwards */
};

/*
 * Answers a request; once per request, from any thread. On the loop thread that called the
 * application, the reply's bytes are copied before this returns and `released` (may be NULL) is
 * called before it returns. From another thread, they must stay until `released(context)` is
 * called, on the loop thread.
 */
void http_request_reply(struct http_request *request, const struct http_reply *reply,
                        void (*released)(void *context), void *context);

struct http_application {
    void *context;
    /* Must lead to one http_request_reply. */
    void (*handle)(void *context, struct http_request *request);
    /*
     * The same for what never became a request: the error says why, `detail` (a literal) says more
     * for MALFORMED_REQUEST and OVERLOADED, and is empty for others. Parts of the request may be
     * empty, all but the peer when there are too many connections. Must reply before it returns;
     * the connection is closed afterwards.
     */
    void (*refuse)(void *context, struct http_request *request, enum error error,
                   const char *detail);
};

struct tls;

struct http_listener {
    struct text address; /* "127.0.0.1:8080", "[::1]:8080", "localhost:8080", or "unix:PATH" */
    enum http_side side;
    struct tls *tls; /* http/tls.h; outlives the server. NULL: none */
};

struct http_options {
    const struct http_listener *listeners;
    size_t listener_count;
    unsigned threads;             /* loop threads of a side, 1 to 256 */
    unsigned connections_maximum; /* of a side; for one more an idle one is closed (of a thread
                                     that has some, the oldest), or it is answered 503 and closed;
                                     beyond 128 more at once, closed */
    size_t header_maximum;        /* bytes of request line and headers: 431 beyond */
    size_t body_maximum;          /* bytes: 413 beyond */
    size_t bodies_maximum;        /* bytes of all bodies of a side in memory: 503 beyond */
    int64_t request_timeout; /* microseconds from a request's first byte to its last: 408 beyond */
    int64_t idle_timeout;    /* microseconds between requests: the connection is closed */
    int64_t write_timeout;   /* microseconds without a byte taken by the peer: closed */
    size_t reply_rate_minimum; /* 0: HTTP_REPLY_RATE_MINIMUM */
    size_t replies_maximum;    /* 0: HTTP_REPLIES_MAXIMUM */
};

struct http_server;

/*
 * Binds the addresses; nothing is accepted yet. ERROR_INTERNAL with a text
 * for people in fault_take() when an address cannot be bound ("address already in use"). A "unix:"
 * path left behind by a dead server is replaced; one that answers is an error.
 */
struct result http_server_open(const struct http_options *options, struct http_server **ret_server);

/* Makes the threads, accepts connections from now on, and hands their requests to the application.
 * Once. */
struct result http_server_start(struct http_server *server,
                                const struct http_application *application);

/* The address that listener `index` is bound to, with the real port where 0 was asked for. */
struct text http_server_address(const struct http_server *server, size_t index);

/* Whether the address of `listener` can only be reached from this machine (loopback, unix). */
bool http_address_is_local(struct text address);

/* What /metrics shows. */
struct http_statistics {
    uint64_t connections_open;
    uint64_t connections_accepted;
    uint64_t connections_displaced; /* idle ones that were closed for others */
    uint64_t connections_refused;   /* over connections_maximum */
};
struct http_statistics http_server_statistics(struct http_server *server);

/*
 * Accepts no more, lets requests in hand finish for at most `grace` microseconds, sends their
 * replies with `Connection: close`, closes idle connections at once, and returns when all threads
 * have ended. A request that the application has is its to answer: the threads wait for that also
 * after the grace, though nothing is sent any more.
 */
void http_server_stop(struct http_server *server, int64_t grace);
void http_server_free(struct http_server *server);

#endif
