#include "model/session.h"

#include "model/deleted.h"
#include "model/limits.h"
#include "model/user.h"

static const char *const object_name[] = { "organization.session", NULL };
static const char *const deleted_name[] = { "organization.session.deleted", NULL };

static const struct field organization_fields[] = {
    { .name = "id",
      .kind = FIELD_TEXT,
      .flags = FIELD_REQUIRED,
      .offset = offsetof(struct session_organization, id) },
    { .name = "name",
      .kind = FIELD_TEXT,
      .flags = FIELD_REQUIRED,
      .offset = offsetof(struct session_organization, name) },
};
static const struct object_type organization_type = { "SessionOrganization", "",
                                                      sizeof(struct session_organization),
                                                      FIELDS(organization_fields) };

static const struct field user_fields[] = {
    { .name = "id",
      .kind = FIELD_TEXT,
      .flags = FIELD_REQUIRED,
      .offset = offsetof(struct session_user, id) },
    { .name = "name",
      .kind = FIELD_TEXT,
      .flags = FIELD_REQUIRED,
      .offset = offsetof(struct session_user, name) },
    { .name = "email",
      .kind = FIELD_TEXT,
      .flags = FIELD_REQUIRED,
      .offset = offsetof(struct session_user, email) },
    { .name = "role",
      .kind = FIELD_TEXT,
      .flags = FIELD_REQUIRED,
      .offset = offsetof(struct session_user, role),
      .choices = user_roles },
};
static const struct object_type session_user_type = { "SessionUser", "",
                                                      sizeof(struct session_user),
                                                      FIELDS(user_fields) };

static const struct field fields[] = {
    { .name = "id",
      .kind = FIELD_TEXT,
      .flags = FIELD_REQUIRED,
      .offset = offsetof(struct session, id) },
    { .name = "object", .kind = FIELD_CONSTANT, .flags = FIELD_REQUIRED, .choices = object_name },
    { .name = "organization",
      .kind = FIELD_OBJECT,
      .flags = FIELD_REQUIRED,
      .offset = offsetof(struct session, organization),
      .type = &organization_type },
    { .name = "user",
      .kind = FIELD_OBJECT,
      .flags = FIELD_REQUIRED,
      .offset = offsetof(struct session, user),
      .type = &session_user_type },
    { .name = "admin_api_key_id",
      .kind = FIELD_TEXT,
      .flags = FIELD_NULLABLE,
      .offset = offsetof(struct session, admin_api_key_id),
      .description = "The admin key that the session began with, and ends with; null when it began "
                     "with a password." },
    { .name = "created_at",
      .kind = FIELD_TIME,
      .flags = FIELD_REQUIRED,
      .offset = offsetof(struct session, created_at) },
    { .name = "last_used_at",
      .kind = FIELD_TIME,
      .flags = FIELD_REQUIRED,
      .offset = offsetof(struct session, last_used_at),
      .description = "Written at most once a minute." },
    { .name = "expires_at",
      .kind = FIELD_TIME,
      .flags = FIELD_REQUIRED,
      .offset = offsetof(struct session, expires_at),
      .description = "However much it is used; it also ends when it was not used for long." },
    { .name = "address",
      .kind = FIELD_TEXT,
      .flags = FIELD_NULLABLE,
      .offset = offsetof(struct session, address),
      .description = "The client's address when it signed in." },
    { .name = "user_agent",
      .kind = FIELD_TEXT,
      .flags = FIELD_NULLABLE,
      .offset = offsetof(struct session, user_agent),
      .description = "What the client called itself when it signed in." },
    { .name = "is_current",
      .kind = FIELD_BOOLEAN,
      .flags = FIELD_REQUIRED,
      .offset = offsetof(struct session, is_current),
      .description = "Whether this call was made with it." },
};

static const struct field create_fields[] = {
    { .name = "email",
      .kind = FIELD_TEXT,
      .offset = offsetof(struct session_create, email),
      .maximum = EMAIL_LENGTH_MAXIMUM,
      .description = "With `password`; or `admin_key` alone." },
    { .name = "password",
      .kind = FIELD_TEXT,
      .flags = FIELD_SECRET,
      .offset = offsetof(struct session_create, password),
      .maximum = PASSWORD_LENGTH_MAXIMUM },
    { .name = "organization_id",
      .kind = FIELD_TEXT,
      .flags = FIELD_NULLABLE,
      .offset = offsetof(struct session_create, organization_id),
      .format = FORMAT_ID,
      .description = "Where the person is known by `email`; left out: the first organization." },
    { .name = "admin_key",
      .kind = FIELD_TEXT,
      .flags = FIELD_SECRET,
      .offset = offsetof(struct session_create, admin_key),
      .maximum = KEY_LENGTH_MAXIMUM,
      .description = "An admin key instead of a password: the session ends with it." },
};

static const struct field deleted_fields[] = DELETED_FIELDS(deleted_name);

const struct object_type session_type = { "Session", "That somebody is signed in to the dashboard.",
                                          sizeof(struct session), FIELDS(fields) };
const struct object_type session_create_type = { "SessionRequest", "",
                                                 sizeof(struct session_create),
                                                 FIELDS(create_fields) };
const struct object_type session_deleted_type = { "SessionDeleteResponse", "",
                                                  sizeof(struct deleted), FIELDS(deleted_fields) };
