#ifndef ORGKEYS_API_INTERNAL_H
#define ORGKEYS_API_INTERNAL_H

#include <stdatomic.h>

#include "api/api.h"
#include "api/check_replies.h"

/* What the files of this folder share. */
struct api {
    struct api_options options;
    struct text openapi; /* the document, made at start */
    struct check_replies *check_replies;
    struct password_pool *password_pool;
    struct login_limits *login_limits;
    atomic_bool is_stopping;
};

#endif
