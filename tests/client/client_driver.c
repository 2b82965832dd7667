/*
 * Calls one function of the library and prints what it gave as JSON, an object a line:
 *   client_driver COMMAND ARGUMENTS...
 * CLIENT_TIMEOUT_MS, CLIENT_RETRIES, CLIENT_CA_FILE and CLIENT_AUTH_URL set the client's options; a
 * file of the name CLIENT_CANCEL_FILE cancels a call.
 * An argument "-" is NULL. Ends with 1 after an error, which it prints as an object with "status".
 */
#include <orgkeys/orgkeys.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- Output ---- */

static bool needs_comma;

static void print_comma(void)
{
    if (needs_comma) {
        putchar(',');
    }
    needs_comma = true;
}

static void print_quoted(const char *text)
{
    if (text == NULL) {
        fputs("null", stdout);
        return;
    }
    putchar('"');
    for (; *text != '\0'; text++) {
        if ((unsigned char)*text < 0x20 || *text == '"' || *text == '\\') {
            printf("\\u%04x", (unsigned)*text);
        } else {
            putchar(*text);
        }
    }
    putchar('"');
}

static void print_name(const char *name)
{
    print_comma();
    print_quoted(name);
    putchar(':');
    needs_comma = false;
}

static void print_text(const char *name, const char *text)
{
    print_name(name);
    print_quoted(text);
    needs_comma = true;
}

static void print_integer(const char *name, int64_t integer)
{
    print_name(name);
    if (integer == ORGKEYS_NONE) {
        fputs("null", stdout);
    } else {
        printf("%lld", (long long)integer);
    }
    needs_comma = true;
}

static void print_boolean(const char *name, bool boolean)
{
    print_name(name);
    fputs(boolean ? "true" : "false", stdout);
    needs_comma = true;
}

static void print_list(const char *name)
{
    print_name(name);
    putchar('[');
}

static void print_item(const char *text)
{
    print_comma();
    print_quoted(text);
}

static void close_list(void)
{
    putchar(']');
    needs_comma = true;
}

static void open_object(void)
{
    putchar('{');
    needs_comma = false;
}

static void close_object(void)
{
    putchar('}');
    needs_comma = true;
}

static void end_line(void)
{
    putchar('\n');
    needs_comma = false;
}

/* ---- Objects ---- */

static void print_service_account_api_key(const orgkeys_service_account_api_key *object)
{
    open_object();
    print_text("id", orgkeys_service_account_api_key_id(object));
    print_text("name", orgkeys_service_account_api_key_name(object));
    print_text("value", orgkeys_service_account_api_key_value(object));
    print_integer("created_at", orgkeys_service_account_api_key_created_at(object));
    print_integer("expires_at", orgkeys_service_account_api_key_expires_at(object));
    close_object();
}

static void print_admin_api_key(const orgkeys_admin_api_key *object)
{
    open_object();
    print_text("id", orgkeys_admin_api_key_id(object));
    print_text("name", orgkeys_admin_api_key_name(object));
    print_text("redacted_value", orgkeys_admin_api_key_redacted_value(object));
    print_text("value", orgkeys_admin_api_key_value(object));
    print_integer("created_at", orgkeys_admin_api_key_created_at(object));
    print_integer("expires_at", orgkeys_admin_api_key_expires_at(object));
    print_integer("last_used_at", orgkeys_admin_api_key_last_used_at(object));
    print_text("owner_type", orgkeys_admin_api_key_owner_type(object));
    print_text("owner_id", orgkeys_admin_api_key_owner_id(object));
    print_text("owner_name", orgkeys_admin_api_key_owner_name(object));
    print_integer("owner_created_at", orgkeys_admin_api_key_owner_created_at(object));
    print_text("owner_role", orgkeys_admin_api_key_owner_role(object));
    close_object();
}

static void print_audit_log(const orgkeys_audit_log *object)
{
    open_object();
    print_text("id", orgkeys_audit_log_id(object));
    print_text("type", orgkeys_audit_log_type(object));
    print_integer("effective_at", orgkeys_audit_log_effective_at(object));
    print_text("project_id", orgkeys_audit_log_project_id(object));
    print_text("project_name", orgkeys_audit_log_project_name(object));
    print_text("detail", orgkeys_audit_log_detail(object));
    print_text("actor_type", orgkeys_audit_log_actor_type(object));
    print_text("actor_session_user_id", orgkeys_audit_log_actor_session_user_id(object));
    print_text("actor_session_user_email", orgkeys_audit_log_actor_session_user_email(object));
    print_text("actor_session_ip_address", orgkeys_audit_log_actor_session_ip_address(object));
    print_text("actor_session_id", orgkeys_audit_log_actor_session_id(object));
    print_text("actor_session_admin_api_key_id",
               orgkeys_audit_log_actor_session_admin_api_key_id(object));
    print_text("actor_api_key_id", orgkeys_audit_log_actor_api_key_id(object));
    print_text("actor_api_key_type", orgkeys_audit_log_actor_api_key_type(object));
    print_text("actor_api_key_user_id", orgkeys_audit_log_actor_api_key_user_id(object));
    print_text("actor_api_key_user_email", orgkeys_audit_log_actor_api_key_user_email(object));
    print_text("actor_api_key_ip_address", orgkeys_audit_log_actor_api_key_ip_address(object));
    close_object();
}

