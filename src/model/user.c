#include "model/user.h"

#include "model/deleted.h"
#include "model/limits.h"

const char *const user_roles[] = { "owner", "reader", NULL };

static const char *const object_name[] = { "organization.user", NULL };
static const char *const details_object[] = { "user", NULL };
static const char *const deleted_name[] = { "organization.user.deleted", NULL };

static const struct field details_fields[] = {
    { .name = "object",
      .kind = FIELD_CONSTANT,
      .flags = FIELD_REQUIRED,
      .choices = details_object },
    { .name = "id",
      .kind = FIELD_TEXT,
      .flags = FIELD_REQUIRED,
      .offset = offsetof(struct user_details, id) },
    { .name = "email",
      .kind = FIELD_TEXT,
      .flags = FIELD_NULLABLE,
      .offset = offsetof(struct user_details, email) },
    { .name = "name",
      .kind = FIELD_TEXT,
      .flags = FIELD_NULLABLE,
      .offset = offsetof(struct user_details, name) },
    { .name = "picture",
      .kind = FIELD_TEXT,
      .flags = FIELD_NULLABLE,
      .offset = offsetof(struct user_details, picture) },
    { .name = "enabled",
      .kind = FIELD_BOOLEAN,
      .flags = FIELD_NULLABLE,
      .offset = offsetof(struct user_details, enabled) },
    { .name = "banned",
      .kind = FIELD_BOOLEAN,
      .flags = FIELD_NULLABLE,
      .offset = offsetof(struct user_details, banned) },
    { .name = "banned_at",
      .kind = FIELD_TIME,
      .flags = FIELD_NULLABLE,
      .offset = offsetof(struct user_details, banned_at) },
};

static const struct object_type details_type = { "UserDetails", "", sizeof(struct user_details),
                                                 FIELDS(details_fields) };

static const struct field fields[] = {
    { .name = "id",
      .kind = FIELD_TEXT,
      .flags = FIELD_REQUIRED,
      .offset = offsetof(struct user, id) },
    { .name = "object", .kind = FIELD_CONSTANT, .flags = FIELD_REQUIRED, .choices = object_name },
    { .name = "name",
      .kind = FIELD_TEXT,
      .flags = FIELD_NULLABLE,
      .offset = offsetof(struct user, name) },
    { .name = "email",
      .kind = FIELD_TEXT,
      .flags = FIELD_NULLABLE,
      .offset = offsetof(struct user, email) },
    { .name = "role",
      .kind = FIELD_TEXT,
      .flags = FIELD_NULLABLE,
      .offset = offsetof(struct user, role),
      .choices = user_roles },
    { .name = "added_at",
      .kind = FIELD_TIME,
      .flags = FIELD_REQUIRED,
      .offset = offsetof(struct user, added_at) },
    { .name = "created",
      .kind = FIELD_TIME,
      .offset = offsetof(struct user, added_at),
      .description = "The same as `added_at`: who comes back is a new user." },
    { .name = "is_default",
      .kind = FIELD_BOOLEAN,
      .offset = offsetof(struct user, is_default),
      .description = "Whether this is the person that the organization was made for." },
    { .name = "user",
      .kind = FIELD_OBJECT,
      .offset = offsetof(struct user, user),
      .type = &details_type },
    { .name = "is_service_account",
      .kind = FIELD_BOOLEAN,
      .offset = offsetof(struct user, is_service_account) },
    { .name = "is_scim_managed",
      .kind = FIELD_BOOLEAN,
      .offset = offsetof(struct user, is_scim_managed) },
    { .name = "api_key_last_used_at",
      .kind = FIELD_TIME,
      .flags = FIELD_NULLABLE,
      .offset = offsetof(struct user, api_key_last_used_at) },
    { .name = "technical_level",
      .kind = FIELD_TEXT,
      .flags = FIELD_NULLABLE,
      .offset = offsetof(struct user, technical_level) },
    { .name = "developer_persona",
      .kind = FIELD_TEXT,
      .flags = FIELD_NULLABLE,
      .offset = offsetof(struct user, developer_persona) },
    { .name = "admin_keys_after",
      .kind = FIELD_TEXT,
      .flags = FIELD_HIDDEN,
      .offset = offsetof(struct user, admin_keys_after) },
};

static const struct field update_fields[] = {
    { .name = "role",
      .kind = FIELD_TEXT,
      .flags = FIELD_NULLABLE,
      .offset = offsetof(struct user_update, role),
      .choices = user_roles },
    { .name = "role_id",
      .kind = FIELD_TEXT,
      .flags = FIELD_NULLABLE | FIELD_UNSUPPORTED,
      .offset = offsetof(struct user_update, role_id) },
    { .name = "technical_level",
      .kind = FIELD_TEXT,
      .flags = FIELD_NULLABLE,
      .offset = offsetof(struct user_update, technical_level),
      .maximum = NAME_LENGTH_MAXIMUM },
    { .name = "developer_persona",
      .kind = FIELD_TEXT,
      .flags = FIELD_NULLABLE,
      .offset = offsetof(struct user_update, developer_persona),
      .maximum = NAME_LENGTH_MAXIMUM },
};

static const struct field deleted_fields[] = DELETED_FIELDS(deleted_name);

const struct object_type user_type = { "User", "A person in the organization.", sizeof(struct user),
                                       FIELDS(fields) };
const struct object_type user_update_type = { "UserRoleUpdateRequest", "",
                                              sizeof(struct user_update), FIELDS(update_fields) };
const struct object_type user_deleted_type = { "UserDeleteResponse", "", sizeof(struct deleted),
                                               FIELDS(deleted_fields) };
