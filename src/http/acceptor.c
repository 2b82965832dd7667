#include "http/acceptor.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "http/connection.h"
#include "http/tls.h"
#include "http/transport.h"
#include "os/log.h"
#include "os/threads.h"

static void open_reserve(struct acceptor *acceptor)
{
    acceptor->reserve = open("/dev/null", O_RDONLY | O_CLOEXEC);
}

static void close_reserve(struct acceptor *acceptor)
{
    if (acceptor->reserve >= 0) {
        (void)close(acceptor->reserve);
        acceptor->reserve = -1;
    }
}

/* Whether this connection is one too many; it is counted as what it is. */
static bool count_connection(struct service *service, enum http_side side)
{
    if (service_take_place(service, side)) {
        return false;
    }
    (void)atomic_fetch_add(&service->excess_open[side], 1);
    return true;
}

static struct worker *next_worker(struct workers *workers)
{
    struct worker *worker = &workers->first[workers->next];
    workers->next = (workers->next + 1) % workers->count;
    return worker;
}

/* A connection without memory for its session is closed. */
static bool begin(const struct listener *listener, int socket, struct transport *ret_transport)
{
    if (listener->tls != NULL) {
        return tls_accept(listener->tls, socket, ret_transport);
    }
    *ret_transport = transport_plain(socket);
    return true;
}

static void deal(struct acceptor *acceptor, int socket, const struct listener *listener,
                 const struct address *peer)
{
    struct service *service = acceptor->service;
    enum http_side side = listener->side;
    bool is_excess = count_connection(service, side);
    if (is_excess && atomic_load(&service->excess_open[side]) > ACCEPTOR_EXCESS_MAXIMUM) {
        (void)atomic_fetch_add(&service->connections_refused, 1);
        service_uncount(service, side, is_excess);
        (void)close(socket);
        return;
    }
    struct worker *worker = next_worker(&acceptor->workers[side]);
    char peer_text[CONNECTION_PEER_MAXIMUM];
    struct transport transport;
    struct connection *connection = NULL;
    address_format_peer(peer, peer_text, sizeof peer_text);
    if (begin(listener, socket, &transport)) {
        connection = connection_create(worker, transport, side, peer_text, is_excess);
    }
    if (connection == NULL) {
        service_uncount(service, side, is_excess);
        return;
    }
    loop_post(worker->loop, &connection->letter);
}

/* Takes the next connection off the queue only to close it, so that its client does not hang. */
static void turn_away(struct acceptor *acceptor, const struct listener *listener)
{
    close_reserve(acceptor);
    int socket = accept4(listener->socket, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (socket >= 0) {
        (void)atomic_fetch_add(&acceptor->service->connections_refused, 1);
        (void)close(socket);
    }
    open_reserve(acceptor);
}

enum acceptance { ACCEPTANCE_MORE, ACCEPTANCE_EMPTY, ACCEPTANCE_EXHAUSTED };

static enum acceptance after_failure(struct acceptor *acceptor, const struct listener *listener)
{
    switch (errno) {
    case EAGAIN:
        return ACCEPTANCE_EMPTY;
    case EMFILE:
    case ENFILE:
        turn_away(acceptor, listener);
        return ACCEPTANCE_EXHAUSTED;
    case ENOBUFS:
    case ENOMEM:
        return ACCEPTANCE_EXHAUSTED;
    default:
        /* Errors of the connection that was waiting (accept(2)): it is gone, others are not. */
        return ACCEPTANCE_MORE;
    }
}

static enum acceptance accept_one(struct acceptor *acceptor, const struct listener *listener)
{
    struct address peer = { .length = sizeof peer.socket_address };
    int socket = accept4(listener->socket, (struct sockaddr *)&peer.socket_address, &peer.length,
                         SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (socket < 0) {
        return after_failure(acceptor, listener);
    }
    deal(acceptor, socket, listener, &peer);
    return ACCEPTANCE_MORE;
}

/* False when the system has nothing left to accept with. */
static bool accept_turn(struct acceptor *acceptor, const struct listener *listener)
{
    enum acceptance acceptance = ACCEPTANCE_MORE;
    for (int i = 0; i < ACCEPTOR_TURN_MAXIMUM && acceptance == ACCEPTANCE_MORE; i++) {
        acceptance = accept_one(acceptor, listener);
    }
    return acceptance != ACCEPTANCE_EXHAUSTED;
}

static void report_exhaustion(int64_t *last_report)
{
    int64_t now = clock_monotonic_microseconds();
    if (*last_report == 0 || now - *last_report >= ACCEPTOR_REPORT_MICROSECONDS) {
        *last_report = now;
        log_at(LOG_WARNING, "no descriptor or memory for a connection",
               LOG_TEXT_FIELD("hint", TEXT("raise the limit of open files")));
    }
}

static void *run(void *context)
{
    struct acceptor *acceptor = context;
    struct pollfd waits[1 + ACCEPTOR_LISTENERS_MAXIMUM] = { { acceptor->wake, POLLIN, 0 } };
    int64_t last_report = 0;
    for (size_t i = 0; i < acceptor->listener_count; i++) {
        waits[1 + i] = (struct pollfd){ acceptor->listeners[i].socket, POLLIN, 0 };
    }
    for (;;) {
        bool exhausted = false;
        (void)poll(waits, 1 + acceptor->listener_count, -1);
        if (waits[0].revents != 0) {
            return NULL;
        }
        for (size_t i = 0; i < acceptor->listener_count; i++) {
            if (waits[1 + i].revents != 0) {
                exhausted |= !accept_turn(acceptor, &acceptor->listeners[i]);
            }
        }
        if (exhausted) {
            report_exhaustion(&last_report);
            (void)poll(waits, 1, ACCEPTOR_PAUSE_MILLISECONDS);
        }
    }
}

struct result acceptor_start(struct acceptor *acceptor)
{
    acceptor->wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (acceptor->wake < 0) {
        return fault(ERROR_INTERNAL, "no descriptor for the accepting thread: %s", strerror(errno));
    }
    open_reserve(acceptor);
    struct result result = thread_start("acceptor", run, acceptor, &acceptor->thread);
    if (result_failed(result)) {
        close_reserve(acceptor);
        (void)close(acceptor->wake);
    }
    return result;
}

void acceptor_stop(struct acceptor *acceptor)
{
    (void)!write(acceptor->wake, &(uint64_t){ 1 }, sizeof(uint64_t));
    (void)pthread_join(acceptor->thread, NULL);
    for (size_t i = 0; i < acceptor->listener_count; i++) {
        listener_close(&acceptor->listeners[i]);
    }
    close_reserve(acceptor);
    (void)close(acceptor->wake);
}