static void print_invite(const orgkeys_invite *object)
{
    open_object();
    print_text("id", orgkeys_invite_id(object));
    print_text("email", orgkeys_invite_email(object));
    print_text("role", orgkeys_invite_role(object));
    print_text("status", orgkeys_invite_status(object));
    print_integer("created_at", orgkeys_invite_created_at(object));
    print_integer("expires_at", orgkeys_invite_expires_at(object));
    print_integer("accepted_at", orgkeys_invite_accepted_at(object));
    print_text("invite_url", orgkeys_invite_invite_url(object));
    print_list("projects_id");
    for (size_t i = 0; i < orgkeys_invite_projects_count(object); i++) {
        print_item(orgkeys_invite_projects_id(object, i));
    }
    close_list();
    print_list("projects_role");
    for (size_t i = 0; i < orgkeys_invite_projects_count(object); i++) {
        print_item(orgkeys_invite_projects_role(object, i));
    }
    close_list();
    close_object();
}

static void print_project(const orgkeys_project *object)
{
    open_object();
    print_text("id", orgkeys_project_id(object));
    print_text("name", orgkeys_project_name(object));
    print_integer("created_at", orgkeys_project_created_at(object));
    print_integer("archived_at", orgkeys_project_archived_at(object));
    print_text("status", orgkeys_project_status(object));
    print_text("external_key_id", orgkeys_project_external_key_id(object));
    print_text("residency", orgkeys_project_residency(object));
    close_object();
}

static void print_project_api_key(const orgkeys_project_api_key *object)
{
    open_object();
    print_text("id", orgkeys_project_api_key_id(object));
    print_text("name", orgkeys_project_api_key_name(object));
    print_text("redacted_value", orgkeys_project_api_key_redacted_value(object));
    print_text("value", orgkeys_project_api_key_value(object));
    print_integer("created_at", orgkeys_project_api_key_created_at(object));
    print_integer("last_used_at", orgkeys_project_api_key_last_used_at(object));
    print_integer("expires_at", orgkeys_project_api_key_expires_at(object));
    print_text("owner_project_access", orgkeys_project_api_key_owner_project_access(object));
    print_text("project_id", orgkeys_project_api_key_project_id(object));
    print_text("project_name", orgkeys_project_api_key_project_name(object));
    print_text("owner_type", orgkeys_project_api_key_owner_type(object));
    print_text("owner_user_id", orgkeys_project_api_key_owner_user_id(object));
    print_text("owner_user_email", orgkeys_project_api_key_owner_user_email(object));
    print_text("owner_user_name", orgkeys_project_api_key_owner_user_name(object));
    print_integer("owner_user_created_at", orgkeys_project_api_key_owner_user_created_at(object));
    print_text("owner_user_role", orgkeys_project_api_key_owner_user_role(object));
    print_text("owner_service_account_id",
               orgkeys_project_api_key_owner_service_account_id(object));
    print_text("owner_service_account_name",
               orgkeys_project_api_key_owner_service_account_name(object));
    print_integer("owner_service_account_created_at",
                  orgkeys_project_api_key_owner_service_account_created_at(object));
    print_text("owner_service_account_role",
               orgkeys_project_api_key_owner_service_account_role(object));
    print_list("scopes");
    for (size_t i = 0; i < orgkeys_project_api_key_scopes_count(object); i++) {
        print_item(orgkeys_project_api_key_scopes_at(object, i));
    }
    close_list();
    close_object();
}

static void print_project_user(const orgkeys_project_user *object)
{
    open_object();
    print_text("id", orgkeys_project_user_id(object));
    print_text("name", orgkeys_project_user_name(object));
    print_text("email", orgkeys_project_user_email(object));
    print_text("role", orgkeys_project_user_role(object));
    print_text("organization_role", orgkeys_project_user_organization_role(object));
    print_integer("added_at", orgkeys_project_user_added_at(object));
    close_object();
}

static void print_service_account(const orgkeys_service_account *object)
{
    open_object();
    print_text("id", orgkeys_service_account_id(object));
    print_text("name", orgkeys_service_account_name(object));
    print_text("role", orgkeys_service_account_role(object));
    print_integer("created_at", orgkeys_service_account_created_at(object));
    if (orgkeys_service_account_issued_key(object) != NULL) {
        print_name("api_key");
        print_service_account_api_key(orgkeys_service_account_issued_key(object));
    }
    close_object();
}

