#include "http/loop.h"

#include <errno.h>
#include <event2/event.h>
#include <event2/event_struct.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "os/threads.h"

struct watch {
    struct event event;
    struct loop *loop;
    int descriptor;
    enum watch_interest interest;
    watch_ready_function *ready;
    void *context;
};

struct loop {
    struct event_base *base;
    pthread_t thread;
    bool gives_way;
    int64_t now;

    struct event *ticker;
    loop_tick_function *tick;
    void *tick_context;

    int wake; /* an eventfd, readable while there may be letters */
    struct watch *wake_watch;
    pthread_mutex_t mutex; /* for the letters */
    struct letter *first_letter;
    struct letter *last_letter;
};

static _Thread_local const struct loop *current_loop;

static void on_tick(evutil_socket_t descriptor, short events, void *context)
{
    struct loop *loop = context;
    (void)descriptor;
    (void)events;
    loop->now = clock_monotonic_microseconds();
    loop->tick(loop->tick_context);
}

static void on_ready(evutil_socket_t descriptor, short events, void *context)
{
    struct watch *watch = context;
    (void)descriptor;
    (void)events;
    watch->loop->now = clock_monotonic_microseconds();
    watch->ready(watch->context);
}

static struct letter *take_letters(struct loop *loop)
{
    (void)pthread_mutex_lock(&loop->mutex);
    struct letter *letters = loop->first_letter;
    loop->first_letter = NULL;
    loop->last_letter = NULL;
    (void)pthread_mutex_unlock(&loop->mutex);
    return letters;
}

static void on_wake(void *context)
{
    struct loop *loop = context;
    uint64_t count;
    /* Before the letters are taken, so that one posted meanwhile wakes the loop again. */
    (void)!read(loop->wake, &count, sizeof count);
    struct letter *letter = take_letters(loop);
    while (letter != NULL) {
        struct letter *next = letter->next; /* delivering may free the letter, or post it again */
        letter->deliver(letter);
        letter = next;
    }
}

void loop_post(struct loop *loop, struct letter *letter)
{
    letter->next = NULL;
    (void)pthread_mutex_lock(&loop->mutex);
    bool was_empty = loop->first_letter == NULL;
    if (was_empty) {
        loop->first_letter = letter;
    } else {
        loop->last_letter->next = letter;
    }
    loop->last_letter = letter;
    /*
     * Under the mutex, since the letter may be the one that ends the loop and frees it. It only
     * fails when the counter is full, and then the loop is awake.
     */
    if (was_empty) {
        (void)!write(loop->wake, &(uint64_t){ 1 }, sizeof(uint64_t));
    }
    (void)pthread_mutex_unlock(&loop->mutex);
}

static struct event_base *create_base(void)
{
    struct event_config *config = event_config_new();
    if (config == NULL) {
        return NULL;
    }
    /* No other thread ever touches the base. */
    (void)event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK | EVENT_BASE_FLAG_IGNORE_ENV);
    struct event_base *base = event_base_new_with_config(config);
    event_config_free(config);
    return base;
}

struct result loop_create(loop_tick_function *tick, void *context, int64_t tick_interval,
                          struct loop **ret_loop)
{
    struct loop *loop = calloc(1, sizeof *loop);
    if (loop == NULL) {
        return fault(ERROR_INTERNAL, "no memory for an event loop");
    }
    loop->tick = tick;
    loop->tick_context = context;
    (void)pthread_mutex_init(&loop->mutex, NULL);
    loop->wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    loop->base = create_base();
    if (loop->wake >= 0 && loop->base != NULL) {
        loop->wake_watch = watch_create(loop, loop->wake, on_wake, loop);
        loop->ticker = event_new(loop->base, -1, EV_PERSIST, on_tick, loop);
    }
    if (loop->wake_watch == NULL || loop->ticker == NULL ||
        !watch_set(loop->wake_watch, WATCH_READ) || !loop_set_tick(loop, tick_interval)) {
        loop_free(loop);
        return fault(ERROR_INTERNAL, "an event loop cannot be made: %s", strerror(errno));
    }
    *ret_loop = loop;
    return RESULT_OK;
}

bool loop_set_tick(struct loop *loop, int64_t tick_interval)
{
    struct timeval interval = {
        .tv_sec = (time_t)(tick_interval / MICROSECONDS_PER_SECOND),
        .tv_usec = (suseconds_t)(tick_interval % MICROSECONDS_PER_SECOND),
    };
    return event_add(loop->ticker, &interval) == 0;
}

void loop_give_way(struct loop *loop)
{
    loop->gives_way = true;
}

static void *run(void *context)
{
    struct loop *loop = context;
    current_loop = loop;
    if (loop->gives_way) {
        thread_give_way();
    }
    loop->now = clock_monotonic_microseconds();
    (void)event_base_dispatch(loop->base);
    return NULL;
}

struct result loop_start(struct loop *loop)
{
    return thread_start("loop", run, loop, &loop->thread);
}

void loop_join(struct loop *loop)
{
    (void)pthread_join(loop->thread, NULL);
}

void loop_end(struct loop *loop)
{
    (void)event_base_loopbreak(loop->base);
}

void loop_free(struct loop *loop)
{
    if (loop == NULL) {
        return;
    }
    watch_free(loop->wake_watch);
    if (loop->ticker != NULL) {
        event_free(loop->ticker);
    }
    if (loop->base != NULL) {
        event_base_free(loop->base);
    }
    if (loop->wake >= 0) {
        (void)close(loop->wake);
    }
    (void)pthread_mutex_destroy(&loop->mutex);
    free(loop);
}

int64_t loop_now(const struct loop *loop)
{
    return loop->now;
}

bool loop_is_current(const struct loop *loop)
{
    return current_loop == loop;
}

struct watch *watch_create(struct loop *loop, int descriptor, watch_ready_function *ready,
                           void *context)
{
    struct watch *watch = calloc(1, sizeof *watch);
    if (watch != NULL) {
        watch->loop = loop;
        watch->descriptor = descriptor;
        watch->ready = ready;
        watch->context = context;
    }
    return watch;
}

bool watch_set(struct watch *watch, enum watch_interest interest)
{
    if (watch->interest == interest) {
        return true;
    }
    if (watch->interest != WATCH_NOTHING) {
        (void)event_del(&watch->event);
    }
    watch->interest = WATCH_NOTHING;
    if (interest == WATCH_NOTHING) {
        return true;
    }
    short events = (short)(EV_PERSIST | (interest == WATCH_READ ? EV_READ : EV_WRITE));
    if (event_assign(&watch->event, watch->loop->base, watch->descriptor, events, on_ready,
                     watch) != 0 ||
        event_add(&watch->event, NULL) != 0) {
        return false;
    }
    watch->interest = interest;
    return true;
}

void watch_free(struct watch *watch)
{
    if (watch != NULL) {
        (void)watch_set(watch, WATCH_NOTHING);
        free(watch);
    }
}
