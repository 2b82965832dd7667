#include "model/project_api_key.h"

#include "model/deleted.h"
#include "model/limits.h"

static const char *const object_name[] = { "organization.project.api_key", NULL };
static const char *const deleted_name[] = { "organization.project.api_key.deleted", NULL };
static const char *const user_object[] = { "organization.project.user", NULL };
static const char *const service_account_object[] = { "organization.project.service_account",
                                                      NULL };
static const char *const owner_types[] = { "user", "service_account", NULL };
static const char *const accesses[] = { "active", "inactive", NULL };

/* `object` and `added_at` are what older clients read. */
static const struct field user_fields[] = {
    { .name = "object",
      .kind = FIELD_CONSTANT,
      .flags = FIELD_OURS | FIELD_DEPRECATED,
      .choices = user_object },
    { .name = "id",
      .kind = FIELD_TEXT,
      .flags = FIELD_REQUIRED,
      .offset = offsetof(struct project_api_key_user, id) },
    { .name = "email",
      .kind = FIELD_TEXT,
      .flags = FIELD_REQUIRED,
      .offset = offsetof(struct project_api_key_user, email) },
    { .name = "name",
      .kind = FIELD_TEXT,
      .flags = FIELD_REQUIRED,
      .offset = offsetof(struct project_api_key_user, name) },
    { .name = "created_at",
      .kind = FIELD_TIME,
      .flags = FIELD_REQUIRED,
      .offset = offsetof(struct project_api_key_user, created_at) },
    { .name = "added_at",
      .kind = FIELD_TIME,
      .flags = FIELD_OURS | FIELD_DEPRECATED,
      .offset = offsetof(struct project_api_key_user, created_at) },
    { .name = "role",
      .kind = FIELD_TEXT,
      .flags = FIELD_REQUIRED,
      .offset = offsetof(struct project_api_key_user, role),
      .description = "In the project: `owner` or `member`, and `none` for a user who left it." },
};

static const struct field service_account_fields[] = {
    { .name = "object",
      .kind = FIELD_CONSTANT,
      .flags = FIELD_OURS | FIELD_DEPRECATED,
      .choices = service_account_object },
    { .name = "id",
      .kind = FIELD_TEXT,
      .flags = FIELD_REQUIRED,
      .offset = offsetof(struct project_api_key_service_account, id) },
    { .name = "name",
      .kind = FIELD_TEXT,
      .flags = FIELD_REQUIRED,
      .offset = offsetof(struct project_api_key_service_account, name) },
    { .name = "created_at",
      .kind = FIELD_TIME,
      .flags = FIELD_REQUIRED,
      .offset = offsetof(struct project_api_key_service_account, created_at) },
    { .name = "role",
      .kind = FIELD_TEXT,
      .flags = FIELD_REQUIRED,
      .offset = offsetof(struct project_api_key_service_account, role) },
};

static const struct object_type user_type_table = { "ProjectApiKeyOwnerUser", "",
                                                    sizeof(struct project_api_key_user),
                                                    FIELDS(user_fields) };
static const struct object_type service_account_type_table = {
    "ProjectApiKeyOwnerServiceAccount", "", sizeof(struct project_api_key_service_account),
    FIELDS(service_account_fields)
};

static const struct field owner_fields[] = {
    { .name = "type",
      .kind = FIELD_TEXT,
      .offset = offsetof(struct project_api_key_owner, type),
      .choices = owner_types },
    { .name = "user",
      .kind = FIELD_OBJECT,
      .offset = offsetof(struct project_api_key_owner, user),
      .type = &user_type_table },
    { .name = "service_account",
      .kind = FIELD_OBJECT,
      .offset = offsetof(struct project_api_key_owner, service_account),
      .type = &service_account_type_table },
};

static const struct object_type owner_type_table = { "ProjectApiKeyOwner", "",
                                                     sizeof(struct project_api_key_owner),
                                                     FIELDS(owner_fields) };

/* Only describes `scopes`, which is stored and shown as the JSON it was given. */
static const struct field scopes_fields[] = {
    { .name = "scopes",
      .kind = FIELD_TEXT_LIST,
      .maximum = SCOPES_MAXIMUM,
      .item_maximum = SCOPE_LENGTH_MAXIMUM,
      .format = FORMAT_SCOPE },
};
static const struct object_type scopes_type = { "", "", 0, FIELDS(scopes_fields) };

static const struct field project_fields[] = {
    { .name = "id",
      .kind = FIELD_TEXT,
      .flags = FIELD_REQUIRED,
      .offset = offsetof(struct project_api_key_project, id) },
    { .name = "name",
      .kind = FIELD_TEXT,
      .flags = FIELD_REQUIRED,
      .offset = offsetof(struct project_api_key_project, name) },
};
static const struct object_type project_type_table = { "ProjectApiKeyProject", "",
                                                       sizeof(struct project_api_key_project),
                                                       FIELDS(project_fields) };