static void print_user(const orgkeys_user *object)
{
    open_object();
    print_text("id", orgkeys_user_id(object));
    print_text("name", orgkeys_user_name(object));
    print_text("email", orgkeys_user_email(object));
    print_text("role", orgkeys_user_role(object));
    print_integer("added_at", orgkeys_user_added_at(object));
    print_boolean("is_default", orgkeys_user_is_default(object));
    print_boolean("is_service_account", orgkeys_user_is_service_account(object));
    print_boolean("is_scim_managed", orgkeys_user_is_scim_managed(object));
    print_integer("api_key_last_used_at", orgkeys_user_api_key_last_used_at(object));
    print_text("technical_level", orgkeys_user_technical_level(object));
    print_text("developer_persona", orgkeys_user_developer_persona(object));
    print_text("user_id", orgkeys_user_user_id(object));
    print_text("user_email", orgkeys_user_user_email(object));
    print_text("user_name", orgkeys_user_user_name(object));
    print_text("user_picture", orgkeys_user_user_picture(object));
    print_boolean("user_enabled", orgkeys_user_user_enabled(object));
    print_boolean("user_banned", orgkeys_user_user_banned(object));
    print_integer("user_banned_at", orgkeys_user_user_banned_at(object));
    close_object();
}

static void print_introspection(const orgkeys_introspection *object)
{
    open_object();
    print_boolean("active", orgkeys_introspection_active(object));
    print_text("scope", orgkeys_introspection_scope(object));
    print_text("token_type", orgkeys_introspection_token_type(object));
    print_integer("exp", orgkeys_introspection_exp(object));
    print_text("sub", orgkeys_introspection_sub(object));
    print_text("jti", orgkeys_introspection_jti(object));
    print_text("organization_id", orgkeys_introspection_organization_id(object));
    print_text("project_id", orgkeys_introspection_project_id(object));
    print_text("owner_type", orgkeys_introspection_owner_type(object));
    close_object();
}

static void print_verification(const orgkeys_verification *object)
{
    open_object();
    print_text("organization_id", orgkeys_verification_organization_id(object));
    print_text("project_id", orgkeys_verification_project_id(object));
    print_text("key_id", orgkeys_verification_key_id(object));
    print_text("owner_type", orgkeys_verification_owner_type(object));
    print_text("owner_id", orgkeys_verification_owner_id(object));
    print_text("scopes", orgkeys_verification_scopes(object));
    print_integer("expires_at", orgkeys_verification_expires_at(object));
    close_object();
}

/* ---- Arguments ---- */

enum { TEXTS_MAXIMUM = 128, LISTS_MAXIMUM = 2, ARGUMENTS_MAXIMUM = 8 };

static int64_t integer_of(const char *argument)
{
    return argument != NULL ? strtoll(argument, NULL, 10) : 0;
}

static int64_t time_of(const char *argument)
{
    return argument != NULL ? integer_of(argument) : ORGKEYS_NONE;
}

static bool is_true(const char *argument)
{
    return argument != NULL && strcmp(argument, "true") == 0;
}

/* The parts of "a,b,c"; "" has none, NULL is NULL. */
static const char *const *texts_of(char *argument, size_t *ret_count)
{
    static const char *lists[LISTS_MAXIMUM][TEXTS_MAXIMUM];
    static int used;
    *ret_count = 0;
    if (argument == NULL) {
        return NULL;
    }
    const char **list = lists[used++];
    for (char *part = strtok(argument, ","); part != NULL; part = strtok(NULL, ",")) {
        list[(*ret_count)++] = part;
    }
    return list;
}

/* ---- Commands ---- */

static orgkeys_status list_admin_api_keys(orgkeys_client *client, char **arguments)
{
    orgkeys_admin_api_key_iterator *iterator;
    const orgkeys_admin_api_key *object;
    (void)arguments;
    orgkeys_admin_api_key_list_options options = ORGKEYS_ADMIN_API_KEY_LIST_OPTIONS_INIT;
    options.order = arguments[0];
    options.limit = (int)integer_of(arguments[1]);
    options.after = arguments[2];
    orgkeys_status status = orgkeys_admin_api_keys_list(client, &options, &iterator);
    while (status == ORGKEYS_OK &&
           (status = orgkeys_admin_api_key_iterator_next(iterator, &object)) == ORGKEYS_OK) {
        print_admin_api_key(object);
        end_line();
    }
    orgkeys_admin_api_key_iterator_free(iterator);
    return status;
}

