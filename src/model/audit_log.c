#include "model/audit_log.h"

#include "base/result.h"

/* ---- Details ---- */

static const struct field role_fields[] = {
    { .name = "role", .kind = FIELD_TEXT, .offset = offsetof(struct audit_payload, role) },
};
static const struct field user_change_fields[] = {
    { .name = "role", .kind = FIELD_TEXT, .offset = offsetof(struct audit_payload, role) },
    { .name = "password",
      .kind = FIELD_TEXT,
      .flags = FIELD_OURS,
      .offset = offsetof(struct audit_payload, password) },
};
static const struct field invite_fields[] = {
    { .name = "email", .kind = FIELD_TEXT, .offset = offsetof(struct audit_payload, email) },
    { .name = "role", .kind = FIELD_TEXT, .offset = offsetof(struct audit_payload, role) },
};
static const struct field organization_fields[] = {
    { .name = "name", .kind = FIELD_TEXT, .offset = offsetof(struct audit_payload, name) },
    { .name = "description",
      .kind = FIELD_TEXT,
      .offset = offsetof(struct audit_payload, description) },
};
static const struct field name_and_title_fields[] = {
    { .name = "name", .kind = FIELD_TEXT, .offset = offsetof(struct audit_payload, name) },
    { .name = "title", .kind = FIELD_TEXT, .offset = offsetof(struct audit_payload, title) },
};
static const struct field title_fields[] = {
    { .name = "title", .kind = FIELD_TEXT, .offset = offsetof(struct audit_payload, title) },
};
static const struct field scopes_fields[] = {
    { .name = "scopes", .kind = FIELD_TEXT_LIST, .offset = offsetof(struct audit_payload, scopes) },
};
static const struct field key_change_fields[] = {
    { .name = "scopes", .kind = FIELD_TEXT_LIST, .offset = offsetof(struct audit_payload, scopes) },
    { .name = "expires_in_seconds",
      .kind = FIELD_INTEGER,
      .offset = offsetof(struct audit_payload, expires_in_seconds) },
};

#define PAYLOAD_TYPE(array)                                 \
    {                                                       \
        "", "", sizeof(struct audit_payload), FIELDS(array) \
    }

static const struct object_type role_type = PAYLOAD_TYPE(role_fields);
static const struct object_type user_change_type = PAYLOAD_TYPE(user_change_fields);
static const struct object_type invite_payload_type = PAYLOAD_TYPE(invite_fields);
static const struct object_type organization_payload_type = PAYLOAD_TYPE(organization_fields);
static const struct object_type name_and_title_type = PAYLOAD_TYPE(name_and_title_fields);
static const struct object_type title_type = PAYLOAD_TYPE(title_fields);
static const struct object_type scopes_type = PAYLOAD_TYPE(scopes_fields);
static const struct object_type key_change_type = PAYLOAD_TYPE(key_change_fields);

#define ID_FIELD                                                                      \
    {                                                                                 \
        .name = "id", .kind = FIELD_TEXT, .offset = offsetof(struct audit_detail, id) \
    }
/* So that the log can be read when what it is about is gone. */
#define NAME_FIELD                                               \
    {                                                            \
        .name = "name", .kind = FIELD_TEXT, .flags = FIELD_OURS, \
        .offset = offsetof(struct audit_detail, name)            \
    }
#define PAYLOAD_FIELD(field_name, payload_type)                                   \
    {                                                                             \
        .name = (field_name), .kind = FIELD_OBJECT,                               \
        .offset = offsetof(struct audit_detail, payload), .type = &(payload_type) \
    }

static const struct field id_fields[] = { ID_FIELD };
static const struct field name_fields[] = { ID_FIELD, NAME_FIELD };
static const struct field key_created_fields[] = { ID_FIELD, NAME_FIELD,
                                                   PAYLOAD_FIELD("data", scopes_type) };
static const struct field key_updated_fields[] = {
    ID_FIELD,
    NAME_FIELD,
    PAYLOAD_FIELD("changes_requested", key_change_type),
};
static const struct field invite_sent_fields[] = {
    ID_FIELD,
    PAYLOAD_FIELD("data", invite_payload_type),
};
static const struct field organization_updated_fields[] = {
    ID_FIELD,
    PAYLOAD_FIELD("changes_requested", organization_payload_type),
};
static const struct field project_created_fields[] = {
    ID_FIELD,
    PAYLOAD_FIELD("data", name_and_title_type),
};
static const struct field project_updated_fields[] = {
    ID_FIELD,
    PAYLOAD_FIELD("changes_requested", title_type),
};
static const struct field with_role_fields[] = { ID_FIELD, NAME_FIELD,
                                                 PAYLOAD_FIELD("data", role_type) };