/* `value` is the last one, so that the type without it is the same table, one row shorter. */
static const struct field fields[] = {
    { .name = "id",
      .kind = FIELD_TEXT,
      .flags = FIELD_REQUIRED,
      .offset = offsetof(struct project_api_key, id) },
    { .name = "object", .kind = FIELD_CONSTANT, .flags = FIELD_REQUIRED, .choices = object_name },
    { .name = "redacted_value",
      .kind = FIELD_TEXT,
      .flags = FIELD_REQUIRED,
      .offset = offsetof(struct project_api_key, redacted_value),
      .description = "The key's prefix and its last three characters." },
    { .name = "name",
      .kind = FIELD_TEXT,
      .flags = FIELD_REQUIRED,
      .offset = offsetof(struct project_api_key, name) },
    { .name = "created_at",
      .kind = FIELD_TIME,
      .flags = FIELD_REQUIRED,
      .offset = offsetof(struct project_api_key, created_at) },
    { .name = "last_used_at",
      .kind = FIELD_TIME,
      .flags = FIELD_REQUIRED | FIELD_NULLABLE,
      .offset = offsetof(struct project_api_key, last_used_at) },
    { .name = "expires_at",
      .kind = FIELD_TIME,
      .flags = FIELD_NULLABLE,
      .offset = offsetof(struct project_api_key, expires_at) },
    { .name = "owner_project_access",
      .kind = FIELD_TEXT,
      .flags = FIELD_REQUIRED,
      .offset = offsetof(struct project_api_key, owner_project_access),
      .choices = accesses,
      .description = "Whether the owner has access to the project at the moment." },
    { .name = "owner",
      .kind = FIELD_OBJECT,
      .flags = FIELD_REQUIRED,
      .offset = offsetof(struct project_api_key, owner),
      .type = &owner_type_table },
    { .name = "scopes",
      .kind = FIELD_JSON,
      .flags = FIELD_REQUIRED | FIELD_OURS,
      .offset = offsetof(struct project_api_key, scopes),
      .type = &scopes_type,
      .description = "What the key is restricted to; empty: no restriction." },
    { .name = "project",
      .kind = FIELD_OBJECT,
      .flags = FIELD_REQUIRED | FIELD_OURS,
      .offset = offsetof(struct project_api_key, project),
      .type = &project_type_table,
      .description = "The project that the key belongs to." },
    { .name = "value",
      .kind = FIELD_TEXT,
      .flags = FIELD_REQUIRED | FIELD_SECRET,
      .offset = offsetof(struct project_api_key, value),
      .description = "The key. Shown in this reply and never again." },
};

static const struct field create_fields[] = {
    { .name = "name",
      .kind = FIELD_TEXT,
      .flags = FIELD_REQUIRED,
      .offset = offsetof(struct project_api_key_create, name),
      .minimum = 1,
      .maximum = NAME_LENGTH_MAXIMUM },
    { .name = "user_id",
      .kind = FIELD_TEXT,
      .flags = FIELD_NULLABLE,
      .offset = offsetof(struct project_api_key_create, user_id),
      .format = FORMAT_ID,
      .description = "The owner, who must have access to the project. Left out: the person behind "
                     "the calling key." },
    { .name = "scopes",
      .kind = FIELD_TEXT_LIST,
      .flags = FIELD_NULLABLE,
      .offset = offsetof(struct project_api_key_create, scopes),
      .maximum = SCOPES_MAXIMUM,
      .item_maximum = SCOPE_LENGTH_MAXIMUM,
      .format = FORMAT_SCOPE,
      .description = "What the key is restricted to; empty or left out: no restriction." },
    { .name = "expires_in_seconds",
      .kind = FIELD_INTEGER,
      .flags = FIELD_NULLABLE,
      .offset = offsetof(struct project_api_key_create, expires_in_seconds),
      .minimum = 1,
      .maximum = KEY_LIFETIME_MAXIMUM,
      .description = "Left out: it does not expire." },
};

static const struct field update_fields[] = {
    { .name = "expires_in_seconds",
      .kind = FIELD_INTEGER,
      .offset = offsetof(struct project_api_key_update, expires_in_seconds),
      .minimum = 1,
      .maximum = KEY_LIFETIME_MAXIMUM,
      .description = "From now on. Left out: unchanged." },
    { .name = "scopes",
      .kind = FIELD_TEXT_LIST,
      .offset = offsetof(struct project_api_key_update, scopes),
      .maximum = SCOPES_MAXIMUM,
      .item_maximum = SCOPE_LENGTH_MAXIMUM,
      .format = FORMAT_SCOPE,
      .description = "Instead of those it has. Empty: no restriction. Left out: unchanged." },
};

static const struct field deleted_fields[] = DELETED_FIELDS(deleted_name);

const struct object_type project_api_key_type = { "ProjectApiKey", "A key of a project.",
                                                  sizeof(struct project_api_key), fields,
                                                  sizeof fields / sizeof fields[0] - 1 };
const struct object_type project_api_key_created_type = { "ProjectApiKeyCreateResponse", "",
                                                          sizeof(struct project_api_key),
                                                          FIELDS(fields) };
const struct object_type project_api_key_create_type = { "ProjectApiKeyCreateRequest", "",
                                                         sizeof(struct project_api_key_create),
                                                         FIELDS(create_fields) };
const struct object_type project_api_key_update_type = { "ProjectApiKeyUpdateRequest", "",
                                                         sizeof(struct project_api_key_update),
                                                         FIELDS(update_fields) };
const struct object_type project_api_key_deleted_type = { "ProjectApiKeyDeleteResponse", "",
                                                          sizeof(struct deleted),
                                                          FIELDS(deleted_fields) };
