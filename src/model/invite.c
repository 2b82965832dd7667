#include "model/invite.h"

#include "model/deleted.h"
#include "model/limits.h"
#include "model/project_user.h"
#include "model/user.h"

const char *const invite_statuses[] = { "accepted", "expired", "pending", NULL };

static const char *const object_name[] = { "organization.invite", NULL };
static const char *const deleted_name[] = { "organization.invite.deleted", NULL };

static const struct field project_fields[] = {
    { .name = "id",
      .kind = FIELD_TEXT,
      .flags = FIELD_REQUIRED,
      .offset = offsetof(struct invite_project, id),
      .format = FORMAT_ID },
    { .name = "role",
      .kind = FIELD_TEXT,
      .flags = FIELD_REQUIRED,
      .offset = offsetof(struct invite_project, role),
      .choices = project_user_roles },
};

const struct object_type invite_project_type = { "InviteProject", "", sizeof(struct invite_project),
                                                 FIELDS(project_fields) };

/* The same in a request, where it has limits. */
static const struct object_type requested_project_type = { "InviteRequestProject", "",
                                                           sizeof(struct invite_project),
                                                           FIELDS(project_fields) };

/* Only describes `projects`, which is stored and shown as JSON. */
static const struct field projects_fields[] = {
    { .name = "projects",
      .kind = FIELD_OBJECT_LIST,
      .type = &invite_project_type,
      .maximum = INVITE_PROJECTS_MAXIMUM },
};
static const struct object_type projects_type = { "", "", 0, FIELDS(projects_fields) };

/* `invite_url` is the last one, so that the type without it is the same table, one row shorter. */
static const struct field fields[] = {
    { .name = "id",
      .kind = FIELD_TEXT,
      .flags = FIELD_REQUIRED,
      .offset = offsetof(struct invite, id) },
    { .name = "object", .kind = FIELD_CONSTANT, .flags = FIELD_REQUIRED, .choices = object_name },
    { .name = "email",
      .kind = FIELD_TEXT,
      .flags = FIELD_REQUIRED,
      .offset = offsetof(struct invite, email) },
    { .name = "role",
      .kind = FIELD_TEXT,
      .flags = FIELD_REQUIRED,
      .offset = offsetof(struct invite, role),
      .choices = user_roles },
    { .name = "status",
      .kind = FIELD_TEXT,
      .flags = FIELD_REQUIRED,
      .offset = offsetof(struct invite, status),
      .choices = invite_statuses },
    { .name = "created_at",
      .kind = FIELD_TIME,
      .flags = FIELD_REQUIRED,
      .offset = offsetof(struct invite, created_at) },
    { .name = "expires_at",
      .kind = FIELD_TIME,
      .flags = FIELD_NULLABLE,
      .offset = offsetof(struct invite, expires_at) },
    { .name = "accepted_at",
      .kind = FIELD_TIME,
      .flags = FIELD_NULLABLE,
      .offset = offsetof(struct invite, accepted_at) },
    { .name = "projects",
      .kind = FIELD_JSON,
      .flags = FIELD_REQUIRED,
      .offset = offsetof(struct invite, projects),
      .type = &projects_type,
      .description = "What the person becomes a member of, in the order given." },
    { .name = "invite_url",
      .kind = FIELD_TEXT,
      .flags = FIELD_REQUIRED | FIELD_SECRET | FIELD_OURS,
      .offset = offsetof(struct invite, invite_url),
      .description = "The link to hand over. Shown in this reply and never again." },
};

static const struct field create_fields[] = {
    { .name = "email",
      .kind = FIELD_TEXT,
      .flags = FIELD_REQUIRED,
      .offset = offsetof(struct invite_create, email),
      .minimum = 3,
      .maximum = EMAIL_LENGTH_MAXIMUM,
      .format = FORMAT_EMAIL },
    { .name = "role",
      .kind = FIELD_TEXT,
      .flags = FIELD_REQUIRED,
      .offset = offsetof(struct invite_create, role),
      .choices = user_roles },
    { .name = "projects",
      .kind = FIELD_OBJECT_LIST,
      .offset = offsetof(struct invite_create, projects),
      .type = &requested_project_type,
      .maximum = INVITE_PROJECTS_MAXIMUM,
      .description = "Left out: the default project, as a member. Empty: none." },
};

static const struct field accept_fields[] = {
    { .name = "token",
      .kind = FIELD_TEXT,
      .flags = FIELD_REQUIRED | FIELD_SECRET,
      .offset = offsetof(struct invite_accept, token),
      .minimum = 1,
      .maximum = 128,
      .description = "What follows the `#` of the invite's link." },
    { .name = "name",
      .kind = FIELD_TEXT,
      .flags = FIELD_REQUIRED,
      .offset = offsetof(struct invite_accept, name),
      .minimum = 1,
      .maximum = NAME_LENGTH_MAXIMUM },
    { .name = "password",
      .kind = FIELD_TEXT,
      .flags = FIELD_NULLABLE | FIELD_SECRET,
      .offset = offsetof(struct invite_accept, password),
      .minimum = PASSWORD_LENGTH_MINIMUM,
      .maximum = PASSWORD_LENGTH_MAXIMUM,
      .description = "To sign in to the dashboard with." },
};

static const struct field deleted_fields[] = DELETED_FIELDS(deleted_name);

const struct object_type invite_type = { "Invite", "An invitation to join the organization.",
                                         sizeof(struct invite), fields,
                                         sizeof fields / sizeof fields[0] - 1 };
const struct object_type invite_created_type = { "InviteWithLink", "", sizeof(struct invite),
                                                 FIELDS(fields) };
const struct object_type invite_create_type = { "InviteRequest", "", sizeof(struct invite_create),
                                                FIELDS(create_fields) };
const struct object_type invite_accept_type = { "InviteAcceptRequest", "",
                                                sizeof(struct invite_accept),
                                                FIELDS(accept_fields) };
const struct object_type invite_deleted_type = { "InviteDeleteResponse", "", sizeof(struct deleted),
                                                 FIELDS(deleted_fields) };
