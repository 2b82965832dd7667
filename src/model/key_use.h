#ifndef ORGKEYS_MODEL_KEY_USE_H
#define ORGKEYS_MODEL_KEY_USE_H

#include <stdint.h>

#include "codec/digest.h"

enum key_use_kind { USE_OF_PROJECT_KEY, USE_OF_ADMIN_KEY, USE_OF_SESSION };

/* That a key, or a session, let somebody in: what `last_used_at` is made of. */
struct key_use {
    struct digest digest;
    int64_t used_at; /* seconds since 1970 */
    enum key_use_kind kind;
};

#endif
