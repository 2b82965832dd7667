#include "http/connection.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "http/exchange.h"
#include "http/reply.h"
#include "http/worker.h"

static void deliver(struct letter *letter);
static void on_ready(void *context);

struct connection *connection_create(struct worker *worker, struct transport transport,
                                     enum http_side side, const char *peer, bool is_excess)
{
    struct connection *connection = calloc(1, sizeof *connection);
    if (connection == NULL) {
        transport.methods->close(&transport);
        return NULL;
    }
    connection->worker = worker;
    connection->first_worker = worker;
    connection->transport = transport;
    connection->letter.deliver = deliver;
    connection->side = side;
    connection->is_excess = is_excess;
    (void)snprintf(connection->peer, sizeof connection->peer, "%s", peer);
    return connection;
}

struct connection *connection_of_deadline(struct deadline *deadline)
{
    return (struct connection *)(void *)((char *)deadline - offsetof(struct connection, deadline));
}

static struct connection *connection_of_letter(struct letter *letter)
{
    return (struct connection *)(void *)((char *)letter - offsetof(struct connection, letter));
}

/* Entering a state, also the one it is in, starts its deadline anew. */
static bool enter(struct connection *connection, enum connection_state state)
{
    connection->state = state;
    connection->deadline_moves = true;
    return true;
}

static bool wait_for(struct connection *connection, enum watch_interest interest)
{
    connection->wanted = interest;
    return false;
}

/* After a read or a write that did nothing. */
static bool wait_as_told(struct connection *connection, enum transport_outcome outcome)
{
    switch (outcome) {
    case TRANSPORT_WANT_READ:
        return wait_for(connection, WATCH_READ);
    case TRANSPORT_WANT_WRITE:
        return wait_for(connection, WATCH_WRITE);
    case TRANSPORT_DONE:
    case TRANSPORT_CLOSED:
    case TRANSPORT_FAILED:
        break;
    }
    return enter(connection, CONNECTION_CLOSED);
}

static bool take_exchange(struct connection *connection)
{
    if (connection->exchange == NULL) {
        connection->exchange = worker_take_exchange(connection->worker);
        if (connection->exchange == NULL) {
            return false;
        }
        connection->exchange->connection = connection;
    }
    return true;
}

static void give_back_exchange(struct connection *connection)
{
    if (connection->exchange != NULL) {
        worker_give_back_exchange(connection->worker, connection->exchange);
        connection->exchange = NULL;
    }
}

static void destroy(struct connection *connection)
{
    struct worker *worker = connection->worker;
    struct service *service = worker->service;
    give_back_exchange(connection);
    if (connection->deadline.next != NULL) {
        deadline_remove(&connection->deadline);
        worker->connection_count--;
    }
    watch_free(connection->watch);
    connection->transport.methods->close(&connection->transport);
    service_uncount(service, connection->side, connection->is_excess);
    free(connection);
    worker_forget_connection(worker);
}

/* Besides write_timeout, which a peer can put off with a byte now and then. */
static void set_send_deadline(struct exchange *exchange, int64_t now)
{
    const struct http_options *options = &exchange->service->options;
    int64_t length = (int64_t)exchange->output.length;
    int64_t time = length * MICROSECONDS_PER_SECOND / (int64_t)options->reply_rate_minimum;
    exchange->send_until = now + options->write_timeout + time;
}

/* The reply's bytes are copied into the output. */
static void compose(struct exchange *exchange, const struct http_reply *reply,
                    void (*released)(void *context), void *context)
{
    struct connection *connection = exchange->connection;
    struct worker *worker = connection->worker;
    connection->closes =
        connection->closes || reply->close || worker->draining || !exchange->head.keep_alive;
    struct reply_form form = {
        .without_body = text_equal(exchange->request.method, TEXT("HEAD")),
        .close = connection->closes,
        .say_keep_alive = exchange->head.is_http_1_0,
        .date_line = reply_date_line(&worker->date),
    };
    reply_write(&exchange->output, reply, &form);
    exchange_charge_reply(exchange);
    set_send_deadline(exchange, loop_now(worker->loop));
    exchange->answered = true;
    if (released != NULL) {
        released(context);
    }
}

