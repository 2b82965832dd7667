#ifndef ORGKEYS_MODEL_PASSWORD_H
#define ORGKEYS_MODEL_PASSWORD_H

#include "model/field.h"

/* How people get a password: by a link of one use, or by the one they have. Additions of ours. */

struct password_link {
    struct text user_id;
    struct text url;
    int64_t expires_at;
};

struct password_set {
    struct text token;
    struct text password;
};

struct password_change {
    struct text current_password;
    struct text password;
};

extern const struct object_type password_link_type;
extern const struct object_type password_set_type;
extern const struct object_type password_change_type;

#endif
