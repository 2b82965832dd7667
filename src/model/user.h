#ifndef ORGKEYS_MODEL_USER_H
#define ORGKEYS_MODEL_USER_H

#include "model/field.h"

struct user_details {
    struct text id;
    struct text email;
    struct text name;
    struct text picture; /* never set */
    int64_t enabled;
    int64_t banned;
    int64_t banned_at;
};

struct user {
    struct text id;
    struct text name;
    struct text email;
    struct text role; /* "owner" or "reader" */
    int64_t added_at;
    int64_t is_default;
    struct user_details user;
    int64_t is_service_account;
    int64_t is_scim_managed;
    int64_t api_key_last_used_at;
    struct text technical_level;
    struct text developer_persona;
    struct text
        admin_keys_after; /* an id's lower bound, or empty: admin keys before do not count */
};

struct user_update {
    struct text role;
    struct text role_id;
    struct text technical_level;
    struct text developer_persona;
};

extern const char *const user_roles[];

extern const struct object_type user_type;
extern const struct object_type user_update_type;
extern const struct object_type user_deleted_type;

#endif
