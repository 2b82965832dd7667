#include "model/service_account.h"

#include "codec/key_text.h"
#include "model/deleted.h"
#include "model/limits.h"

static const char *const object_name[] = { "organization.project.service_account", NULL };
static const char *const key_object_name[] = { "organization.project.service_account.api_key",
                                               NULL };
static const char *const deleted_name[] = { "organization.project.service_account.deleted", NULL };
static const char *const roles[] = { "owner", "member", "none", NULL };
static const char *const update_roles[] = { "member", "owner", NULL };

static const struct field api_key_fields[] = {
    { .name = "object",
      .kind = FIELD_CONSTANT,
      .flags = FIELD_REQUIRED,
      .choices = key_object_name },
    { .name = "value",
      .kind = FIELD_TEXT,
      .flags = FIELD_REQUIRED | FIELD_SECRET,
      .offset = offsetof(struct service_account_api_key, value),
      .description = "The key. Shown in this reply and never again." },
    { .name = "name",
      .kind = FIELD_TEXT,
      .flags = FIELD_REQUIRED,
      .offset = offsetof(struct service_account_api_key, name) },
    { .name = "created_at",
      .kind = FIELD_TIME,
      .flags = FIELD_REQUIRED,
      .offset = offsetof(struct service_account_api_key, created_at) },
    { .name = "id",
      .kind = FIELD_TEXT,
      .flags = FIELD_REQUIRED,
      .offset = offsetof(struct service_account_api_key, id) },
    { .name = "expires_at",
      .kind = FIELD_TIME,
      .flags = FIELD_NULLABLE,
      .offset = offsetof(struct service_account_api_key, expires_at) },
};

const struct object_type service_account_api_key_type = { "ProjectServiceAccountApiKey",
                                                          "A key just issued to a service account.",
                                                          sizeof(struct service_account_api_key),
                                                          FIELDS(api_key_fields) };

/* `api_key` is the last one, so that the type without it is the same table, one row shorter. */
static const struct field fields[] = {
    { .name = "id",
      .kind = FIELD_TEXT,
      .flags = FIELD_REQUIRED,
      .offset = offsetof(struct service_account, id) },
    { .name = "object", .kind = FIELD_CONSTANT, .flags = FIELD_REQUIRED, .choices = object_name },
    { .name = "name",
      .kind = FIELD_TEXT,
      .flags = FIELD_REQUIRED,
      .offset = offsetof(struct service_account, name) },
    { .name = "role",
      .kind = FIELD_TEXT,
      .flags = FIELD_REQUIRED,
      .offset = offsetof(struct service_account, role),
      .choices = roles },
    { .name = "created_at",
      .kind = FIELD_TIME,
      .flags = FIELD_REQUIRED,
      .offset = offsetof(struct service_account, created_at) },
    { .name = "api_key",
      .kind = FIELD_OBJECT,
      .flags = FIELD_REQUIRED | FIELD_NULLABLE,
      .offset = offsetof(struct service_account, api_key),
      .type = &service_account_api_key_type },
};

static const struct field create_fields[] = {
    { .name = "name",
      .kind = FIELD_TEXT,
      .flags = FIELD_REQUIRED,
      .offset = offsetof(struct service_account_create, name),
      .minimum = 1,
      .maximum = NAME_LENGTH_MAXIMUM },
    { .name = "create_service_account_only",
      .kind = FIELD_BOOLEAN,
      .flags = FIELD_NULLABLE,
      .offset = offsetof(struct service_account_create, create_service_account_only),
      .description = "Make the account without a role and without a key." },
    { .name = "expires_in_seconds",
      .kind = FIELD_INTEGER,
      .flags = FIELD_NULLABLE,
      .offset = offsetof(struct service_account_create, expires_in_seconds),
      .minimum = 1,
      .maximum = KEY_LIFETIME_MAXIMUM,
      .description = "Of the key. Left out: it does not expire." },
};

static const struct field update_fields[] = {
    { .name = "name",
      .kind = FIELD_TEXT,
      .offset = offsetof(struct service_account_update, name),
      .minimum = 1,
      .maximum = NAME_LENGTH_MAXIMUM },
    { .name = "role",
      .kind = FIELD_TEXT,
      .offset = offsetof(struct service_account_update, role),
      .choices = update_roles },
};

static const struct field api_key_create_fields[] = {
    { .name = "name",
      .kind = FIELD_TEXT,
      .offset = offsetof(struct service_account_api_key_create, name),
      .minimum = 1,
      .maximum = NAME_LENGTH_MAXIMUM,
      .description = "`Secret Key` when left out." },
    { .name = "scopes",
      .kind = FIELD_TEXT_LIST,
      .offset = offsetof(struct service_account_api_key_create, scopes),
      .maximum = SCOPES_MAXIMUM,
      .item_maximum = SCOPE_LENGTH_MAXIMUM,
      .format = FORMAT_SCOPE,
      .description = "What the key is restricted to; empty or left out: no restriction." },
    { .name = "expires_in_seconds",
      .kind = FIELD_INTEGER,
      .flags = FIELD_NULLABLE,
      .offset = offsetof(struct service_account_api_key_create, expires_in_seconds),
      .minimum = 1,
      .maximum = KEY_LIFETIME_MAXIMUM },
    { .name = "value",
      .kind = FIELD_TEXT,
      .flags = FIELD_OURS | FIELD_SECRET,
      .offset = offsetof(struct service_account_api_key_create, value),
      .minimum = KEY_TEXT_LENGTH_MINIMUM,
      .maximum = KEY_TEXT_LENGTH_MAXIMUM,
      .format = FORMAT_KEY,
      .description = "A key that exists already and is to be brought in, of any form." },
};

static const struct field deleted_fields[] = DELETED_FIELDS(deleted_name);

const struct object_type service_account_type = { "ProjectServiceAccount",
                                                  "A bot user: an owner of keys that is no person.",
                                                  sizeof(struct service_account), fields,
                                                  sizeof fields / sizeof fields[0] - 1 };
const struct object_type service_account_created_type = { "ProjectServiceAccountCreateResponse", "",
                                                          sizeof(struct service_account),
                                                          FIELDS(fields) };
const struct object_type service_account_create_type = { "ProjectServiceAccountCreateRequest", "",
                                                         sizeof(struct service_account_create),
                                                         FIELDS(create_fields) };
const struct object_type service_account_update_type = { "UpdateProjectServiceAccountBody", "",
                                                         sizeof(struct service_account_update),
                                                         FIELDS(update_fields) };
const struct object_type service_account_deleted_type = { "ProjectServiceAccountDeleteResponse", "",
                                                          sizeof(struct deleted),
                                                          FIELDS(deleted_fields) };
const struct object_type service_account_api_key_create_type = {
    "CreateProjectServiceAccountApiKeyBody", "", sizeof(struct service_account_api_key_create),
    FIELDS(api_key_create_fields)
};
