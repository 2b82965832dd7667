#ifndef ORGKEYS_MODEL_PROJECT_API_KEY_H
#define ORGKEYS_MODEL_PROJECT_API_KEY_H

#include "model/field.h"

struct project_api_key_user {
    struct text id;
    struct text email;
    struct text name;
    int64_t created_at;
    struct text role; /* in the project */
};

struct project_api_key_service_account {
    struct text id;
    struct text name;
    int64_t created_at;
    struct text role;
};

/* One of the two is there, as `type` says. */
struct project_api_key_owner {
    struct text type;
    struct project_api_key_user user;
    struct project_api_key_service_account service_account;
};

struct project_api_key_project {
    struct text id;
    struct text name;
};

struct project_api_key {
    struct text id;
    struct text redacted_value;
    struct text name;
    int64_t created_at;
    int64_t last_used_at;
    int64_t expires_at;
    struct text owner_project_access; /* "active" or "inactive" */
    struct project_api_key_owner owner;
    struct text scopes; /* a JSON array */
    struct project_api_key_project project;
    struct text value; /* only in the reply that creates it */
};

struct project_api_key_create {
    struct text name;
    struct text user_id;
    struct text_list scopes;
    int64_t expires_in_seconds;
};

struct project_api_key_update {
    struct text_list scopes;
    int64_t expires_in_seconds;
};

extern const struct object_type project_api_key_type;
extern const struct object_type project_api_key_created_type;
extern const struct object_type project_api_key_create_type;
extern const struct object_type project_api_key_update_type;
extern const struct object_type project_api_key_deleted_type;

#endif
