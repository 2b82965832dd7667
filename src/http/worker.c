#include "http/worker.h"

#include "base/clock.h"

enum {
    WORKER_TICK_MAXIMUM = MICROSECONDS_PER_SECOND,
    WORKER_TICK_MINIMUM = MICROSECONDS_PER_SECOND / 100,
    WORKER_TICK_DRAINING = MICROSECONDS_PER_SECOND / 50,
};

static void tick(void *context);
static void begin_draining(struct letter *letter);

/* Often enough that nobody is late by more than a quarter of the shortest time allowed. */
static int64_t tick_interval(const struct http_options *options)
{
    const int64_t timeouts[] = { options->request_timeout, options->idle_timeout,
                                 options->write_timeout };
    int64_t interval = WORKER_TICK_MAXIMUM;
    for (size_t i = 0; i < sizeof timeouts / sizeof timeouts[0]; i++) {
        interval = timeouts[i] / 4 < interval ? timeouts[i] / 4 : interval;
    }
    return interval > WORKER_TICK_MINIMUM ? interval : WORKER_TICK_MINIMUM;
}

struct result worker_init(struct worker *worker, struct service *service)
{
    const struct http_options *options = &service->options;
    *worker = (struct worker){
        .service = service,
        .next_of_side = worker,
        .stop_letter.deliver = begin_draining,
    };
    for (size_t state = 0; state < CONNECTION_STATE_COUNT; state++) {
        deadline_list_init(&worker->connections[state], DEADLINE_NEVER);
    }
    worker->connections[CONNECTION_IDLE].duration = options->idle_timeout;
    worker->connections[CONNECTION_RECEIVING].duration = options->request_timeout;
    worker->connections[CONNECTION_SENDING].duration = options->write_timeout;
    worker->connections[CONNECTION_LINGERING].duration = CONNECTION_LINGER_TIME;
    return loop_create(tick, worker, tick_interval(options), &worker->loop);
}

void worker_stop(struct worker *worker, int64_t grace)
{
    worker->grace = grace;
    loop_post(worker->loop, &worker->stop_letter);
}

void worker_free(struct worker *worker)
{
    while (worker->spare_exchanges != NULL) {
        struct exchange *exchange = worker->spare_exchanges;
        worker->spare_exchanges = exchange->next_spare;
        exchange_free(exchange);
    }
    loop_free(worker->loop);
}

struct exchange *worker_take_exchange(struct worker *worker)
{
    struct exchange *exchange = worker->spare_exchanges;
    if (exchange == NULL) {
        return exchange_create(worker->service);
    }
    worker->spare_exchanges = exchange->next_spare;
    worker->spare_exchange_count--;
    return exchange;
}

void worker_give_back_exchange(struct worker *worker, struct exchange *exchange)
{
    if (worker->spare_exchange_count == WORKER_SPARE_EXCHANGES_MAXIMUM) {
        exchange_free(exchange);
        return;
    }
    exchange_clear(exchange);
    exchange->next_spare = worker->spare_exchanges;
    worker->spare_exchanges = exchange;
    worker->spare_exchange_count++;
}

/* Of those over the maximum each may yet be passed on to this worker. */
static void end_when_empty(struct worker *worker)
{
    if (worker->draining && worker->connection_count == 0 && !service_has_excess(worker->service)) {
        loop_end(worker->loop);
    }
}

void worker_forget_connection(struct worker *worker)
{
    end_when_empty(worker);
}

static void close_all(struct worker *worker, enum connection_state state)
{
    struct deadline *first;
    while ((first = deadline_first(&worker->connections[state])) != NULL) {
        connection_close(connection_of_deadline(first));
    }
}

/* The mailbox is in order: after this no connection arrives but from another worker. */
static void begin_draining(struct letter *letter)
{
    struct worker *worker =
        (struct worker *)(void *)((char *)letter - offsetof(struct worker, stop_letter));
    worker->draining = true;
    if (__builtin_add_overflow(clock_monotonic_microseconds(), worker->grace,
                               &worker->grace_deadline)) {
        worker->grace_deadline = DEADLINE_NEVER;
    }
    (void)loop_set_tick(worker->loop, WORKER_TICK_DRAINING);
    close_all(worker, CONNECTION_IDLE);
    end_when_empty(worker);
}

/*
 * The application still points into the requests it has, so those are waited for. WAITING ones have
 * a letter under way and go to RECEIVING before the next tick.
 */
static void end_grace(struct worker *worker)
{
    worker->grace_is_over = true;
    close_all(worker, CONNECTION_RECEIVING);
    close_all(worker, CONNECTION_SENDING);
    close_all(worker, CONNECTION_LINGERING);
}

static void tick(void *context)
{
    struct worker *worker = context;
    int64_t now = loop_now(worker->loop);
    for (size_t state = 0; state < CONNECTION_STATE_COUNT; state++) {
        struct deadline *first;
        while ((first = deadline_first(&worker->connections[state])) != NULL && first->at <= now) {
            connection_expire(connection_of_deadline(first));
        }
    }
    if (worker->draining && now >= worker->grace_deadline) {
        end_grace(worker);
    }
    end_when_empty(worker);
}