static orgkeys_status create_admin_api_key(orgkeys_client *client, char **arguments)
{
    orgkeys_admin_api_key *object;
    orgkeys_admin_api_key_create_options options = ORGKEYS_ADMIN_API_KEY_CREATE_OPTIONS_INIT;
    options.expires_in_seconds = integer_of(arguments[1]);
    orgkeys_status status = orgkeys_admin_api_keys_create(client, arguments[0], &options, &object);
    if (object != NULL) {
        print_admin_api_key(object);
        end_line();
    }
    orgkeys_admin_api_key_free(object);
    return status;
}

static orgkeys_status retrieve_admin_api_key(orgkeys_client *client, char **arguments)
{
    orgkeys_admin_api_key *object;
    orgkeys_status status = orgkeys_admin_api_keys_retrieve(client, arguments[0], &object);
    if (object != NULL) {
        print_admin_api_key(object);
        end_line();
    }
    orgkeys_admin_api_key_free(object);
    return status;
}

static orgkeys_status delete_admin_api_key(orgkeys_client *client, char **arguments)
{
    return orgkeys_admin_api_keys_delete(client, arguments[0]);
}

static orgkeys_status list_projects(orgkeys_client *client, char **arguments)
{
    orgkeys_project_iterator *iterator;
    const orgkeys_project *object;
    (void)arguments;
    orgkeys_project_list_options options = ORGKEYS_PROJECT_LIST_OPTIONS_INIT;
    options.include_archived = is_true(arguments[0]);
    options.limit = (int)integer_of(arguments[1]);
    orgkeys_status status = orgkeys_projects_list(client, &options, &iterator);
    while (status == ORGKEYS_OK &&
           (status = orgkeys_project_iterator_next(iterator, &object)) == ORGKEYS_OK) {
        print_project(object);
        end_line();
    }
    orgkeys_project_iterator_free(iterator);
    return status;
}

static orgkeys_status create_project(orgkeys_client *client, char **arguments)
{
    orgkeys_project *object;
    orgkeys_project_create_options options = ORGKEYS_PROJECT_CREATE_OPTIONS_INIT;
    options.residency = arguments[1];
    options.external_key_id = arguments[2];
    orgkeys_status status = orgkeys_projects_create(client, arguments[0], &options, &object);
    if (object != NULL) {
        print_project(object);
        end_line();
    }
    orgkeys_project_free(object);
    return status;
}

static orgkeys_status retrieve_project(orgkeys_client *client, char **arguments)
{
    orgkeys_project *object;
    orgkeys_status status = orgkeys_projects_retrieve(client, arguments[0], &object);
    if (object != NULL) {
        print_project(object);
        end_line();
    }
    orgkeys_project_free(object);
    return status;
}

static orgkeys_status update_project(orgkeys_client *client, char **arguments)
{
    orgkeys_project *object;
    orgkeys_project_update_options options = ORGKEYS_PROJECT_UPDATE_OPTIONS_INIT;
    options.name = arguments[1];
    options.external_key_id = arguments[2];
    orgkeys_status status = orgkeys_projects_update(client, arguments[0], &options, &object);
    if (object != NULL) {
        print_project(object);
        end_line();
    }
    orgkeys_project_free(object);
    return status;
}

static orgkeys_status archive_project(orgkeys_client *client, char **arguments)
{
    orgkeys_project *object;
    orgkeys_status status = orgkeys_projects_archive(client, arguments[0], &object);
    if (object != NULL) {
        print_project(object);
        end_line();
    }
    orgkeys_project_free(object);
    return status;
}

static orgkeys_status list_project_users(orgkeys_client *client, char **arguments)
{
    orgkeys_project_user_iterator *iterator;
    const orgkeys_project_user *object;
    (void)arguments;
    orgkeys_status status = orgkeys_project_users_list(client, arguments[0], NULL, &iterator);
    while (status == ORGKEYS_OK &&
           (status = orgkeys_project_user_iterator_next(iterator, &object)) == ORGKEYS_OK) {
        print_project_user(object);
        end_line();
    }
    orgkeys_project_user_iterator_free(iterator);
    return status;
}

static orgkeys_status create_project_user(orgkeys_client *client, char **arguments)
{
    orgkeys_project_user *object;
    orgkeys_project_user_create_options options = ORGKEYS_PROJECT_USER_CREATE_OPTIONS_INIT;
    options.user_id = arguments[2];
    options.email = arguments[3];
    orgkeys_status status =
        orgkeys_project_users_create(client, arguments[0], arguments[1], &options, &object);
    if (object != NULL) {
        print_project_user(object);
        end_line();
    }
    orgkeys_project_user_free(object);
    return status;
}

static orgkeys_status retrieve_project_user(orgkeys_client *client, char **arguments)
{
    orgkeys_project_user *object;
    orgkeys_status status =
        orgkeys_project_users_retrieve(client, arguments[0], arguments[1], &object);
    if (object != NULL) {
        print_project_user(object);
        end_line();
    }
    orgkeys_project_user_free(object);
    return status;
}

