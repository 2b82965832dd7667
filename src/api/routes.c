#include "api/route.h"

#include "api/introspection.h"
#include "api/operational.h"
#include "domain/admin_api_keys.h"
#include "domain/audit_logs.h"
#include "domain/invites.h"
#include "domain/passwords.h"
#include "domain/project_api_keys.h"
#include "domain/project_users.h"
#include "domain/projects.h"
#include "domain/service_accounts.h"
#include "domain/sessions.h"
#include "domain/users.h"

#define ORGANIZATION "/v1/organization"
#define PROJECT ORGANIZATION "/projects/{project_id}"
#define ACCOUNT PROJECT "/service_accounts/{service_account_id}"

/* clang-format off */
/* The whole API. A page of a list, one object, one change: each row is one of three shapes. */
#define LIST(access, path, operation, summary, project, query, item, run) \
    { "GET", path, operation, summary, access, EFFECT_READ, project, &query, NULL, &item, true, AUDIT_NONE, run, NULL, false, NULL }
#define READ(access, path, operation, summary, project, output, run) \
    { "GET", path, operation, summary, access, EFFECT_READ, project, NULL, NULL, &output, false, AUDIT_NONE, run, NULL, false, NULL }
#define CHANGE(access, method, path, operation, summary, project, input, output, event, run) \
    { method, path, operation, summary, access, EFFECT_CHANGE, project, NULL, input, &output, false, event, run, NULL, false, NULL }
#define OPERATIONAL(path, operation, summary, is_internal, answer) \
    { "GET", path, operation, summary, ACCESS_ANYONE, EFFECT_READ, PROJECT_NONE, NULL, NULL, NULL, false, AUDIT_NONE, NULL, answer, is_internal, NULL }

