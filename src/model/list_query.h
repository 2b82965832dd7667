#ifndef ORGKEYS_MODEL_LIST_QUERY_H
#define ORGKEYS_MODEL_LIST_QUERY_H

#include "model/field.h"

/* What the lists can be asked for. Each list takes the parameters of its own table below. */
struct list_query {
    int64_t limit;
    struct text after;
    struct text before;
    struct text order;  /* "asc" or "desc" */
    struct text status; /* of an invite; TEXT_NONE: any */
    int64_t include_archived;
    struct text owner_project_access; /* "active", "inactive" or "any" */
    struct text search;
    int64_t never_used;
    int64_t expires_from; /* seconds since 1970; an inclusive bound, and exclusive ones */
    int64_t expires_before;
    int64_t last_used_before;
    int64_t created_before;
    struct text_list emails;
    int64_t effective_after; /* seconds since 1970, both exclusive and inclusive bounds */
    int64_t effective_from;
    int64_t effective_before;
    int64_t effective_to;
    struct text_list project_ids;
    struct text_list event_types;
    struct text_list actor_ids;
    struct text_list actor_emails;
    struct text_list resource_ids;
    int64_t tenant_only;
};

extern const struct object_type plain_query_type; /* limit, after */
extern const struct object_type admin_api_key_query_type;
extern const struct object_type project_query_type;
extern const struct object_type project_api_key_query_type;
extern const struct object_type organization_api_key_query_type; /* of all projects */
extern const struct object_type user_query_type;
extern const struct object_type invite_query_type;
extern const struct object_type audit_log_query_type;

#endif
