#include "cli/command.h"
#include "cli/run.h"

#define KEY_OWNER "owner.user.name|owner.service_account.name"
#define ACTOR "actor.api_key.user.email|actor.session.user.email|actor.api_key.id"

/* clang-format off */
const struct command commands[] = {
    { "admin-api-keys list", "Lists the admin keys.", run_list, LIST_ADMIN_API_KEYS, .columns = "id name redacted_value created=created_at expires=expires_at last_used=last_used_at owner=owner.name", .spare = "created owner last_used",
      .example = "orgkeys admin-api-keys list --order desc" },
    { "admin-api-keys create", "Makes an admin key; the key alone is printed on standard output.", run_object, CREATE_ADMIN_API_KEY, .secret = "value",
      .example = "orgkeys admin-api-keys create --name ci --expires-in 90d > ci-key" },
    { "admin-api-keys retrieve", "Shows an admin key.", run_object, RETRIEVE_ADMIN_API_KEY,
      .example = "orgkeys admin-api-keys retrieve --key-id key_..." },
    { "admin-api-keys delete", "Revokes an admin key, also the one that is used for it.", run_delete, DELETE_ADMIN_API_KEY, .question = "Revoke the admin key %s, for good?",
      .example = "orgkeys admin-api-keys delete --key-id key_... --yes" },

    { "projects list", "Lists the projects.", run_list, LIST_PROJECTS, .columns = "id name status created=created_at archived=archived_at", .spare = "archived created",
      .example = "orgkeys projects list --all --include-archived" },
    { "projects create", "Makes a project.", run_object, CREATE_PROJECT,
      .example = "orgkeys projects create --name chat" },
    { "projects retrieve", "Shows a project.", run_object, RETRIEVE_PROJECT,
      .example = "orgkeys projects retrieve --project-id proj_..." },
    { "projects update", "Changes a project.", run_object, UPDATE_PROJECT,
      .example = "orgkeys projects update --project-id proj_... --name assistant" },
    { "projects archive", "Archives a project: its keys end.", run_object, ARCHIVE_PROJECT, .question = "Archive the project %s and end its keys, for good?",
      .example = "orgkeys projects archive --project-id proj_..." },

    { "projects api-keys list", "Lists the keys of a project.", run_list, LIST_PROJECT_API_KEYS, .columns = "id name redacted_value created=created_at expires=expires_at last_used=last_used_at access=owner_project_access owner=" KEY_OWNER, .spare = "access created owner last_used",
      .example = "orgkeys projects api-keys list --project-id proj_... --all" },
    { "projects api-keys create", "Issues a person's key; the key alone is printed on standard output.", run_object, CREATE_PROJECT_API_KEY, .secret = "value",
      .example = "orgkeys projects api-keys create --project-id proj_... --name laptop" },
    { "projects api-keys retrieve", "Shows a key of a project.", run_object, RETRIEVE_PROJECT_API_KEY,
      .example = "orgkeys projects api-keys retrieve --project-id proj_... --api-key-id key_..." },
    { "projects api-keys update", "Changes when a key expires, and what it is restricted to.", run_object, UPDATE_PROJECT_API_KEY,
      .example = "orgkeys projects api-keys update --project-id proj_... --api-key-id key_... --expires-in 1d" },
    { "projects api-keys delete", "Revokes a key of a project.", run_delete, DELETE_PROJECT_API_KEY, .question = "Revoke the key %s, for good?",
      .example = "orgkeys projects api-keys delete --project-id proj_... --api-key-id key_..." },

    { "projects users list", "Lists the people in a project.", run_list, LIST_PROJECT_USERS, .columns = "id name email role added=added_at", .spare = "added",
      .example = "orgkeys projects users list --project-id proj_..." },
    { "projects users create", "Puts a person of the organization into a project.", run_object, CREATE_PROJECT_USER,
      .example = "orgkeys projects users create --project-id proj_... --email mona@example.com --role member" },
    { "projects users retrieve", "Shows a person in a project.", run_object, RETRIEVE_PROJECT_USER,
      .example = "orgkeys projects users retrieve --project-id proj_... --user-id user_..." },
    { "projects users update", "Changes a person's role in a project.", run_object, UPDATE_PROJECT_USER,
      .example = "orgkeys projects users update --project-id proj_... --user-id user_... --role owner" },
    { "projects users delete", "Takes a person out of a project: their keys in it stop working.", run_delete, DELETE_PROJECT_USER, .question = "Take %s out of the project?",
      .example = "orgkeys projects users delete --project-id proj_... --user-id user_..." },

    { "service-accounts list", "Lists the service accounts of a project.", run_list, LIST_SERVICE_ACCOUNTS, .columns = "id name role created=created_at", .spare = "created",
      .example = "orgkeys service-accounts list --project-id proj_..." },
    { "service-accounts create", "Makes a service account and its first key; the key alone is printed on standard output.", run_object, CREATE_SERVICE_ACCOUNT, .secret = "api_key.value", .without_secret = "create-service-account-only",
      .example = "orgkeys service-accounts create --project-id proj_... --name backend > backend-key" },
    { "service-accounts retrieve", "Shows a service account.", run_object, RETRIEVE_SERVICE_ACCOUNT,
      .example = "orgkeys service-accounts retrieve --project-id proj_... --service-account-id svc_acct_..." },
    { "service-accounts update", "Changes a service account.", run_object, UPDATE_SERVICE_ACCOUNT,
      .example = "orgkeys service-accounts update --project-id proj_... --service-account-id svc_acct_... --role owner" },
    { "service-accounts delete", "Deletes a service account: its keys end.", run_delete, DELETE_SERVICE_ACCOUNT, .question = "Delete the service account %s and end its keys, for good?",
      .example = "orgkeys service-accounts delete --project-id proj_... --service-account-id svc_acct_..." },
    { "service-accounts api-keys create", "Issues another key to a service account, or brings one in; a new key alone is printed on standard output.", run_object, CREATE_SERVICE_ACCOUNT_API_KEY, .secret = "value", .without_secret = "value-from-stdin",
      .example = "orgkeys service-accounts api-keys create --project-id proj_... --service-account-id svc_acct_... --value-from-stdin < old-key" },

    { "users list", "Lists the people of the organization.", run_list, LIST_USERS, .columns = "id name email role added=added_at last_used=api_key_last_used_at", .spare = "added last_used",
      .example = "orgkeys users list --email mona@example.com" },
    { "users retrieve", "Shows a person of the organization.", run_object, RETRIEVE_USER,
      .example = "orgkeys users retrieve --user-id user_..." },
    { "users update", "Changes a person's role in the organization.", run_object, UPDATE_USER,
      .example = "orgkeys users update --user-id user_... --role owner" },
    { "users delete", "Removes a person from the organization: their keys end.", run_delete, DELETE_USER, .question = "Remove %s from the organization and end their keys, for good?",
      .example = "orgkeys users delete --user-id user_..." },
    { "users password-link", "Makes a link by which a person sets a password for the dashboard, once; the link alone is printed on standard output.", run_object, CREATE_PASSWORD_LINK, .secret = "url",
      .example = "orgkeys users password-link --user-id user_..." },

    { "invites list", "Lists the invites.", run_list, LIST_INVITES, .columns = "id email role status created=created_at expires=expires_at", .spare = "created expires",
      .example = "orgkeys invites list --all" },
    { "invites create", "Invites a person; the link alone is printed on standard output.", run_object, CREATE_INVITE, .secret = "invite_url", .without_secret = "",
      .example = "orgkeys invites create --email mona@example.com --role reader --project proj_...:member" },
    { "invites retrieve", "Shows an invite.", run_object, RETRIEVE_INVITE,
      .example = "orgkeys invites retrieve --invite-id invite_..." },
    { "invites renew-link", "Makes a new link, which ends the old one; the link alone is printed on standard output.", run_object, RENEW_INVITE_LINK, .secret = "invite_url", .question = "Make a new link for the invite %s, and end the old one?",
      .example = "orgkeys invites renew-link --invite-id invite_..." },
    { "invites accept", "Joins the organization with the token of an invite's link; needs no admin key.", run_object, ACCEPT_INVITE,
      .example = "orgkeys invites accept --name Mona --token-from-stdin < token" },
    { "invites delete", "Deletes an invite: its link ends.", run_delete, DELETE_INVITE, .question = "Delete the invite %s?",
      .example = "orgkeys invites delete --invite-id invite_..." },

    { "audit-logs list", "Lists what was changed and by whom, newest first.", run_audit_logs, LIST_AUDIT_LOGS, .columns = "time=effective_at type project=project.name object=*.id actor=" ACTOR " id", .spare = "id project actor",
      .example = "orgkeys audit-logs list --since 2h --follow" },

    { "keys list", "Lists the keys of all projects.", run_list, LIST_ORGANIZATION_PROJECT_API_KEYS, .columns = "id name redacted_value project=project.name created=created_at expires=expires_at last_used=last_used_at access=owner_project_access owner=" KEY_OWNER, .spare = "access created expires owner last_used",
      .example = "orgkeys keys list --expires-before 30d --all" },
    { "keys verify", "Asks whether the key on standard input may come in; that of OPENAI_API_KEY, where standard input is a terminal or closed. Needs no OPENAI_ADMIN_KEY. Exit status 0: yes; 1: no, or not known.", run_verify, OPERATION_COUNT,
      .example = "orgkeys keys verify --scope models.read < key" },
    { "keys introspect", "Shows what there is to say of a key, which is read as `keys verify` does. Exit status 0: it is active; 1: it is not, or not known.", run_introspect, OPERATION_COUNT,
      .example = "orgkeys keys introspect < key" },
};
/* clang-format on */

const size_t command_count = sizeof commands / sizeof commands[0];

const struct command_group command_groups[] = {
    { "admin-api-keys", "The keys that may call the administration API." },
    { "projects", "Projects, the keys and the people in them." },
    { "service-accounts", "Owners of keys that are no person." },
    { "users", "The people of the organization." },
    { "invites", "Invitations to join the organization." },
    { "audit-logs", "What was changed, and by whom." },
    { "keys", "The keys of all projects, and what a key may do." },
};

const size_t command_group_count = sizeof command_groups / sizeof command_groups[0];
