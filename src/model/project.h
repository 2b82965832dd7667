#ifndef ORGKEYS_MODEL_PROJECT_H
#define ORGKEYS_MODEL_PROJECT_H

#include "model/field.h"

struct project {
    struct text id;
    struct text name;
    int64_t created_at;
    int64_t archived_at;
    struct text status;          /* "active" or "archived" */
    struct text external_key_id; /* never set: see FIELD_UNSUPPORTED */
    struct text residency;
};

struct project_create {
    struct text name;
    struct text residency;
    struct text external_key_id;
    struct text geography;
};

struct project_update {
    struct text name;
    struct text external_key_id;
    struct text geography;
};

extern const struct object_type project_type;
extern const struct object_type project_create_type;
extern const struct object_type project_update_type;

#endif