void http_request_reply(struct http_request *request, const struct http_reply *reply,
                        void (*released)(void *context), void *context)
{
    struct exchange *exchange = exchange_of_request(request);
    struct connection *connection = exchange->connection;
    struct loop *loop = connection->worker->loop;
    if (!loop_is_current(loop)) {
        exchange->reply = *reply;
        exchange->released = released;
        exchange->released_context = context;
        loop_post(loop, &connection->letter);
        return;
    }
    ASSERT(!exchange->answered);
    compose(exchange, reply, released, context);
    if (!exchange->in_call) {
        loop_post(loop, &connection->letter);
    }
}

static void prepare_request(struct connection *connection)
{
    struct exchange *exchange = connection->exchange;
    exchange_complete_request(exchange, loop_now(connection->worker->loop));
    exchange->request.peer = text_of(connection->peer);
    exchange->request.side = connection->side;
}

static bool refuse_request(struct connection *connection, struct refusal refusal)
{
    const struct http_application *application = &connection->worker->service->application;
    struct exchange *exchange = connection->exchange;
    prepare_request(connection);
    exchange_note_method(exchange);
    connection->closes = true;
    connection->lingers = true;
    exchange->in_call = true;
    application->refuse(application->context, &exchange->request, refusal.error,
                        refusal.detail != NULL ? refusal.detail : "");
    exchange->in_call = false;
    ASSERT(exchange->answered);
    return enter(connection, CONNECTION_SENDING);
}

static bool handle_request(struct connection *connection)
{
    const struct http_application *application = &connection->worker->service->application;
    struct exchange *exchange = connection->exchange;
    /* The listener for operators keeps answering: what it answers is small, and seldom asked. */
    if (connection->side == HTTP_PUBLIC && !exchange_may_reply(exchange)) {
        return refuse_request(connection, refusal_overloaded("too many replies are not taken"));
    }
    prepare_request(connection);
    enter(connection, CONNECTION_HANDLING);
    exchange->in_call = true;
    application->handle(application->context, &exchange->request);
    exchange->in_call = false;
    return exchange->answered ? enter(connection, CONNECTION_SENDING) : true;
}

static bool examine_body(struct connection *connection)
{
    bool complete = false;
    struct refusal refusal = exchange_read_body(connection->exchange, &complete);
    if (is_refused(refusal)) {
        return refuse_request(connection, refusal);
    }
    return complete ? handle_request(connection) : true;
}

static bool examine_head(struct connection *connection)
{
    struct exchange *exchange = connection->exchange;
    struct refusal refusal = exchange_read_head(exchange);
    if (is_refused(refusal)) {
        return refuse_request(connection, refusal);
    }
    if (exchange->head_length == 0) {
        return true;
    }
    if (!exchange->framing.chunked && exchange->framing.body_length == 0) {
        return handle_request(connection);
    }
    exchange_begin_body(exchange);
    if (exchange->input.length > exchange->head_length) {
        return examine_body(connection);
    }
    if (exchange->framing.expects_continue) {
        exchange->continuing = true;
        reply_write_continue(&exchange->output);
        return enter(connection, CONNECTION_SENDING);
    }
    return true;
}

static bool read_input(struct connection *connection)
{
    struct transport *transport = &connection->transport;
    if (!connection->may_read && !transport->methods->has_pending(transport)) {
        return wait_for(connection, WATCH_READ);
    }
    connection->may_read = false;
    if (!take_exchange(connection) || !exchange_make_room(connection->exchange)) {
        return enter(connection, CONNECTION_CLOSED);
    }
    struct buffer *input = &connection->exchange->input;
    struct transport_progress progress = transport->methods->read(
        transport, input->data + input->length, input->capacity - input->length);
    if (progress.outcome != TRANSPORT_DONE) {
        return wait_as_told(connection, progress.outcome);
    }
    input->length += progress.bytes;
    connection->has_fresh_input = true;
    return connection->state == CONNECTION_IDLE ? enter(connection, CONNECTION_RECEIVING) : true;
}

/* Looks at what came before it reads more. */
static bool receive(struct connection *connection)
{
    if (!connection->has_fresh_input) {
        return read_input(connection);
    }
    connection->has_fresh_input = false;
    return connection->exchange->head_length == 0 ? examine_head(connection)
                                                  : examine_body(connection);
}

