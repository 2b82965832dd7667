#ifndef ORGKEYS_MODEL_SESSION_H
#define ORGKEYS_MODEL_SESSION_H

#include "model/field.h"

/* That somebody is signed in, in one browser. An addition of ours. */

enum { SESSION_USE_SECONDS = 60 }; /* a use is written when the one before is as old */

struct session_organization {
    struct text id;
    struct text name;
};

struct session_user {
    struct text id;
    struct text name;
    struct text email;
    struct text role;
};

struct session {
    struct text id;
    struct session_organization organization;
    struct session_user user;
    struct text admin_api_key_id; /* of one that began with an admin key, and ends with it */
    int64_t created_at;
    int64_t last_used_at;
    int64_t expires_at;
    struct text address; /* the client's, when it signed in */
    struct text user_agent;
    int64_t is_current; /* the caller's own */
};

struct session_create {
    struct text email;
    struct text password;
    struct text organization_id;
    struct text admin_key;
};

extern const struct object_type session_type;
extern const struct object_type session_create_type;
extern const struct object_type session_deleted_type;

#endif