static orgkeys_status update_project_user(orgkeys_client *client, char **arguments)
{
    orgkeys_project_user *object;
    orgkeys_status status =
        orgkeys_project_users_update(client, arguments[0], arguments[1], arguments[2], &object);
    if (object != NULL) {
        print_project_user(object);
        end_line();
    }
    orgkeys_project_user_free(object);
    return status;
}

static orgkeys_status delete_project_user(orgkeys_client *client, char **arguments)
{
    return orgkeys_project_users_delete(client, arguments[0], arguments[1]);
}

static orgkeys_status list_service_accounts(orgkeys_client *client, char **arguments)
{
    orgkeys_service_account_iterator *iterator;
    const orgkeys_service_account *object;
    (void)arguments;
    orgkeys_list_options options = ORGKEYS_LIST_OPTIONS_INIT;
    options.limit = (int)integer_of(arguments[1]);
    options.after = arguments[2];
    orgkeys_status status =
        orgkeys_service_accounts_list(client, arguments[0], &options, &iterator);
    while (status == ORGKEYS_OK &&
           (status = orgkeys_service_account_iterator_next(iterator, &object)) == ORGKEYS_OK) {
        print_service_account(object);
        end_line();
    }
    orgkeys_service_account_iterator_free(iterator);
    return status;
}

static orgkeys_status create_service_account(orgkeys_client *client, char **arguments)
{
    orgkeys_service_account *object;
    orgkeys_service_account_create_options options = ORGKEYS_SERVICE_ACCOUNT_CREATE_OPTIONS_INIT;
    options.create_service_account_only = is_true(arguments[2]);
    options.expires_in_seconds = integer_of(arguments[3]);
    orgkeys_status status =
        orgkeys_service_accounts_create(client, arguments[0], arguments[1], &options, &object);
    if (object != NULL) {
        print_service_account(object);
        end_line();
    }
    orgkeys_service_account_free(object);
    return status;
}

static orgkeys_status retrieve_service_account(orgkeys_client *client, char **arguments)
{
    orgkeys_service_account *object;
    orgkeys_status status =
        orgkeys_service_accounts_retrieve(client, arguments[0], arguments[1], &object);
    if (object != NULL) {
        print_service_account(object);
        end_line();
    }
    orgkeys_service_account_free(object);
    return status;
}

static orgkeys_status update_service_account(orgkeys_client *client, char **arguments)
{
    orgkeys_service_account *object;
    orgkeys_service_account_update_options options = ORGKEYS_SERVICE_ACCOUNT_UPDATE_OPTIONS_INIT;
    options.name = arguments[2];
    options.role = arguments[3];
    orgkeys_status status =
        orgkeys_service_accounts_update(client, arguments[0], arguments[1], &options, &object);
    if (object != NULL) {
        print_service_account(object);
        end_line();
    }
    orgkeys_service_account_free(object);
    return status;
}

static orgkeys_status delete_service_account(orgkeys_client *client, char **arguments)
{
    return orgkeys_service_accounts_delete(client, arguments[0], arguments[1]);
}

static orgkeys_status create_service_account_api_key(orgkeys_client *client, char **arguments)
{
    orgkeys_service_account_api_key *object;
    orgkeys_service_account_api_key_create_options options =
        ORGKEYS_SERVICE_ACCOUNT_API_KEY_CREATE_OPTIONS_INIT;
    options.name = arguments[2];
    options.scopes = texts_of(arguments[3], &options.scope_count);
    options.expires_in_seconds = integer_of(arguments[4]);
    options.value = arguments[5];
    orgkeys_status status = orgkeys_service_account_api_keys_create(
        client, arguments[0], arguments[1], &options, &object);
    if (object != NULL) {
        print_service_account_api_key(object);
        end_line();
    }
    orgkeys_service_account_api_key_free(object);
    return status;
}

static orgkeys_status list_project_api_keys(orgkeys_client *client, char **arguments)
{
    orgkeys_project_api_key_iterator *iterator;
    const orgkeys_project_api_key *object;
    (void)arguments;
    orgkeys_project_api_key_list_options options = ORGKEYS_PROJECT_API_KEY_LIST_OPTIONS_INIT;
    options.owner_project_access = arguments[1];
    options.limit = (int)integer_of(arguments[2]);
    orgkeys_status status =
        orgkeys_project_api_keys_list(client, arguments[0], &options, &iterator);
    while (status == ORGKEYS_OK &&
           (status = orgkeys_project_api_key_iterator_next(iterator, &object)) == ORGKEYS_OK) {
        print_project_api_key(object);
        end_line();
    }
    orgkeys_project_api_key_iterator_free(iterator);
    return status;
}