static bool begin_lingering(struct connection *connection)
{
    connection->transport.methods->finish(&connection->transport);
    exchange_clear(connection->exchange);
    return enter(connection, CONNECTION_LINGERING);
}

/* The output is in the socket. */
static bool end_reply(struct connection *connection)
{
    struct exchange *exchange = connection->exchange;
    if (exchange->continuing) {
        exchange->continuing = false;
        exchange->output_sent = 0;
        buffer_clear(&exchange->output);
        /* The peer waited for us: its time for the body begins now, once a request. */
        return enter(connection, CONNECTION_RECEIVING);
    }
    if (connection->closes) {
        /* With unread bytes in the socket, close() would reset the connection. */
        bool lingers = connection->lingers || exchange->input.length > exchange->head_length;
        return lingers ? begin_lingering(connection) : enter(connection, CONNECTION_CLOSED);
    }
    exchange_finish_request(exchange);
    if (exchange->input.length == 0) {
        return enter(connection, CONNECTION_IDLE);
    }
    if (connection->turn == 0) {
        loop_post(connection->worker->loop, &connection->letter);
        return enter(connection, CONNECTION_WAITING);
    }
    connection->turn--;
    connection->has_fresh_input = true;
    return enter(connection, CONNECTION_RECEIVING);
}

static bool send_output(struct connection *connection)
{
    struct transport *transport = &connection->transport;
    struct exchange *exchange = connection->exchange;
    if (exchange->output.failed) {
        return enter(connection, CONNECTION_CLOSED);
    }
    struct text rest = text_from(buffer_text(&exchange->output), exchange->output_sent);
    if (text_is_empty(rest)) {
        return end_reply(connection);
    }
    struct transport_progress progress =
        transport->methods->write(transport, rest.data, rest.length);
    if (progress.outcome != TRANSPORT_DONE) {
        return wait_as_told(connection, progress.outcome);
    }
    exchange->output_sent += progress.bytes;
    if (exchange->answered && exchange->output_sent < exchange->output.length &&
        loop_now(connection->worker->loop) > exchange->send_until) {
        transport->methods->abandon(transport);
        return enter(connection, CONNECTION_CLOSED);
    }
    return enter(connection, CONNECTION_SENDING);
}

static bool linger(struct connection *connection)
{
    struct buffer *input = &connection->exchange->input;
    buffer_clear(input);
    enum connection_state state = connection->state;
    bool goes_on = read_input(connection);
    connection->has_fresh_input = false;
    connection->lingered += input->length;
    if (connection->state == state && connection->lingered > CONNECTION_LINGER_BYTES) {
        return enter(connection, CONNECTION_CLOSED);
    }
    return goes_on;
}

/* Somebody else has to do something first. */
static bool stay(struct connection *connection)
{
    (void)connection;
    return false;
}

/* Each takes one step, and says whether there is another one to take now. */
static bool (*const steps[CONNECTION_STATE_COUNT])(struct connection *connection) = {
    [CONNECTION_ARRIVING] = stay,       [CONNECTION_IDLE] = receive,
    [CONNECTION_RECEIVING] = receive,   [CONNECTION_HANDLING] = stay,
    [CONNECTION_SENDING] = send_output, [CONNECTION_WAITING] = stay,
    [CONNECTION_LINGERING] = linger,    [CONNECTION_CLOSED] = stay,
};

/* In these, nothing of the socket is of interest. */
static bool is_suspended(const struct connection *connection)
{
    return connection->state == CONNECTION_HANDLING || connection->state == CONNECTION_WAITING;
}

static void move_deadline(struct connection *connection)
{
    struct worker *worker = connection->worker;
    connection->deadline_moves = false;
    if (connection->deadline.next != NULL) {
        deadline_remove(&connection->deadline);
    } else {
        worker->connection_count++;
    }
    deadline_append(&worker->connections[connection->state], &connection->deadline,
                    loop_now(worker->loop));
}

/*
 * Makes watch, deadline and memory fit the state, once per turn, however many states it went
 * through. A suspended connection keeps its watch: most are answered before the peer sends more,
 * and on_ready takes the watch away from the others. The connection may be gone afterwards.
 */
