#include "still_loop.h"

#include <stdlib.h>

#include "base/clock.h"

#define A_LONG_TIME (3600 * (int64_t)MICROSECONDS_PER_SECOND)

struct watch {
    struct loop *loop;
    enum watch_interest interest;
    watch_ready_function *ready;
    void *context;
};

struct loop {
    int64_t now;
    loop_tick_function *tick;
    void *tick_context;
    struct letter *first_letter;
    struct letter **last_letter;
    struct watch *watch;
    bool has_left;
};

struct result loop_create(loop_tick_function *tick, void *context, int64_t tick_interval,
                          struct loop **ret_loop)
{
    struct loop *loop = calloc(1, sizeof *loop);
    ASSERT(loop != NULL && tick_interval > 0);
    loop->now = clock_monotonic_microseconds();
    loop->tick = tick;
    loop->tick_context = context;
    loop->last_letter = &loop->first_letter;
    *ret_loop = loop;
    return RESULT_OK;
}

void loop_free(struct loop *loop)
{
    ASSERT(loop->watch == NULL && loop->first_letter == NULL);
    free(loop);
}

void loop_end(struct loop *loop)
{
    (void)loop;
}

bool loop_set_tick(struct loop *loop, int64_t tick_interval)
{
    (void)loop;
    (void)tick_interval;
    return true;
}

int64_t loop_now(const struct loop *loop)
{
    return loop->now;
}

bool loop_is_current(const struct loop *loop)
{
    return !loop->has_left;
}

void loop_post(struct loop *loop, struct letter *letter)
{
    letter->next = NULL;
    *loop->last_letter = letter;
    loop->last_letter = &letter->next;
}

struct watch *watch_create(struct loop *loop, int descriptor, watch_ready_function *ready,
                           void *context)
{
    (void)descriptor;
    ASSERT(loop->watch == NULL);
    struct watch *watch = calloc(1, sizeof *watch);
    ASSERT(watch != NULL);
    *watch = (struct watch){ loop, WATCH_NOTHING, ready, context };
    loop->watch = watch;
    return watch;
}

bool watch_set(struct watch *watch, enum watch_interest interest)
{
    watch->interest = interest;
    return true;
}

void watch_free(struct watch *watch)
{
    watch->loop->watch = NULL;
    free(watch);
}

bool still_loop_deliver(struct loop *loop)
{
    struct letter *letter = loop->first_letter;
    if (letter == NULL) {
        return false;
    }
    loop->first_letter = NULL;
    loop->last_letter = &loop->first_letter;
    while (letter != NULL) {
        struct letter *next = letter->next; /* delivering may free the letter, or post it again */
        letter->deliver(letter);
        letter = next;
    }
    return true;
}

bool still_loop_be_ready(struct loop *loop)
{
    if (loop->watch == NULL || loop->watch->interest == WATCH_NOTHING) {
        return false;
    }
    loop->watch->ready(loop->watch->context);
    return true;
}

void still_loop_let_time_pass(struct loop *loop)
{
    loop->now += A_LONG_TIME;
    loop->tick(loop->tick_context);
}

void still_loop_leave(struct loop *loop, bool has_left)
{
    loop->has_left = has_left;
}