static orgkeys_status list_all_project_api_keys(orgkeys_client *client, char **arguments)
{
    orgkeys_project_api_key_iterator *iterator;
    const orgkeys_project_api_key *object;
    orgkeys_project_api_key_list_options options = ORGKEYS_PROJECT_API_KEY_LIST_OPTIONS_INIT;
    options.order = arguments[0];
    options.search = arguments[1];
    options.never_used = is_true(arguments[2]);
    options.expires_from = time_of(arguments[3]);
    options.expires_before = time_of(arguments[4]);
    options.last_used_before = time_of(arguments[5]);
    options.created_before = time_of(arguments[6]);
    options.include_archived = is_true(arguments[7]);
    options.limit = 1;
    orgkeys_status status = orgkeys_project_api_keys_list_all(client, &options, &iterator);
    while (status == ORGKEYS_OK &&
           (status = orgkeys_project_api_key_iterator_next(iterator, &object)) == ORGKEYS_OK) {
        print_project_api_key(object);
        end_line();
    }
    orgkeys_project_api_key_iterator_free(iterator);
    return status;
}

static orgkeys_status create_project_api_key(orgkeys_client *client, char **arguments)
{
    orgkeys_project_api_key *object;
    orgkeys_project_api_key_create_options options = ORGKEYS_PROJECT_API_KEY_CREATE_OPTIONS_INIT;
    options.user_id = arguments[2];
    options.scopes = texts_of(arguments[3], &options.scope_count);
    options.expires_in_seconds = integer_of(arguments[4]);
    orgkeys_status status =
        orgkeys_project_api_keys_create(client, arguments[0], arguments[1], &options, &object);
    if (object != NULL) {
        print_project_api_key(object);
        end_line();
    }
    orgkeys_project_api_key_free(object);
    return status;
}

static orgkeys_status retrieve_project_api_key(orgkeys_client *client, char **arguments)
{
    orgkeys_project_api_key *object;
    orgkeys_status status =
        orgkeys_project_api_keys_retrieve(client, arguments[0], arguments[1], &object);
    if (object != NULL) {
        print_project_api_key(object);
        end_line();
    }
    orgkeys_project_api_key_free(object);
    return status;
}

static orgkeys_status update_project_api_key(orgkeys_client *client, char **arguments)
{
    orgkeys_project_api_key *object;
    orgkeys_project_api_key_update_options options = ORGKEYS_PROJECT_API_KEY_UPDATE_OPTIONS_INIT;
    options.scopes = texts_of(arguments[2], &options.scope_count);
    options.expires_in_seconds = integer_of(arguments[3]);
    orgkeys_status status =
        orgkeys_project_api_keys_update(client, arguments[0], arguments[1], &options, &object);
    if (object != NULL) {
        print_project_api_key(object);
        end_line();
    }
    orgkeys_project_api_key_free(object);
    return status;
}

static orgkeys_status delete_project_api_key(orgkeys_client *client, char **arguments)
{
    return orgkeys_project_api_keys_delete(client, arguments[0], arguments[1]);
}

static orgkeys_status list_users(orgkeys_client *client, char **arguments)
{
    orgkeys_user_iterator *iterator;
    const orgkeys_user *object;
    (void)arguments;
    orgkeys_user_list_options options = ORGKEYS_USER_LIST_OPTIONS_INIT;
    options.emails = texts_of(arguments[0], &options.email_count);
    orgkeys_status status = orgkeys_users_list(client, &options, &iterator);
    while (status == ORGKEYS_OK &&
           (status = orgkeys_user_iterator_next(iterator, &object)) == ORGKEYS_OK) {
        print_user(object);
        end_line();
    }
    orgkeys_user_iterator_free(iterator);
    return status;
}

static orgkeys_status retrieve_user(orgkeys_client *client, char **arguments)
{
    orgkeys_user *object;
    orgkeys_status status = orgkeys_users_retrieve(client, arguments[0], &object);
    if (object != NULL) {
        print_user(object);
        end_line();
    }
    orgkeys_user_free(object);
    return status;
}

static orgkeys_status update_user(orgkeys_client *client, char **arguments)
{
    orgkeys_user *object;
    orgkeys_user_update_options options = ORGKEYS_USER_UPDATE_OPTIONS_INIT;
    options.role = arguments[1];
    options.technical_level = arguments[2];
    options.developer_persona = arguments[3];
    orgkeys_status status = orgkeys_users_update(client, arguments[0], &options, &object);
    if (object != NULL) {
        print_user(object);
        end_line();
    }
    orgkeys_user_free(object);
    return status;
}

static orgkeys_status delete_user(orgkeys_client *client, char **arguments)
{
    return orgkeys_users_delete(client, arguments[0]);
}

static orgkeys_status create_password_link(orgkeys_client *client, char **arguments)
{
    orgkeys_password_link *object;
    orgkeys_status status = orgkeys_users_create_password_link(client, arguments[0], &object);
    if (object != NULL) {
        open_object();
        print_text("user_id", orgkeys_password_link_user_id(object));
        print_text("url", orgkeys_password_link_url(object));
        print_integer("expires_at", orgkeys_password_link_expires_at(object));
        close_object();
        end_line();
    }
    orgkeys_password_link_free(object);
    return status;
}

