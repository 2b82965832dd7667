#ifndef ORGKEYS_DOMAIN_LOGIN_LIMITS_H
#define ORGKEYS_DOMAIN_LOGIN_LIMITS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/result.h"
#include "base/text.h"

/*
 * How often a password may be tried: for one account LOGIN_FREE_OF_ACCOUNT times, from one address
 * (of IPv6: one /64) LOGIN_FREE_OF_ADDRESS times; then after a wait, twice as long each time, of at
 * most LOGIN_WAIT_... seconds: short for an account, which anybody can try. What was not tried for
 * LOGIN_MEMORY_SECONDS is forgotten. In memory, of a fixed size, of this process; any thread.
 */
enum {
    LOGIN_FREE_OF_ACCOUNT = 5,
    LOGIN_FREE_OF_ADDRESS = 30,
    LOGIN_WAIT_OF_ACCOUNT = 60,
    LOGIN_WAIT_OF_ADDRESS = 900,
    LOGIN_MEMORY_SECONDS = 3600,
};

struct login_limits;

struct result login_limits_create(struct login_limits **ret_limits);
void login_limits_free(struct login_limits *limits);

/*
 * Counts an attempt at an account, or at none (TEXT_NONE), from an address, at `now` in seconds; 0,
 * or how many seconds are to be waited before one, and then nothing was counted.
 */
int64_t login_limits_try(struct login_limits *limits, struct text account, struct text address,
                         int64_t now);

/* The attempt was none. */
void login_limits_return(struct login_limits *limits, struct text account, struct text address);

/* The attempt was right: the account begins anew, and the address has one less. */
void login_limits_clear(struct login_limits *limits, struct text account, struct text address);

#endif