static const struct field role_change_fields[] = {
    ID_FIELD,
    NAME_FIELD,
    PAYLOAD_FIELD("changes_requested", role_type),
};
static const struct field user_updated_fields[] = {
    ID_FIELD,
    NAME_FIELD,
    PAYLOAD_FIELD("changes_requested", user_change_type),
};
static const struct field role_assignment_fields[] = {
    ID_FIELD,
    { .name = "principal_id",
      .kind = FIELD_TEXT,
      .offset = offsetof(struct audit_detail, principal_id) },
    { .name = "principal_name",
      .kind = FIELD_TEXT,
      .flags = FIELD_OURS,
      .offset = offsetof(struct audit_detail, name) },
    { .name = "principal_type",
      .kind = FIELD_TEXT,
      .offset = offsetof(struct audit_detail, principal_type) },
    { .name = "resource_id",
      .kind = FIELD_TEXT,
      .offset = offsetof(struct audit_detail, resource_id) },
    { .name = "resource_type",
      .kind = FIELD_TEXT,
      .offset = offsetof(struct audit_detail, resource_type) },
};

static const struct field login_failed_fields[] = {
    ID_FIELD,
    { .name = "error_code",
      .kind = FIELD_TEXT,
      .offset = offsetof(struct audit_detail, error_code) },
    { .name = "error_message",
      .kind = FIELD_TEXT,
      .offset = offsetof(struct audit_detail, error_message) },
};

#define DETAIL_TYPE(array)                                 \
    {                                                      \
        "", "", sizeof(struct audit_detail), FIELDS(array) \
    }

static const struct object_type id_type = DETAIL_TYPE(id_fields);
static const struct object_type name_type = DETAIL_TYPE(name_fields);
static const struct object_type key_created_type = DETAIL_TYPE(key_created_fields);
static const struct object_type key_updated_type = DETAIL_TYPE(key_updated_fields);
static const struct object_type invite_sent_type = DETAIL_TYPE(invite_sent_fields);
static const struct object_type organization_updated_type =
    DETAIL_TYPE(organization_updated_fields);
static const struct object_type project_created_type = DETAIL_TYPE(project_created_fields);
static const struct object_type project_updated_type = DETAIL_TYPE(project_updated_fields);
static const struct object_type with_role_type = DETAIL_TYPE(with_role_fields);
static const struct object_type role_change_type = DETAIL_TYPE(role_change_fields);
static const struct object_type user_updated_type = DETAIL_TYPE(user_updated_fields);
static const struct object_type role_assignment_type = DETAIL_TYPE(role_assignment_fields);

static const struct object_type login_failed_type = DETAIL_TYPE(login_failed_fields);

static const struct audit_event_description events[AUDIT_EVENT_COUNT] = {
    [AUDIT_NONE] = { "", &id_type },
    [AUDIT_API_KEY_CREATED] = { "api_key.created", &key_created_type },
    [AUDIT_API_KEY_UPDATED] = { "api_key.updated", &key_updated_type },
    [AUDIT_API_KEY_DELETED] = { "api_key.deleted", &name_type },
    [AUDIT_INVITE_SENT] = { "invite.sent", &invite_sent_type },
    [AUDIT_INVITE_ACCEPTED] = { "invite.accepted", &name_type },
    [AUDIT_INVITE_DELETED] = { "invite.deleted", &name_type },
    [AUDIT_LOGIN_SUCCEEDED] = { "login.succeeded", &id_type },
    [AUDIT_LOGIN_FAILED] = { "login.failed", &login_failed_type },
    [AUDIT_LOGOUT_SUCCEEDED] = { "logout.succeeded", &id_type },
    [AUDIT_ORGANIZATION_UPDATED] = { "organization.updated", &organization_updated_type },
    [AUDIT_PROJECT_CREATED] = { "project.created", &project_created_type },
    [AUDIT_PROJECT_UPDATED] = { "project.updated", &project_updated_type },
    [AUDIT_PROJECT_ARCHIVED] = { "project.archived", &id_type },
    [AUDIT_ROLE_ASSIGNMENT_CREATED] = { "role.assignment.created", &role_assignment_type },
    [AUDIT_ROLE_ASSIGNMENT_DELETED] = { "role.assignment.deleted", &role_assignment_type },
    [AUDIT_SERVICE_ACCOUNT_CREATED] = { "service_account.created", &with_role_type },
    [AUDIT_SERVICE_ACCOUNT_UPDATED] = { "service_account.updated", &role_change_type },
    [AUDIT_SERVICE_ACCOUNT_DELETED] = { "service_account.deleted", &name_type },
    [AUDIT_USER_ADDED] = { "user.added", &with_role_type },
    [AUDIT_USER_UPDATED] = { "user.updated", &user_updated_type },
    [AUDIT_USER_DELETED] = { "user.deleted", &name_type },
};

const struct audit_event_description *audit_event_describe(enum audit_event event)
{
    ASSERT(event < AUDIT_EVENT_COUNT);
    return &events[event];
}