static orgkeys_status list_invites(orgkeys_client *client, char **arguments)
{
    orgkeys_invite_iterator *iterator;
    const orgkeys_invite *object;
    (void)arguments;
    orgkeys_invite_list_options options = ORGKEYS_INVITE_LIST_OPTIONS_INIT;
    options.order = arguments[0];
    options.status = arguments[1];
    orgkeys_status status = orgkeys_invites_list(client, &options, &iterator);
    while (status == ORGKEYS_OK &&
           (status = orgkeys_invite_iterator_next(iterator, &object)) == ORGKEYS_OK) {
        print_invite(object);
        end_line();
    }
    orgkeys_invite_iterator_free(iterator);
    return status;
}

static orgkeys_status create_invite(orgkeys_client *client, char **arguments)
{
    orgkeys_invite *object;
    orgkeys_invite_create_options options = ORGKEYS_INVITE_CREATE_OPTIONS_INIT;
    size_t count = 0;
    const char *const *ids = texts_of(arguments[2], &count);
    options.project_ids = ids;
    options.project_roles = (const char *[]){ "member", "owner" };
    options.project_count = count;
    orgkeys_status status =
        orgkeys_invites_create(client, arguments[0], arguments[1], &options, &object);
    if (object != NULL) {
        print_invite(object);
        end_line();
    }
    orgkeys_invite_free(object);
    return status;
}

static orgkeys_status accept_invite(orgkeys_client *client, char **arguments)
{
    orgkeys_user *object;
    orgkeys_status status = orgkeys_invites_accept(client, arguments[0], arguments[1], &object);
    if (object != NULL) {
        print_user(object);
        end_line();
    }
    orgkeys_user_free(object);
    return status;
}

static orgkeys_status retrieve_invite(orgkeys_client *client, char **arguments)
{
    orgkeys_invite *object;
    orgkeys_status status = orgkeys_invites_retrieve(client, arguments[0], &object);
    if (object != NULL) {
        print_invite(object);
        end_line();
    }
    orgkeys_invite_free(object);
    return status;
}

static orgkeys_status delete_invite(orgkeys_client *client, char **arguments)
{
    return orgkeys_invites_delete(client, arguments[0]);
}

static orgkeys_status renew_invite_link(orgkeys_client *client, char **arguments)
{
    orgkeys_invite *object;
    orgkeys_status status = orgkeys_invites_renew_link(client, arguments[0], &object);
    if (object != NULL) {
        print_invite(object);
        end_line();
    }
    orgkeys_invite_free(object);
    return status;
}

static orgkeys_status list_audit_logs(orgkeys_client *client, char **arguments)
{
    orgkeys_audit_log_iterator *iterator;
    const orgkeys_audit_log *object;
    (void)arguments;
    orgkeys_audit_log_list_options options = ORGKEYS_AUDIT_LOG_LIST_OPTIONS_INIT;
    options.event_types = texts_of(arguments[0], &options.event_type_count);
    options.project_ids = texts_of(arguments[1], &options.project_id_count);
    options.effective_from = time_of(arguments[2]);
    orgkeys_status status = orgkeys_audit_logs_list(client, &options, &iterator);
    while (status == ORGKEYS_OK &&
           (status = orgkeys_audit_log_iterator_next(iterator, &object)) == ORGKEYS_OK) {
        print_audit_log(object);
        end_line();
    }
    orgkeys_audit_log_iterator_free(iterator);
    return status;
}

static orgkeys_status verify_key(orgkeys_client *client, char **arguments)
{
    orgkeys_verification *object;
    orgkeys_verify_options options = ORGKEYS_VERIFY_OPTIONS_INIT;
    options.organization = arguments[1];
    options.project = arguments[2];
    options.scopes = texts_of(arguments[3], &options.scope_count);
    orgkeys_status status = orgkeys_keys_verify(client, arguments[0], &options, &object);
    if (object != NULL) {
        print_verification(object);
        end_line();
    }
    orgkeys_verification_free(object);
    return status;
}

static orgkeys_status introspect_key(orgkeys_client *client, char **arguments)
{
    orgkeys_introspection *object;
    orgkeys_status status = orgkeys_keys_introspect(client, arguments[0], &object);
    if (object != NULL) {
        print_introspection(object);
        end_line();
    }
    orgkeys_introspection_free(object);
    return status;
}

