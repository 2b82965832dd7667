#include "base/clock.h"

#include <time.h>

static int64_t read_clock(clockid_t clock)
{
    struct timespec now;
    (void)clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * MICROSECONDS_PER_SECOND + now.tv_nsec / 1000;
}

int64_t clock_now_microseconds(void)
{
    return read_clock(CLOCK_REALTIME);
}

int64_t clock_monotonic_microseconds(void)
{
    return read_clock(CLOCK_MONOTONIC);
}
