#ifndef ORGKEYS_BASE_CLOCK_H
#define ORGKEYS_BASE_CLOCK_H

#include <stdint.h>

enum { MICROSECONDS_PER_SECOND = 1000000 };

/* Microseconds since 1970-01-01 00:00:00 UTC; may be set back by the operator. */
int64_t clock_now_microseconds(void);
/* Microseconds since some start; never goes back. For measuring and for deadlines. */
int64_t clock_monotonic_microseconds(void);

#endif