static const struct {
    const char *name;
    orgkeys_status (*run)(orgkeys_client *client, char **arguments);
    int count; /* of arguments */
} commands[] = {
    { "list-admin-api-keys", list_admin_api_keys, 3 },
    { "create-admin-api-key", create_admin_api_key, 2 },
    { "retrieve-admin-api-key", retrieve_admin_api_key, 1 },
    { "delete-admin-api-key", delete_admin_api_key, 1 },
    { "list-projects", list_projects, 2 },
    { "create-project", create_project, 3 },
    { "retrieve-project", retrieve_project, 1 },
    { "update-project", update_project, 3 },
    { "archive-project", archive_project, 1 },
    { "list-project-users", list_project_users, 1 },
    { "create-project-user", create_project_user, 4 },
    { "retrieve-project-user", retrieve_project_user, 2 },
    { "update-project-user", update_project_user, 3 },
    { "delete-project-user", delete_project_user, 2 },
    { "list-service-accounts", list_service_accounts, 3 },
    { "create-service-account", create_service_account, 4 },
    { "retrieve-service-account", retrieve_service_account, 2 },
    { "update-service-account", update_service_account, 4 },
    { "delete-service-account", delete_service_account, 2 },
    { "create-service-account-api-key", create_service_account_api_key, 6 },
    { "list-project-api-keys", list_project_api_keys, 3 },
    { "list-all-project-api-keys", list_all_project_api_keys, 8 },
    { "create-project-api-key", create_project_api_key, 5 },
    { "retrieve-project-api-key", retrieve_project_api_key, 2 },
    { "update-project-api-key", update_project_api_key, 4 },
    { "delete-project-api-key", delete_project_api_key, 2 },
    { "list-users", list_users, 1 },
    { "retrieve-user", retrieve_user, 1 },
    { "update-user", update_user, 4 },
    { "delete-user", delete_user, 1 },
    { "create-password-link", create_password_link, 1 },
    { "list-invites", list_invites, 2 },
    { "create-invite", create_invite, 3 },
    { "accept-invite", accept_invite, 2 },
    { "retrieve-invite", retrieve_invite, 1 },
    { "delete-invite", delete_invite, 1 },
    { "renew-invite-link", renew_invite_link, 1 },
    { "list-audit-logs", list_audit_logs, 3 },
    { "verify-key", verify_key, 4 },
    { "introspect-key", introspect_key, 1 },
};

/* ---- The program ---- */

static void print_error(const orgkeys_error *error)
{
    open_object();
    print_integer("status", orgkeys_error_status(error));
    print_integer("http_status", orgkeys_error_http_status(error));
    print_integer("retry_after_ms", orgkeys_error_retry_after_ms(error));
    print_text("type", orgkeys_error_type(error));
    print_text("code", orgkeys_error_code(error));
    print_text("param", orgkeys_error_param(error));
    print_text("message", orgkeys_error_message(error));
    print_text("request_id", orgkeys_error_request_id(error));
    close_object();
    end_line();
}

static bool file_exists(void *path)
{
    return access(path, F_OK) == 0;
}

static orgkeys_client *make_client(void)
{
    orgkeys_client *client;
    orgkeys_client_options options = ORGKEYS_CLIENT_OPTIONS_INIT;
    if (getenv("CLIENT_TIMEOUT_MS") != NULL) {
        options.timeout_ms = integer_of(getenv("CLIENT_TIMEOUT_MS"));
    }
    if (getenv("CLIENT_RETRIES") != NULL) {
        options.max_retries = (int)integer_of(getenv("CLIENT_RETRIES"));
    }
    options.is_cancelled = getenv("CLIENT_CANCEL_FILE") != NULL ? file_exists : NULL;
    options.cancel_context = getenv("CLIENT_CANCEL_FILE");
    options.ca_file = getenv("CLIENT_CA_FILE");
    options.auth_url = getenv("CLIENT_AUTH_URL");
    return orgkeys_client_new(&options, &client) == ORGKEYS_OK ? client : NULL;
}

static int run(size_t command, char **given)
{
    char *arguments[ARGUMENTS_MAXIMUM];
    orgkeys_client *client = make_client();
    if (client == NULL) {
        fputs("client_driver: no client\n", stderr);
        return 2;
    }
    for (int i = 0; i < commands[command].count; i++) {
        arguments[i] = strcmp(given[i], "-") != 0 ? given[i] : NULL;
    }
    orgkeys_status status = commands[command].run(client, arguments);
    bool failed = status != ORGKEYS_OK && status != ORGKEYS_END;
    if (failed) {
        print_error(orgkeys_client_error(client));
    }
    orgkeys_client_free(client);
    return failed ? 1 : 0;
}

int main(int argc, char **argv)
{
    for (size_t i = 0; argc > 1 && i < sizeof commands / sizeof commands[0]; i++) {
        if (strcmp(argv[1], commands[i].name) == 0 && argc - 2 == commands[i].count) {
            return run(i, argv + 2);
        }
    }
    fputs("client_driver: no such command, or not its number of arguments\n", stderr);
    return 2;
}
