#ifndef ORGKEYS_MODEL_ERROR_REPLY_H
#define ORGKEYS_MODEL_ERROR_REPLY_H

#include "base/problem.h"
#include "model/field.h"

/* The envelope of every error of the contract. All four members are always there. */
struct error_body {
    struct text message;
    struct text type;
    struct text param;
    struct text code;
};

struct error_reply {
    struct error_body error;
};

extern const struct object_type error_reply_type;

#endif