/* ---- Actors ---- */

static const char *const actor_types[] = { "session", "api_key", NULL };
static const char *const key_types[] = { "user", "service_account", NULL };

static const struct field actor_user_fields[] = {
    { .name = "id", .kind = FIELD_TEXT, .offset = offsetof(struct audit_actor_user, id) },
    { .name = "email", .kind = FIELD_TEXT, .offset = offsetof(struct audit_actor_user, email) },
};
static const struct object_type actor_user_type = { "AuditLogActorUser", "",
                                                    sizeof(struct audit_actor_user),
                                                    FIELDS(actor_user_fields) };

static const struct field actor_session_fields[] = {
    { .name = "user",
      .kind = FIELD_OBJECT,
      .offset = offsetof(struct audit_actor_session, user),
      .type = &actor_user_type },
    { .name = "ip_address",
      .kind = FIELD_TEXT,
      .offset = offsetof(struct audit_actor_session, ip_address) },
    { .name = "id",
      .kind = FIELD_TEXT,
      .flags = FIELD_OURS,
      .offset = offsetof(struct audit_actor_session, id),
      .description = "The id of the session." },
    { .name = "admin_api_key_id",
      .kind = FIELD_TEXT,
      .flags = FIELD_OURS,
      .offset = offsetof(struct audit_actor_session, admin_api_key_id),
      .description = "The admin key that the session began with; left out: a password." },
};
static const struct object_type actor_session_type = { "AuditLogActorSession", "",
                                                       sizeof(struct audit_actor_session),
                                                       FIELDS(actor_session_fields) };

static const struct field actor_api_key_fields[] = {
    { .name = "id",
      .kind = FIELD_TEXT,
      .offset = offsetof(struct audit_actor_api_key, id),
      .description = "The id of the key." },
    { .name = "type",
      .kind = FIELD_TEXT,
      .offset = offsetof(struct audit_actor_api_key, type),
      .choices = key_types },
    { .name = "user",
      .kind = FIELD_OBJECT,
      .offset = offsetof(struct audit_actor_api_key, user),
      .type = &actor_user_type },
    { .name = "ip_address",
      .kind = FIELD_TEXT,
      .flags = FIELD_OURS,
      .offset = offsetof(struct audit_actor_api_key, ip_address) },
};
static const struct object_type actor_api_key_type = { "AuditLogActorApiKey", "",
                                                       sizeof(struct audit_actor_api_key),
                                                       FIELDS(actor_api_key_fields) };

static const struct field actor_fields[] = {
    { .name = "type",
      .kind = FIELD_TEXT,
      .offset = offsetof(struct audit_actor, type),
      .choices = actor_types },
    { .name = "session",
      .kind = FIELD_OBJECT,
      .offset = offsetof(struct audit_actor, session),
      .type = &actor_session_type },
    { .name = "api_key",
      .kind = FIELD_OBJECT,
      .offset = offsetof(struct audit_actor, api_key),
      .type = &actor_api_key_type },
};
const struct object_type audit_actor_type = { "AuditLogActor", "Who did it.",
                                              sizeof(struct audit_actor), FIELDS(actor_fields) };

/* ---- The log ---- */

static const struct field project_fields[] = {
    { .name = "id", .kind = FIELD_TEXT, .offset = offsetof(struct audit_log_project, id) },
    { .name = "name", .kind = FIELD_TEXT, .offset = offsetof(struct audit_log_project, name) },
};
static const struct object_type project_type_table = { "AuditLogProject", "",
                                                       sizeof(struct audit_log_project),
                                                       FIELDS(project_fields) };

static const struct field fields[] = {
    { .name = "id",
      .kind = FIELD_TEXT,
      .flags = FIELD_REQUIRED,
      .offset = offsetof(struct audit_log, id) },
    { .name = "type",
      .kind = FIELD_TEXT,
      .flags = FIELD_REQUIRED,
      .offset = offsetof(struct audit_log, type),
      .description = "What happened; the member of this name says more." },
    { .name = "effective_at",
      .kind = FIELD_TIME,
      .flags = FIELD_REQUIRED,
      .offset = offsetof(struct audit_log, effective_at) },
    { .name = "project",
      .kind = FIELD_OBJECT,
      .offset = offsetof(struct audit_log, project),
      .type = &project_type_table },
    { .name = "actor",
      .kind = FIELD_JSON,
      .flags = FIELD_NULLABLE,
      .offset = offsetof(struct audit_log, actor),
      .type = &audit_actor_type,
      .description = "Null: somebody with access to the server itself." },
    { .name = "",
      .kind = FIELD_DETAIL,
      .offset = offsetof(struct audit_log, detail),
      .name_offset = offsetof(struct audit_log, type) },
};

const struct object_type audit_log_type = { "AuditLog", "A change, and who made it.",
                                            sizeof(struct audit_log), FIELDS(fields) };
