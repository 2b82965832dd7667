#include "model/admin_api_key.h"

#include "model/deleted.h"
#include "model/limits.h"

static const char *const object_name[] = { "organization.admin_api_key", NULL };
static const char *const deleted_name[] = { "organization.admin_api_key.deleted", NULL };
static const char *const owner_type[] = { "user", NULL };
static const char *const owner_object[] = { "organization.user", NULL };
static const char *const owner_role[] = { "owner", NULL };

static const struct field owner_fields[] = {
    { .name = "type", .kind = FIELD_CONSTANT, .choices = owner_type },
    { .name = "object", .kind = FIELD_CONSTANT, .choices = owner_object },
    { .name = "id", .kind = FIELD_TEXT, .offset = offsetof(struct admin_api_key_owner, id) },
    { .name = "name", .kind = FIELD_TEXT, .offset = offsetof(struct admin_api_key_owner, name) },
    { .name = "created_at",
      .kind = FIELD_TIME,
      .offset = offsetof(struct admin_api_key_owner, created_at) },
    { .name = "role", .kind = FIELD_CONSTANT, .choices = owner_role },
};

static const struct object_type owner_type_table = { "AdminApiKeyOwner",
                                                     "The person behind an admin key.",
                                                     sizeof(struct admin_api_key_owner),
                                                     FIELDS(owner_fields) };

/* `value` is the last one, so that the type without it is the same table, one row shorter. */
static const struct field fields[] = {
    { .name = "id",
      .kind = FIELD_TEXT,
      .flags = FIELD_REQUIRED,
      .offset = offsetof(struct admin_api_key, id) },
    { .name = "object", .kind = FIELD_CONSTANT, .flags = FIELD_REQUIRED, .choices = object_name },
    { .name = "name",
      .kind = FIELD_TEXT,
      .flags = FIELD_NULLABLE,
      .offset = offsetof(struct admin_api_key, name) },
    { .name = "redacted_value",
      .kind = FIELD_TEXT,
      .flags = FIELD_REQUIRED,
      .offset = offsetof(struct admin_api_key, redacted_value),
      .description = "The key's prefix and its last three characters." },
    { .name = "created_at",
      .kind = FIELD_TIME,
      .flags = FIELD_REQUIRED,
      .offset = offsetof(struct admin_api_key, created_at) },
    { .name = "expires_at",
      .kind = FIELD_TIME,
      .flags = FIELD_REQUIRED | FIELD_NULLABLE,
      .offset = offsetof(struct admin_api_key, expires_at) },
    { .name = "last_used_at",
      .kind = FIELD_TIME,
      .flags = FIELD_NULLABLE,
      .offset = offsetof(struct admin_api_key, last_used_at) },
    { .name = "owner",
      .kind = FIELD_OBJECT,
      .flags = FIELD_REQUIRED,
      .offset = offsetof(struct admin_api_key, owner),
      .type = &owner_type_table },
    { .name = "value",
      .kind = FIELD_TEXT,
      .flags = FIELD_REQUIRED | FIELD_SECRET,
      .offset = offsetof(struct admin_api_key, value),
      .description = "The key. Shown in this reply and never again." },
};

static const struct field create_fields[] = {
    { .name = "name",
      .kind = FIELD_TEXT,
      .flags = FIELD_REQUIRED,
      .offset = offsetof(struct admin_api_key_create, name),
      .minimum = 1,
      .maximum = NAME_LENGTH_MAXIMUM },
    { .name = "expires_in_seconds",
      .kind = FIELD_INTEGER,
      .offset = offsetof(struct admin_api_key_create, expires_in_seconds),
      .minimum = 1,
      .maximum = ADMIN_KEY_LIFETIME_MAXIMUM,
      .description = "Left out: it does not expire." },
};

static const struct field deleted_fields[] = DELETED_FIELDS(deleted_name);

const struct object_type admin_api_key_type = { "AdminApiKey", "A key that may call this API.",
                                                sizeof(struct admin_api_key), fields,
                                                sizeof fields / sizeof fields[0] - 1 };
const struct object_type admin_api_key_created_type = { "AdminApiKeyCreateResponse", "",
                                                        sizeof(struct admin_api_key),
                                                        FIELDS(fields) };
const struct object_type admin_api_key_create_type = { "AdminApiKeyCreateRequest", "",
                                                       sizeof(struct admin_api_key_create),
                                                       FIELDS(create_fields) };
const struct object_type admin_api_key_deleted_type = { "AdminApiKeyDeleteResponse", "",
                                                        sizeof(struct deleted),
                                                        FIELDS(deleted_fields) };
