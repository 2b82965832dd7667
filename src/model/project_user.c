#include "model/project_user.h"

#include "model/deleted.h"
#include "model/limits.h"
#include "model/user.h"

const char *const project_user_roles[] = { "owner", "member", NULL };

static const char *const object_name[] = { "organization.project.user", NULL };
static const char *const deleted_name[] = { "organization.project.user.deleted", NULL };

static const struct field fields[] = {
    { .name = "id",
      .kind = FIELD_TEXT,
      .flags = FIELD_REQUIRED,
      .offset = offsetof(struct project_user, id) },
    { .name = "object", .kind = FIELD_CONSTANT, .flags = FIELD_REQUIRED, .choices = object_name },
    { .name = "name",
      .kind = FIELD_TEXT,
      .flags = FIELD_NULLABLE,
      .offset = offsetof(struct project_user, name) },
    { .name = "email",
      .kind = FIELD_TEXT,
      .flags = FIELD_NULLABLE,
      .offset = offsetof(struct project_user, email) },
    { .name = "role",
      .kind = FIELD_TEXT,
      .flags = FIELD_REQUIRED,
      .offset = offsetof(struct project_user, role),
      .choices = project_user_roles },
    { .name = "organization_role",
      .kind = FIELD_TEXT,
      .flags = FIELD_REQUIRED | FIELD_OURS,
      .offset = offsetof(struct project_user, organization_role),
      .choices = user_roles,
      .description = "An owner of the organization is an owner of every project, which no project "
                     "can change." },
    { .name = "added_at",
      .kind = FIELD_TIME,
      .flags = FIELD_REQUIRED,
      .offset = offsetof(struct project_user, added_at) },
    { .name = "is_member",
      .kind = FIELD_BOOLEAN,
      .flags = FIELD_HIDDEN,
      .offset = offsetof(struct project_user, is_member) },
};

static const struct field create_fields[] = {
    { .name = "user_id",
      .kind = FIELD_TEXT,
      .flags = FIELD_NULLABLE,
      .offset = offsetof(struct project_user_create, user_id),
      .format = FORMAT_ID,
      .description = "A user of the organization. Either this or `email`." },
    { .name = "email",
      .kind = FIELD_TEXT,
      .flags = FIELD_NULLABLE,
      .offset = offsetof(struct project_user_create, email),
      .maximum = EMAIL_LENGTH_MAXIMUM,
      .format = FORMAT_EMAIL },
    { .name = "role",
      .kind = FIELD_TEXT,
      .flags = FIELD_REQUIRED,
      .offset = offsetof(struct project_user_create, role),
      .choices = project_user_roles },
};

static const struct field update_fields[] = {
    { .name = "role",
      .kind = FIELD_TEXT,
      .flags = FIELD_NULLABLE,
      .offset = offsetof(struct project_user_update, role),
      .choices = project_user_roles },
};

static const struct field deleted_fields[] = DELETED_FIELDS(deleted_name);

const struct object_type project_user_type = { "ProjectUser", "A user in a project.",
                                               sizeof(struct project_user), FIELDS(fields) };
const struct object_type project_user_create_type = { "ProjectUserCreateRequest", "",
                                                      sizeof(struct project_user_create),
                                                      FIELDS(create_fields) };
const struct object_type project_user_update_type = { "ProjectUserUpdateRequest", "",
                                                      sizeof(struct project_user_update),
                                                      FIELDS(update_fields) };
const struct object_type project_user_deleted_type = { "ProjectUserDeleteResponse", "",
                                                       sizeof(struct deleted),
                                                       FIELDS(deleted_fields) };
