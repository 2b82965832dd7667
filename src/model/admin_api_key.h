#ifndef ORGKEYS_MODEL_ADMIN_API_KEY_H
#define ORGKEYS_MODEL_ADMIN_API_KEY_H

#include "model/field.h"

struct admin_api_key_owner {
    struct text id;
    struct text name;
    int64_t created_at;
};

struct admin_api_key {
    struct text id;
    struct text name;
    struct text redacted_value;
    int64_t created_at;
    int64_t expires_at;
    int64_t last_used_at;
    struct admin_api_key_owner owner;
    struct text value; /* only in the reply that creates it */
};

struct admin_api_key_create {
    struct text name;
    int64_t expires_in_seconds;
};

extern const struct object_type admin_api_key_type;
extern const struct object_type admin_api_key_created_type;
extern const struct object_type admin_api_key_create_type;
extern const struct object_type admin_api_key_deleted_type;

#endif
