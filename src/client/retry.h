#ifndef ORGKEYS_CLIENT_RETRY_H
#define ORGKEYS_CLIENT_RETRY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"

/* When a call is repeated, and how long it waits: as in OpenAI's SDKs. */
enum {
    RETRY_DELAY_FIRST_MS = 500,
    RETRY_DELAY_MAXIMUM_MS = 8000,
    RETRY_AFTER_MAXIMUM_MS = 120 * 1000, /* a server that asks for more is not asked again */
};

/* What a reply says about that; TEXT_NONE where it says nothing. */
struct retry_hints {
    struct text should_retry; /* x-should-retry */
    struct text after_ms;     /* retry-after-ms */
    struct text after;        /* Retry-After: seconds, or a date */
};

/* Whether a reply of this HTTP status is worth another attempt. */
bool retry_is_wanted(int http_status, const struct retry_hints *hints);

/* Milliseconds that the server asks to wait for; 0 where it says nothing that can be used. */
int64_t retry_requested_ms(const struct retry_hints *hints, int64_t now);

/*
 * Milliseconds to wait before attempt `retry` (1 is the first repetition), or -1: do not repeat.
 * `now` is in seconds since 1970; `noise` is any number, for the jitter.
 */
int64_t retry_delay_ms(const struct retry_hints *hints, int retry, int64_t now, uint64_t noise);

#endif
