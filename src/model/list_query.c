#include "model/list_query.h"

#include "model/invite.h"
#include "model/limits.h"

enum { LIMIT_MAXIMUM = 100, ADMIN_LIMIT_MAXIMUM = 1000 };

static const char *const orders[] = { "asc", "desc", NULL };
static const char *const accesses[] = { "active", "inactive", "any", NULL };

#define LIMIT_FIELD(limit_maximum)                                                            \
    {                                                                                         \
        .name = "limit", .kind = FIELD_INTEGER, .offset = offsetof(struct list_query, limit), \
        .minimum = 1, .maximum = (limit_maximum), .preset = "20",                             \
        .description = "How many objects to return at most."                                  \
    }

#define AFTER_FIELD                                                                        \
    {                                                                                      \
        .name = "after", .kind = FIELD_TEXT, .offset = offsetof(struct list_query, after), \
        .format = FORMAT_ID,                                                               \
        .description =                                                                     \
            "An id of the list; the page begins behind it. Works also when its object is " \
            "gone."                                                                        \
    }

#define ORDER_FIELD(field_flags)                                                          \
    {                                                                                     \
        .name = "order", .kind = FIELD_TEXT, .flags = (field_flags),                      \
        .offset = offsetof(struct list_query, order), .choices = orders, .preset = "asc", \
        .description = "By creation."                                                     \
    }

#define LIST_FIELD(field_name, member, field_description)                                 \
    {                                                                                     \
        .name = (field_name), .kind = FIELD_TEXT_LIST,                                    \
        .offset = offsetof(struct list_query, member), .description = (field_description) \
    }

#define BOUND_FIELD(field_name, member, field_description)                                \
    {                                                                                     \
        .name = (field_name), .kind = FIELD_INTEGER,                                      \
        .offset = offsetof(struct list_query, member), .description = (field_description) \
    }

#define KEY_BOUND_FIELD(field_name, member, field_description)                            \
    {                                                                                     \
        .name = (field_name), .kind = FIELD_INTEGER, .flags = FIELD_OURS,                 \
        .offset = offsetof(struct list_query, member), .description = (field_description) \
    }

#define INCLUDE_ARCHIVED_FIELD(field_flags, field_description)                      \
    {                                                                               \
        .name = "include_archived", .kind = FIELD_BOOLEAN, .flags = (field_flags),  \
        .offset = offsetof(struct list_query, include_archived), .preset = "false", \
        .description = (field_description)                                          \
    }

static const struct field plain_fields[] = { LIMIT_FIELD(LIMIT_MAXIMUM), AFTER_FIELD };

static const struct field admin_api_key_fields[] = {
    LIMIT_FIELD(ADMIN_LIMIT_MAXIMUM),
    AFTER_FIELD,
    ORDER_FIELD(0),
};

static const struct field project_fields[] = {
    LIMIT_FIELD(LIMIT_MAXIMUM),
    AFTER_FIELD,
    INCLUDE_ARCHIVED_FIELD(0, "Whether archived projects are listed too."),
};

