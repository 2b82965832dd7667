#ifndef ORGKEYS_MODEL_PROJECT_USER_H
#define ORGKEYS_MODEL_PROJECT_USER_H

#include "model/field.h"

struct project_user {
    struct text id;
    struct text name;
    struct text email;
    struct text role;              /* "owner" or "member" */
    struct text organization_role; /* "owner" or "reader" */
    int64_t added_at;
    int64_t is_member; /* 0: has access as an owner of the organization only */
};

struct project_user_create {
    struct text user_id;
    struct text email;
    struct text role;
};

struct project_user_update {
    struct text role;
};

extern const char *const project_user_roles[];

extern const struct object_type project_user_type;
extern const struct object_type project_user_create_type;
extern const struct object_type project_user_update_type;
extern const struct object_type project_user_deleted_type;

#endif
