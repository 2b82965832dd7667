#ifndef ORGKEYS_STORE_BACKOFF_H
#define ORGKEYS_STORE_BACKOFF_H

#include <stdint.h>

/*
 * How long to wait before what failed is tried again: twice as long after each failure, within
 * bounds, and shorter at random by up to a half, so that nodes do not all come back at one time.
 */
enum {
    BACKOFF_FIRST_MICROSECONDS = 100000,
    BACKOFF_MAXIMUM_MICROSECONDS = 1000000,
};

struct backoff {
    int64_t pause; /* the last one; 0: nothing failed since the last success */
};

/* After a failure: microseconds until the next attempt. */
int64_t backoff_next(struct backoff *backoff);
/* The same, and waits for them. */
void backoff_wait(struct backoff *backoff);
/* After a success. */
void backoff_reset(struct backoff *backoff);

#endif
