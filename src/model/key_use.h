#ifndef ORGKEYS_MODEL_KEY_USE_H
#define ORGKEYS_MODEL_KEY_USE_H

#include <stdbool.h>
#include <stdint.h>

#include "codec/digest.h"

/* That a key let somebody in: what `last_used_at` is made of. */
struct key_use {
    struct digest digest;
    int64_t used_at; /* seconds since 1970 */
    bool is_admin_key;
};

#endif