static void settle(struct connection *connection)
{
    if (connection->state == CONNECTION_IDLE) {
        give_back_exchange(connection);
    }
    if (connection->state != CONNECTION_CLOSED && !is_suspended(connection) &&
        !watch_set(connection->watch, connection->wanted)) {
        connection->state = CONNECTION_CLOSED;
    }
    if (connection->state == CONNECTION_CLOSED) {
        destroy(connection);
        return;
    }
    if (connection->deadline_moves) {
        move_deadline(connection);
    }
}

static void take_turn(struct connection *connection)
{
    connection->turn = CONNECTION_REQUESTS_PER_TURN;
    while (steps[connection->state](connection)) {
    }
    settle(connection);
}

static void on_ready(void *context)
{
    struct connection *connection = context;
    if (is_suspended(connection)) {
        (void)watch_set(connection->watch, WATCH_NOTHING);
        return;
    }
    connection->may_read = true;
    take_turn(connection);
}

/*
 * For a connection over the maximum, this worker's that has been idle for longest is closed: its
 * client has to expect that at any time. So who only holds connections open keeps nobody out.
 */
static bool displace_idle(struct connection *connection)
{
    struct worker *worker = connection->worker;
    struct service *service = worker->service;
    struct deadline *oldest = deadline_first(&worker->connections[CONNECTION_IDLE]);
    if (oldest == NULL) {
        return false;
    }
    /* In this order, so that no other connection takes the place. */
    (void)atomic_fetch_add(&service->connections_open[connection->side], 1);
    connection_close(connection_of_deadline(oldest));
    (void)atomic_fetch_add(&service->connections_accepted, 1);
    (void)atomic_fetch_add(&service->connections_displaced, 1);
    return true;
}

static void find_room(struct connection *connection)
{
    struct service *service = connection->worker->service;
    if (service_take_place(service, connection->side) || displace_idle(connection)) {
        service_uncount(service, connection->side, connection->is_excess);
        connection->is_excess = false;
    }
}

/* Another worker of its side may have an idle one; each is asked once. */
static bool pass_on(struct connection *connection)
{
    struct worker *next = connection->worker->next_of_side;
    if (next == connection->first_worker) {
        return false;
    }
    connection->worker = next;
    loop_post(next->loop, &connection->letter);
    return true;
}

static void arrive(struct connection *connection)
{
    struct worker *worker = connection->worker;
    connection->watch =
        watch_create(worker->loop, connection->transport.socket, on_ready, connection);
    if (connection->watch == NULL || worker->draining) {
        enter(connection, CONNECTION_CLOSED);
    } else if (!connection->is_excess) {
        /* Most clients send their first request at once. */
        connection->may_read = true;
        enter(connection, CONNECTION_IDLE);
    } else {
        (void)atomic_fetch_add(&worker->service->connections_refused, 1);
        if (take_exchange(connection)) {
            (void)refuse_request(connection, refusal_overloaded("too many connections"));
        } else {
            enter(connection, CONNECTION_CLOSED);
        }
    }
}

static void deliver_reply(struct connection *connection)
{
    struct exchange *exchange = connection->exchange;
    if (!exchange->answered) {
        compose(exchange, &exchange->reply, exchange->released, exchange->released_context);
    }
    enter(connection, connection->worker->grace_is_over ? CONNECTION_CLOSED : CONNECTION_SENDING);
}

static void deliver(struct letter *letter)
{
    struct connection *connection = connection_of_letter(letter);
    if (connection->state == CONNECTION_ARRIVING) {
        if (connection->is_excess && !connection->worker->draining) {
            find_room(connection);
            if (connection->is_excess && pass_on(connection)) {
                return;
            }
        }
        arrive(connection);
    } else if (connection->state == CONNECTION_HANDLING) {
        deliver_reply(connection);
    } else {
        ASSERT(connection->state == CONNECTION_WAITING);
        connection->has_fresh_input = true;
        enter(connection, CONNECTION_RECEIVING);
    }
    take_turn(connection);
}

void connection_expire(struct connection *connection)
{
    if (connection->state != CONNECTION_RECEIVING) {
        connection_close(connection);
        return;
    }
    (void)refuse_request(connection, refusal_of(ERROR_REQUEST_TIMEOUT));
    take_turn(connection);
}

void connection_close(struct connection *connection)
{
    if (connection->state == CONNECTION_SENDING) {
        connection->transport.methods->abandon(&connection->transport);
    }
    enter(connection, CONNECTION_CLOSED);
    settle(connection);
}
