#ifndef ORGKEYS_MODEL_AUDIT_LOG_H
#define ORGKEYS_MODEL_AUDIT_LOG_H

#include "model/field.h"

/* What can be written into the audit log: the contract's types (5.3) of what this server does. */
enum audit_event {
    AUDIT_NONE,
    AUDIT_API_KEY_CREATED,
    AUDIT_API_KEY_UPDATED,
    AUDIT_API_KEY_DELETED,
    AUDIT_INVITE_SENT,
    AUDIT_INVITE_ACCEPTED,
    AUDIT_INVITE_DELETED,
    AUDIT_LOGIN_SUCCEEDED,
    AUDIT_LOGIN_FAILED,
    AUDIT_LOGOUT_SUCCEEDED,
    AUDIT_ORGANIZATION_UPDATED,
    AUDIT_PROJECT_CREATED,
    AUDIT_PROJECT_UPDATED,
    AUDIT_PROJECT_ARCHIVED,
    AUDIT_ROLE_ASSIGNMENT_CREATED,
    AUDIT_ROLE_ASSIGNMENT_DELETED,
    AUDIT_SERVICE_ACCOUNT_CREATED,
    AUDIT_SERVICE_ACCOUNT_UPDATED,
    AUDIT_SERVICE_ACCOUNT_DELETED,
    AUDIT_USER_ADDED,
    AUDIT_USER_UPDATED,
    AUDIT_USER_DELETED,
    AUDIT_EVENT_COUNT,
};

/* `data` of what was made, `changes_requested` of what was changed. */
struct audit_payload {
    struct text role;
    struct text email;
    struct text name;
    struct text title;
    struct text description;
    struct text password; /* what became of it */
    struct text_list scopes;
    int64_t expires_in_seconds;
};

/* Each type of event shows the members that its table names, as the contract has it. */
struct audit_detail {
    struct text id;
    struct text name; /* what it was called then; of a person the e-mail address */
    struct audit_payload payload;
    struct text principal_id;
    struct text principal_type;
    struct text resource_id;
    struct text resource_type;
    struct text error_code;
    struct text error_message;
};

struct audit_event_description {
    const char *type;                 /* "api_key.created" */
    const struct object_type *detail; /* over struct audit_detail */
};

const struct audit_event_description *audit_event_describe(enum audit_event event);

struct audit_actor_user {
    struct text id;
    struct text email;
};

struct audit_actor_session {
    struct audit_actor_user user;
    struct text ip_address;
    struct text id;
    struct text admin_api_key_id; /* that it began with, or TEXT_NONE */
};

struct audit_actor_api_key {
    struct text id;
    struct text type; /* "user" */
    struct audit_actor_user user;
    struct text ip_address;
};

struct audit_actor {
    struct text type; /* "session" or "api_key" */
    struct audit_actor_session session;
    struct audit_actor_api_key api_key;
};

extern const struct object_type audit_actor_type;

struct audit_log_project {
    struct text id;
    struct text name;
};

struct audit_log {
    struct text id;
    struct text type;
    int64_t effective_at;
    struct audit_log_project project;
    struct text actor;  /* JSON */
    struct text detail; /* JSON */
};

extern const struct object_type audit_log_type;

#endif
