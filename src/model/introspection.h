#ifndef ORGKEYS_MODEL_INTROSPECTION_H
#define ORGKEYS_MODEL_INTROSPECTION_H

#include "model/field.h"

enum { INTROSPECTION_BODY_MAXIMUM = 16 * 1024 }; /* bytes; 413 beyond */

/* Has to be named in a key's list: a key without restriction does not ask about others. */
#define INTROSPECT_SCOPE TEXT("api.keys.introspect")

/* RFC 7662, 2.1. */
struct introspection_request {
    struct text token;
    struct text token_type_hint;
};
extern const struct object_type introspection_request_type;

/* RFC 7662, 2.2, and three members of ours. What is absent is left out. */
struct introspection {
    int64_t active;
    struct text scope;
    struct text subject;
    struct text token_id;
    struct text token_type;
    int64_t expires_at;
    struct text organization_id;
    struct text project_id;
    struct text owner_type;
};
extern const struct object_type introspection_type;

#endif
