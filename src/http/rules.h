#ifndef ORGKEYS_HTTP_RULES_H
#define ORGKEYS_HTTP_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "http/parser.h"
#include "http/refusal.h"

/* What the rules make of a head. */
struct framing {
    struct text target;   /* in origin form also when it was sent in absolute form */
    uint64_t body_length; /* 0 for chunked */
    bool chunked;
    bool expects_continue;  /* the client waits for "100 Continue" before it sends the body */
    bool unmet_expectation; /* of something else: 417 */
    bool is_connect;        /* a tunnel: nothing else of it is looked at */
};

/*
 * The rules that llhttp does not hold a request to: those of RFC 9112 that decide where a message
 * ends and whom it is for, taken in their strict reading. What two readers could understand in two
 * ways is refused.
 */
struct refusal rules_check(const struct head *head, struct framing *ret_framing);

#endif
