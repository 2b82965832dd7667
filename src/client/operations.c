#include "client/operations.h"

#include "base/result.h"
#include "client/resources.h"
#include "model/list_query.h"

#define ORGANIZATION "/organization"
#define PROJECT ORGANIZATION "/projects/{project_id}"
#define ACCOUNT PROJECT "/service_accounts/{service_account_id}"

/* The replies to every DELETE differ in `object` only. */
static const struct resource deleted_resource = { &project_api_key_deleted_type, NULL };

/* clang-format off */
static const struct operation_description operations[OPERATION_COUNT] = {
    [LIST_ADMIN_API_KEYS] = { "GET", ORGANIZATION "/admin_api_keys", &admin_api_key_query_type, NULL, &admin_api_key_resource },
    [CREATE_ADMIN_API_KEY] = { "POST", ORGANIZATION "/admin_api_keys", NULL, &admin_api_key_create_type, &admin_api_key_resource },
    [RETRIEVE_ADMIN_API_KEY] = { "GET", ORGANIZATION "/admin_api_keys/{key_id}", NULL, NULL, &admin_api_key_resource },
    [DELETE_ADMIN_API_KEY] = { "DELETE", ORGANIZATION "/admin_api_keys/{key_id}", NULL, NULL, &deleted_resource },

    [LIST_PROJECTS] = { "GET", ORGANIZATION "/projects", &project_query_type, NULL, &project_resource },
    [CREATE_PROJECT] = { "POST", ORGANIZATION "/projects", NULL, &project_create_type, &project_resource },
    [RETRIEVE_PROJECT] = { "GET", PROJECT, NULL, NULL, &project_resource },
    [UPDATE_PROJECT] = { "POST", PROJECT, NULL, &project_update_type, &project_resource },
    [ARCHIVE_PROJECT] = { "POST", PROJECT "/archive", NULL, NULL, &project_resource },

    [LIST_PROJECT_USERS] = { "GET", PROJECT "/users", &plain_query_type, NULL, &project_user_resource },
    [CREATE_PROJECT_USER] = { "POST", PROJECT "/users", NULL, &project_user_create_type, &project_user_resource },
    [RETRIEVE_PROJECT_USER] = { "GET", PROJECT "/users/{user_id}", NULL, NULL, &project_user_resource },
    [UPDATE_PROJECT_USER] = { "POST", PROJECT "/users/{user_id}", NULL, &project_user_update_type, &project_user_resource },
    [DELETE_PROJECT_USER] = { "DELETE", PROJECT "/users/{user_id}", NULL, NULL, &deleted_resource },

    [LIST_SERVICE_ACCOUNTS] = { "GET", PROJECT "/service_accounts", &plain_query_type, NULL, &service_account_resource },
    [CREATE_SERVICE_ACCOUNT] = { "POST", PROJECT "/service_accounts", NULL, &service_account_create_type, &service_account_resource },
    [RETRIEVE_SERVICE_ACCOUNT] = { "GET", ACCOUNT, NULL, NULL, &service_account_resource },
    [UPDATE_SERVICE_ACCOUNT] = { "POST", ACCOUNT, NULL, &service_account_update_type, &service_account_resource },
    [DELETE_SERVICE_ACCOUNT] = { "DELETE", ACCOUNT, NULL, NULL, &deleted_resource },
    [CREATE_SERVICE_ACCOUNT_API_KEY] = { "POST", ACCOUNT "/api_keys", NULL, &service_account_api_key_create_type, &service_account_api_key_resource },

    [LIST_PROJECT_API_KEYS] = { "GET", PROJECT "/api_keys", &project_api_key_query_type, NULL, &project_api_key_resource },
    [CREATE_PROJECT_API_KEY] = { "POST", PROJECT "/api_keys", NULL, &project_api_key_create_type, &project_api_key_resource },
    [RETRIEVE_PROJECT_API_KEY] = { "GET", PROJECT "/api_keys/{api_key_id}", NULL, NULL, &project_api_key_resource },
    [UPDATE_PROJECT_API_KEY] = { "POST", PROJECT "/api_keys/{api_key_id}", NULL, &project_api_key_update_type, &project_api_key_resource },
    [DELETE_PROJECT_API_KEY] = { "DELETE", PROJECT "/api_keys/{api_key_id}", NULL, NULL, &deleted_resource },
    [LIST_ORGANIZATION_PROJECT_API_KEYS] = { "GET", ORGANIZATION "/project_api_keys", &organization_api_key_query_type, NULL, &project_api_key_resource },

    [LIST_USERS] = { "GET", ORGANIZATION "/users", &user_query_type, NULL, &user_resource },
    [RETRIEVE_USER] = { "GET", ORGANIZATION "/users/{user_id}", NULL, NULL, &user_resource },
    [UPDATE_USER] = { "POST", ORGANIZATION "/users/{user_id}", NULL, &user_update_type, &user_resource },
    [DELETE_USER] = { "DELETE", ORGANIZATION "/users/{user_id}", NULL, NULL, &deleted_resource },
    [CREATE_PASSWORD_LINK] = { "POST", ORGANIZATION "/users/{user_id}/password_link", NULL, NULL, &password_link_resource },

    [LIST_INVITES] = { "GET", ORGANIZATION "/invites", &invite_query_type, NULL, &invite_resource },
    [CREATE_INVITE] = { "POST", ORGANIZATION "/invites", NULL, &invite_create_type, &invite_resource },
    [ACCEPT_INVITE] = { "POST", ORGANIZATION "/invites/accept", NULL, &invite_accept_type, &user_resource },
    [RETRIEVE_INVITE] = { "GET", ORGANIZATION "/invites/{invite_id}", NULL, NULL, &invite_resource },
    [DELETE_INVITE] = { "DELETE", ORGANIZATION "/invites/{invite_id}", NULL, NULL, &deleted_resource },
    [RENEW_INVITE_LINK] = { "POST", ORGANIZATION "/invites/{invite_id}/link", NULL, NULL, &invite_resource },

    [LIST_AUDIT_LOGS] = { "GET", ORGANIZATION "/audit_logs", &audit_log_query_type, NULL, &audit_log_resource },
};
/* clang-format on */

const struct operation_description *operation_describe(enum operation operation)
{
    ASSERT(operation < OPERATION_COUNT);
    return &operations[operation];
}

bool operation_needs_key(enum operation operation)
{
    return operation != ACCEPT_INVITE;
}
