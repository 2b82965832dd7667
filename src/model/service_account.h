#ifndef ORGKEYS_MODEL_SERVICE_ACCOUNT_H
#define ORGKEYS_MODEL_SERVICE_ACCOUNT_H

#include "model/field.h"

/* The reply that issues a service account's key. */
struct service_account_api_key {
    struct text value;
    struct text name;
    int64_t created_at;
    struct text id;
    int64_t expires_at;
};

struct service_account {
    struct text id;
    struct text name;
    struct text role; /* "owner", "member" or "none" */
    int64_t created_at;
    struct service_account_api_key api_key; /* only in the reply that creates it */
};

struct service_account_create {
    struct text name;
    int64_t create_service_account_only;
    int64_t expires_in_seconds;
};

struct service_account_update {
    struct text name;
    struct text role;
};

struct service_account_api_key_create {
    struct text name;
    struct text_list scopes;
    int64_t expires_in_seconds;
    struct text value;
};

extern const struct object_type service_account_type;
extern const struct object_type service_account_created_type;
extern const struct object_type service_account_create_type;
extern const struct object_type service_account_update_type;
extern const struct object_type service_account_deleted_type;
extern const struct object_type service_account_api_key_type;
extern const struct object_type service_account_api_key_create_type;

#endif