/* `include_archived` is the last one: the type of one project's list is the same, without it. */
static const struct field project_api_key_fields[] = {
    LIMIT_FIELD(LIMIT_MAXIMUM),
    AFTER_FIELD,
    { .name = "owner_project_access",
      .kind = FIELD_TEXT,
      .offset = offsetof(struct list_query, owner_project_access),
      .choices = accesses,
      .preset = "active",
      .description = "Only keys whose owner has (`active`) or has not (`inactive`) access to the "
                     "project at the moment, or `any`." },
    ORDER_FIELD(FIELD_OURS),
    { .name = "search",
      .kind = FIELD_TEXT,
      .flags = FIELD_OURS,
      .offset = offsetof(struct list_query, search),
      .minimum = 1,
      .maximum = SEARCH_LENGTH_MAXIMUM,
      .description =
          "Only keys that have this text in their name, their id, the last characters of "
          "their redacted value, their owner's name or e-mail address. Upper and lower "
          "case of ASCII letters are the same." },
    { .name = "never_used",
      .kind = FIELD_BOOLEAN,
      .flags = FIELD_OURS,
      .offset = offsetof(struct list_query, never_used),
      .preset = "false",
      .description = "Only keys that were never used." },
    KEY_BOUND_FIELD("expires_at[gte]", expires_from,
                    "Only keys that expire, and not earlier than this Unix time (seconds)."),
    KEY_BOUND_FIELD("expires_at[lt]", expires_before,
                    "Only keys that expire earlier than this Unix time."),
    KEY_BOUND_FIELD("last_used_at[lt]", last_used_before,
                    "Only keys that were used, and last earlier than this Unix time."),
    KEY_BOUND_FIELD("created_at[lt]", created_before,
                    "Only keys that were made earlier than this Unix time."),
    INCLUDE_ARCHIVED_FIELD(FIELD_OURS, "Whether keys of archived projects are listed too."),
};

static const struct field user_fields[] = {
    LIMIT_FIELD(LIMIT_MAXIMUM),
    AFTER_FIELD,
    LIST_FIELD("emails[]", emails, "Only users with these e-mail addresses."),
};

static const struct field invite_fields[] = {
    LIMIT_FIELD(LIMIT_MAXIMUM),
    AFTER_FIELD,
    ORDER_FIELD(FIELD_OURS),
    { .name = "status",
      .kind = FIELD_TEXT,
      .flags = FIELD_OURS,
      .offset = offsetof(struct list_query, status),
      .choices = invite_statuses,
      .description = "Only invites of this status." },
};

static const struct field audit_log_fields[] = {
    BOUND_FIELD("effective_at[gt]", effective_after, "Later than this Unix time (seconds)."),
    BOUND_FIELD("effective_at[gte]", effective_from, "Not earlier than this Unix time."),
    BOUND_FIELD("effective_at[lt]", effective_before, "Earlier than this Unix time."),
    BOUND_FIELD("effective_at[lte]", effective_to, "Not later than this Unix time."),
    LIST_FIELD("project_ids[]", project_ids, "Only events of these projects."),
    LIST_FIELD("event_types[]", event_types, "Only events of these types."),
    LIST_FIELD("actor_ids[]", actor_ids,
               "Only events by these actors: ids of users, service accounts or API keys."),
    LIST_FIELD("actor_emails[]", actor_emails, "Only events by users with these addresses."),
    LIST_FIELD("resource_ids[]", resource_ids, "Only events about these objects."),
    { .name = "tenant_only",
      .kind = FIELD_BOOLEAN,
      .offset = offsetof(struct list_query, tenant_only),
      .preset = "false",
      .description = "Only tenant-scoped events, of which this server has none." },
    LIMIT_FIELD(LIMIT_MAXIMUM),
    AFTER_FIELD,
    { .name = "before",
      .kind = FIELD_TEXT,
      .offset = offsetof(struct list_query, before),
      .format = FORMAT_ID,
      .description = "An id of the list; the page ends in front of it." },
};

#define QUERY_TYPE(array)                                \
    {                                                    \
        "", "", sizeof(struct list_query), FIELDS(array) \
    }

const struct object_type plain_query_type = QUERY_TYPE(plain_fields);
const struct object_type admin_api_key_query_type = QUERY_TYPE(admin_api_key_fields);
const struct object_type project_query_type = QUERY_TYPE(project_fields);
const struct object_type project_api_key_query_type = {
    "", "", sizeof(struct list_query), project_api_key_fields,
    sizeof project_api_key_fields / sizeof project_api_key_fields[0] - 1
};
const struct object_type organization_api_key_query_type = QUERY_TYPE(project_api_key_fields);
const struct object_type user_query_type = QUERY_TYPE(user_fields);
const struct object_type invite_query_type = QUERY_TYPE(invite_fields);
const struct object_type audit_log_query_type = QUERY_TYPE(audit_log_fields);