static const struct route table[] = {
    OPERATIONAL("/healthz", "health", "Whether the process runs", false, answer_health),
    OPERATIONAL("/readyz", "readiness", "Whether checks, and admin calls, can be answered", true, answer_readiness),
    OPERATIONAL("/metrics", "metrics", "Numbers for Prometheus", true, answer_metrics),
    OPERATIONAL("/openapi.json", "openapi", "This document", false, answer_openapi),

    { "POST", "/oauth2/introspect", "introspect", "What there is to say of a key (RFC 7662)", ACCESS_OWNER, EFFECT_READ, PROJECT_NONE, NULL, &introspection_request_type, &introspection_type, false, AUDIT_NONE, NULL, answer_introspection, false, NULL },

    LIST(ACCESS_OWNER, ORGANIZATION "/admin_api_keys", "list-admin-api-keys", "List admin API keys", PROJECT_NONE, admin_api_key_query_type, admin_api_key_type, admin_api_key_list),
    CHANGE(ACCESS_OWNER, "POST", ORGANIZATION "/admin_api_keys", "create-admin-api-key", "Create an admin API key", PROJECT_NONE, &admin_api_key_create_type, admin_api_key_created_type, AUDIT_API_KEY_CREATED, admin_api_key_create),
    READ(ACCESS_OWNER, ORGANIZATION "/admin_api_keys/{key_id}", "retrieve-admin-api-key", "Retrieve an admin API key", PROJECT_NONE, admin_api_key_type, admin_api_key_retrieve),
    CHANGE(ACCESS_OWNER, "DELETE", ORGANIZATION "/admin_api_keys/{key_id}", "delete-admin-api-key", "Revoke an admin API key", PROJECT_NONE, NULL, admin_api_key_deleted_type, AUDIT_API_KEY_DELETED, admin_api_key_delete),

    LIST(ACCESS_PERSON, ORGANIZATION "/projects", "list-projects", "List projects", PROJECT_NONE, project_query_type, project_type, project_list),
    CHANGE(ACCESS_OWNER, "POST", ORGANIZATION "/projects", "create-project", "Create a project", PROJECT_NONE, &project_create_type, project_type, AUDIT_PROJECT_CREATED, project_create),
    READ(ACCESS_MEMBER, PROJECT, "retrieve-project", "Retrieve a project", PROJECT_ANY, project_type, project_retrieve),
    CHANGE(ACCESS_PROJECT_OWNER, "POST", PROJECT, "modify-project", "Rename a project", PROJECT_ACTIVE, &project_update_type, project_type, AUDIT_PROJECT_UPDATED, project_update),
    CHANGE(ACCESS_OWNER, "POST", PROJECT "/archive", "archive-project", "Archive a project: its keys end", PROJECT_ACTIVE, NULL, project_type, AUDIT_PROJECT_ARCHIVED, project_archive),

    LIST(ACCESS_MEMBER, PROJECT "/users", "list-project-users", "List the users of a project", PROJECT_ACTIVE, plain_query_type, project_user_type, project_user_list),
    CHANGE(ACCESS_PROJECT_OWNER, "POST", PROJECT "/users", "create-project-user", "Add a user to a project", PROJECT_ACTIVE, &project_user_create_type, project_user_type, AUDIT_ROLE_ASSIGNMENT_CREATED, project_user_create),
    READ(ACCESS_MEMBER, PROJECT "/users/{user_id}", "retrieve-project-user", "Retrieve a user of a project", PROJECT_ACTIVE, project_user_type, project_user_retrieve),
    CHANGE(ACCESS_PROJECT_OWNER, "POST", PROJECT "/users/{user_id}", "modify-project-user", "Change a user's role in a project", PROJECT_ACTIVE, &project_user_update_type, project_user_type, AUDIT_ROLE_ASSIGNMENT_CREATED, project_user_update),
    CHANGE(ACCESS_PROJECT_OWNER, "DELETE", PROJECT "/users/{user_id}", "delete-project-user", "Remove a user from a project", PROJECT_ACTIVE, NULL, project_user_deleted_type, AUDIT_ROLE_ASSIGNMENT_DELETED, project_user_delete),

    LIST(ACCESS_MEMBER, PROJECT "/service_accounts", "list-project-service-accounts", "List the service accounts of a project", PROJECT_ACTIVE, plain_query_type, service_account_type, service_account_list),
    CHANGE(ACCESS_PROJECT_OWNER, "POST", PROJECT "/service_accounts", "create-project-service-account", "Create a service account, and its first key", PROJECT_ACTIVE, &service_account_create_type, service_account_created_type, AUDIT_SERVICE_ACCOUNT_CREATED, service_account_create),
    READ(ACCESS_MEMBER, ACCOUNT, "retrieve-project-service-account", "Retrieve a service account", PROJECT_ACTIVE, service_account_type, service_account_retrieve),
    CHANGE(ACCESS_PROJECT_OWNER, "POST", ACCOUNT, "update-project-service-account", "Change a service account's name or role", PROJECT_ACTIVE, &service_account_update_type, service_account_type, AUDIT_SERVICE_ACCOUNT_UPDATED, service_account_update),
    CHANGE(ACCESS_PROJECT_OWNER, "DELETE", ACCOUNT, "delete-project-service-account", "Delete a service account: its keys end", PROJECT_ACTIVE, NULL, service_account_deleted_type, AUDIT_SERVICE_ACCOUNT_DELETED, service_account_delete),
    CHANGE(ACCESS_PROJECT_OWNER, "POST", ACCOUNT "/api_keys", "create-project-service-account-api-key", "Issue a key to a service account, or bring one in", PROJECT_ACTIVE, &service_account_api_key_create_type, service_account_api_key_type, AUDIT_API_KEY_CREATED, service_account_api_key_create),

    LIST(ACCESS_MEMBER, PROJECT "/api_keys", "list-project-api-keys", "List the keys of a project", PROJECT_ANY, project_api_key_query_type, project_api_key_type, project_api_key_list),
    CHANGE(ACCESS_MEMBER, "POST", PROJECT "/api_keys", "create-project-api-key", "Issue a person's key", PROJECT_ACTIVE, &project_api_key_create_type, project_api_key_created_type, AUDIT_API_KEY_CREATED, project_api_key_create),
    READ(ACCESS_MEMBER, PROJECT "/api_keys/{api_key_id}", "retrieve-project-api-key", "Retrieve a key of a project", PROJECT_ANY, project_api_key_type, project_api_key_retrieve),
    CHANGE(ACCESS_MEMBER, "POST", PROJECT "/api_keys/{api_key_id}", "update-project-api-key", "Change a key's scopes or expiry", PROJECT_ACTIVE, &project_api_key_update_type, project_api_key_type, AUDIT_API_KEY_UPDATED, project_api_key_update),
    CHANGE(ACCESS_MEMBER, "DELETE", PROJECT "/api_keys/{api_key_id}", "delete-project-api-key", "Revoke a key of a project", PROJECT_ANY, NULL, project_api_key_deleted_type, AUDIT_API_KEY_DELETED, project_api_key_delete),

    LIST(ACCESS_PERSON, ORGANIZATION "/project_api_keys", "list-organization-project-api-keys", "List the keys of all projects", PROJECT_NONE, organization_api_key_query_type, project_api_key_type, project_api_key_list_of_organization),

    LIST(ACCESS_OWNER, ORGANIZATION "/users", "list-users", "List the people of the organization", PROJECT_NONE, user_query_type, user_type, user_list),
    READ(ACCESS_PERSON, ORGANIZATION "/users/{user_id}", "retrieve-user", "Retrieve a person", PROJECT_NONE, user_type, user_retrieve),
    CHANGE(ACCESS_OWNER, "POST", ORGANIZATION "/users/{user_id}", "modify-user", "Change a person's role", PROJECT_NONE, &user_update_type, user_type, AUDIT_USER_UPDATED, user_update),
    CHANGE(ACCESS_OWNER, "DELETE", ORGANIZATION "/users/{user_id}", "delete-user", "Remove a person: their keys end", PROJECT_NONE, NULL, user_deleted_type, AUDIT_USER_DELETED, user_delete),

    LIST(ACCESS_PERSON, ORGANIZATION "/sessions", "list-sessions", "List where the caller is signed in", PROJECT_NONE, plain_query_type, session_type, session_list),
    { "POST", ORGANIZATION "/sessions", "create-session", "Sign in: the reply sets a cookie", ACCESS_ANYONE, EFFECT_CHANGE, PROJECT_NONE, NULL, &session_create_type, &session_type, false, AUDIT_LOGIN_SUCCEEDED, session_create, NULL, false, session_check },
    READ(ACCESS_PERSON, ORGANIZATION "/sessions/{session_id}", "retrieve-session", "Retrieve a session; `current` is the caller's own", PROJECT_NONE, session_type, session_retrieve),
    CHANGE(ACCESS_PERSON, "DELETE", ORGANIZATION "/sessions/{session_id}", "delete-session", "Sign out; `current` is the caller's own session", PROJECT_NONE, NULL, session_deleted_type, AUDIT_LOGOUT_SUCCEEDED, session_delete),

    { "POST", ORGANIZATION "/passwords", "set-password", "Set a password with the token of a link", ACCESS_ANYONE, EFFECT_CHANGE, PROJECT_NONE, NULL, &password_set_type, &user_type, false, AUDIT_USER_UPDATED, password_set, NULL, false, password_set_check },
    { "POST", ORGANIZATION "/password", "change-password", "Change the caller's password; their other sessions end", ACCESS_PERSON, EFFECT_CHANGE, PROJECT_NONE, NULL, &password_change_type, &user_type, false, AUDIT_USER_UPDATED, password_change, NULL, false, password_change_check },
    CHANGE(ACCESS_OWNER, "POST", ORGANIZATION "/users/{user_id}/password_link", "create-password-link", "Make a link by which a person sets a password", PROJECT_NONE, NULL, password_link_type, AUDIT_USER_UPDATED, password_link_create),

    LIST(ACCESS_OWNER, ORGANIZATION "/invites", "list-invites", "List invites", PROJECT_NONE, invite_query_type, invite_type, invite_list),
    CHANGE(ACCESS_OWNER, "POST", ORGANIZATION "/invites", "invite-user", "Invite a person", PROJECT_NONE, &invite_create_type, invite_created_type, AUDIT_INVITE_SENT, invite_create),
    { "POST", ORGANIZATION "/invites/accept", "accept-invite", "Join the organization with an invite's token", ACCESS_ANYONE, EFFECT_CHANGE, PROJECT_NONE, NULL, &invite_accept_type, &user_type, false, AUDIT_INVITE_ACCEPTED, invite_accept, NULL, false, invite_check_token },
    READ(ACCESS_OWNER, ORGANIZATION "/invites/{invite_id}", "retrieve-invite", "Retrieve an invite", PROJECT_NONE, invite_type, invite_retrieve),
    CHANGE(ACCESS_OWNER, "DELETE", ORGANIZATION "/invites/{invite_id}", "delete-invite", "Withdraw an invite", PROJECT_NONE, NULL, invite_deleted_type, AUDIT_INVITE_DELETED, invite_delete),
    CHANGE(ACCESS_OWNER, "POST", ORGANIZATION "/invites/{invite_id}/link", "renew-invite-link", "Make a new link of an invite; the old one ends", PROJECT_NONE, NULL, invite_created_type, AUDIT_INVITE_SENT, invite_link),

    LIST(ACCESS_OWNER, ORGANIZATION "/audit_logs", "list-audit-logs", "List what was changed, newest first", PROJECT_NONE, audit_log_query_type, audit_log_type, audit_log_list),
};
/* clang-format on */

