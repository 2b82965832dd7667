#ifndef ORGKEYS_HTTP_REFUSAL_H
#define ORGKEYS_HTTP_REFUSAL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/result.h"

/* What is wrong with the bytes of a peer: an expected outcome, answered and never logged. */
struct [[nodiscard]] refusal {
    enum error error;   /* ERROR_NONE: nothing is wrong */
    const char *detail; /* a literal for MALFORMED_REQUEST and OVERLOADED, else NULL */
};

#define REFUSAL_NONE ((struct refusal){ ERROR_NONE, NULL })

static inline struct refusal refusal_of(enum error error)
{
    return (struct refusal){ error, NULL };
}

static inline struct refusal refusal_malformed(const char *detail)
{
    return (struct refusal){ ERROR_MALFORMED_REQUEST, detail };
}

static inline struct refusal refusal_overloaded(const char *detail)
{
    return (struct refusal){ ERROR_OVERLOADED, detail };
}

static inline bool is_refused(struct refusal refusal)
{
    return refusal.error != ERROR_NONE;
}

#endif
