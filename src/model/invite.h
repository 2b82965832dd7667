#ifndef ORGKEYS_MODEL_INVITE_H
#define ORGKEYS_MODEL_INVITE_H

#include "model/field.h"

struct invite_project {
    struct text id;
    struct text role; /* "member" or "owner" */
};

struct invite {
    struct text id;
    struct text email;
    struct text role;   /* "owner" or "reader" */
    struct text status; /* "pending", "accepted" or "expired" */
    int64_t created_at;
    int64_t expires_at;
    int64_t accepted_at;
    struct text projects;   /* a JSON array of struct invite_project */
    struct text invite_url; /* only in the reply that makes the link */
};

struct invite_create {
    struct text email;
    struct text role;
    struct object_list projects; /* struct invite_project */
};

struct invite_accept {
    struct text password;
    struct text token;
    struct text name;
};

extern const char *const invite_statuses[];

extern const struct object_type invite_type;
extern const struct object_type invite_created_type;
extern const struct object_type invite_create_type;
extern const struct object_type invite_accept_type;
extern const struct object_type invite_deleted_type;
extern const struct object_type invite_project_type;

#endif
