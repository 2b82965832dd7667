#include "store/backoff.h"

#include <time.h>

#include "base/clock.h"
#include "os/random.h"

/* Without a random number the pause is the whole one. */
static int64_t shorter_at_random(int64_t pause)
{
    uint32_t random = 0;
    if (result_failed(random_fill(&random, sizeof random))) {
        (void)fault_take();
    }
    return pause - (int64_t)(random % (uint32_t)(pause / 2));
}

int64_t backoff_next(struct backoff *backoff)
{
    int64_t pause = backoff->pause == 0 ? BACKOFF_FIRST_MICROSECONDS : backoff->pause * 2;
    backoff->pause = pause < BACKOFF_MAXIMUM_MICROSECONDS ? pause : BACKOFF_MAXIMUM_MICROSECONDS;
    return shorter_at_random(backoff->pause);
}

void backoff_wait(struct backoff *backoff)
{
    int64_t pause = backoff_next(backoff);
    struct timespec time = {
        .tv_sec = pause / MICROSECONDS_PER_SECOND,
        .tv_nsec = pause % MICROSECONDS_PER_SECOND * 1000,
    };
    (void)nanosleep(&time, NULL);
}

void backoff_reset(struct backoff *backoff)
{
    backoff->pause = 0;
}
