#ifndef ORGKEYS_CLIENT_CLIENT_H
#define ORGKEYS_CLIENT_CLIENT_H

#include <orgkeys/client.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "client/error.h"

struct transfer;

enum { CLIENT_OPTION_MAXIMUM = 8192 }; /* bytes of a text of the options, or a variable */

struct orgkeys_client {
    struct arena arena;    /* what the options said */
    struct text admin_key; /* TEXT_NONE: there is none */
    struct text base_url;  /* without a slash at its end */
    struct text root_url;  /* what base_url lies in, with a slash at its end */
    struct text auth_url;
    const char *ca_file; /* NULL: the system's */
    int64_t timeout_ms;
    int max_retries;
    bool (*is_cancelled)(void *context); /* NULL: nobody cancels */
    void *cancel_context;
    struct transfer *transfer;
    struct buffer reply; /* the body of the last reply */
    /* Of the command line, which shows objects as they came: their replies, one behind the other.
     */
    struct buffer *shown; /* NULL: nobody shows them */
    struct orgkeys_error error;
};

#endif
