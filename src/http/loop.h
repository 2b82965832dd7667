#ifndef ORGKEYS_HTTP_LOOP_H
#define ORGKEYS_HTTP_LOOP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/result.h"

/*
 * A thread with an event loop. Everything here is for the loop's own thread, or for whoever holds
 * the loop while its thread does not run, except loop_post and loop_is_current.
 */
struct loop;

/* Called every `tick_interval` microseconds, for what is not worth a timer each. */
typedef void loop_tick_function(void *context);

struct result loop_create(loop_tick_function *tick, void *context, int64_t tick_interval,
                          struct loop **ret_loop);
/* See thread_give_way. Before loop_start. */
void loop_give_way(struct loop *loop);
/* Starts the thread; it ends after loop_end. */
struct result loop_start(struct loop *loop);
void loop_join(struct loop *loop);
/* NULL is allowed. The thread must have ended, and all watches been freed. */
void loop_free(struct loop *loop);

/* Makes the thread end when what it does at the moment is done. */
void loop_end(struct loop *loop);
/* Only the first time can it fail, for want of memory. */
bool loop_set_tick(struct loop *loop, int64_t tick_interval);
/* clock_monotonic_microseconds() of when the loop last woke up. */
int64_t loop_now(const struct loop *loop);
/* Whether the caller runs on the loop's thread. */
bool loop_is_current(const struct loop *loop);

/*
 * What other threads have to say to a loop. A letter is part of what it is about and can be in one
 * mailbox once, so posting never fails, and a mailbox holds no more letters than there are things
 * to write about.
 */
struct letter {
    struct letter *next;
    void (*deliver)(struct letter *letter); /* on the loop's thread */
};
/* Letters are delivered in the order they were posted. */
void loop_post(struct loop *loop, struct letter *letter);

/* Waits for a file descriptor, again and again. */
struct watch;
enum watch_interest { WATCH_NOTHING, WATCH_READ, WATCH_WRITE };
typedef void watch_ready_function(void *context);

/* NULL when there is no memory. Watches nothing at first. */
struct watch *watch_create(struct loop *loop, int descriptor, watch_ready_function *ready,
                           void *context);
/* Costs nothing when the interest is the same as before. False when the kernel has no memory. */
bool watch_set(struct watch *watch, enum watch_interest interest);
/* NULL is allowed. Before the descriptor is closed. */
void watch_free(struct watch *watch);

#endif