const struct route *routes(size_t *ret_count)
{
    *ret_count = sizeof table / sizeof table[0];
    return table;
}

/* Compares a path with a template, segment by segment. */
static bool matches(const char *template, struct text path, struct text *ret_parameters)
{
    struct text rest = text_of(template);
    size_t parameters = 0;
    while (rest.length > 0 && path.length > 0) {
        struct text expected = text_cut(&rest, '/');
        bool last = text_find(path, '/') == path.length;
        struct text segment = text_cut(&path, '/');
        if (expected.length > 0 && expected.data[0] == '{') {
            if (segment.length == 0) {
                return false;
            }
            ret_parameters[parameters++] = segment;
        } else if (!text_equal(expected, segment)) {
            return false;
        }
        if (last != (rest.length == 0)) {
            return false;
        }
    }
    return rest.length == 0 && path.length == 0;
}

enum route_match route_find(struct text method, struct text path, const struct route **ret_route,
                            struct text ret_parameters[WORK_PATH_MAXIMUM])
{
    enum route_match found = ROUTE_UNKNOWN_PATH;
    struct text wanted = text_equal(method, TEXT("HEAD")) ? TEXT("GET") : method;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        if (matches(table[i].path, path, ret_parameters)) {
            *ret_route = &table[i];
            if (text_equal(text_of(table[i].method), wanted)) {
                return ROUTE_FOUND;
            }
            found = ROUTE_OTHER_METHOD;
        }
    }
    return found;
}

void route_write_methods(struct text path, struct buffer *buffer)
{
    struct text separator = TEXT("");
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct text parameters[WORK_PATH_MAXIMUM];
        if (!matches(table[i].path, path, parameters)) {
            continue;
        }
        buffer_append(buffer, separator);
        buffer_append(buffer, text_of(table[i].method));
        if (text_equal(text_of(table[i].method), TEXT("GET"))) {
            buffer_append(buffer, TEXT(", HEAD"));
        }
        separator = TEXT(", ");
    }
}
