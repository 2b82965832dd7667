#ifndef ORGKEYS_AUDIT_LOGS_H
#define ORGKEYS_AUDIT_LOGS_H

#include <orgkeys/client.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A change, and who made it. */
typedef struct orgkeys_audit_log orgkeys_audit_log;
typedef struct orgkeys_audit_log_iterator orgkeys_audit_log_iterator;

/* ---- Calls ---- */

typedef struct orgkeys_audit_log_list_options {
    unsigned version; /* ORGKEYS_AUDIT_LOG_LIST_OPTIONS_VERSION */
    /* Objects a page, 1 to 100; 0: the server's default. */
    int limit;
    /* Begin behind the event of this id; NULL: at the beginning. */
    const char *after;
    /* End in front of the event of this id; NULL: do not. */
    const char *before;
    /* Later than this time. ORGKEYS_NONE: any. */
    int64_t effective_after;
    /* Not earlier than this time. ORGKEYS_NONE: any. */
    int64_t effective_from;
    /* Earlier than this time. ORGKEYS_NONE: any. */
    int64_t effective_before;
    /* Not later than this time. ORGKEYS_NONE: any. */
    int64_t effective_to;
    /* Only events of these projects. NULL: all. */
    const char *const *project_ids;
    /* How many, at most 100. */
    size_t project_id_count;
    /* Only events of these types, such as "api_key.created". NULL: all. */
    const char *const *event_types;
    /* How many, at most 100. */
    size_t event_type_count;
    /* Only events by these people, service accounts or keys. NULL: all. */
    const char *const *actor_ids;
    /* How many, at most 100. */
    size_t actor_id_count;
    /* Only events by people of these e-mail addresses. NULL: all. */
    const char *const *actor_emails;
    /* How many, at most 100. */
    size_t actor_email_count;
    /* Only events about these objects. NULL: all. */
    const char *const *resource_ids;
    /* How many, at most 100. */
    size_t resource_id_count;
    /* Only tenant-scoped events, of which orgkeys has none. */
    bool tenant_only;
} orgkeys_audit_log_list_options;

#define ORGKEYS_AUDIT_LOG_LIST_OPTIONS_VERSION 1
#define ORGKEYS_AUDIT_LOG_LIST_OPTIONS_INIT                                                \
    {                                                                                      \
        ORGKEYS_AUDIT_LOG_LIST_OPTIONS_VERSION, 0, NULL, NULL, ORGKEYS_NONE, ORGKEYS_NONE, \
            ORGKEYS_NONE, ORGKEYS_NONE, NULL, 0, NULL, 0, NULL, 0, NULL, 0, NULL, 0, false \
    }

/* What was changed, newest first; `options` may be NULL. */
orgkeys_status orgkeys_audit_logs_list(orgkeys_client *client,
                                       const orgkeys_audit_log_list_options *options,
                                       orgkeys_audit_log_iterator **ret_iterator);

/* The next one, ORGKEYS_END, or any error. It lives until the iterator's next call. */
orgkeys_status orgkeys_audit_log_iterator_next(orgkeys_audit_log_iterator *iterator,
                                               const orgkeys_audit_log **ret_log);

/* NULL is allowed. */
void orgkeys_audit_log_iterator_free(orgkeys_audit_log_iterator *iterator);

/* ---- What an object says ---- */

/* Its id. */
const char *orgkeys_audit_log_id(const orgkeys_audit_log *log);

/* What happened, such as "api_key.created". */
const char *orgkeys_audit_log_type(const orgkeys_audit_log *log);

/* When it happened. */
int64_t orgkeys_audit_log_effective_at(const orgkeys_audit_log *log);

/* The project it happened in. */
const char *orgkeys_audit_log_project_id(const orgkeys_audit_log *log);

/* The project's name. */
const char *orgkeys_audit_log_project_name(const orgkeys_audit_log *log);

/*
 * What the event is about: the JSON object that has the name of the type; NULL where there is
 * none.
 */
const char *orgkeys_audit_log_detail(const orgkeys_audit_log *log);

/* "session" or "api_key": how it was done. NULL: by somebody with access to the server. */
const char *orgkeys_audit_log_actor_type(const orgkeys_audit_log *log);

/* The person who was signed in. */
const char *orgkeys_audit_log_actor_session_user_id(const orgkeys_audit_log *log);

/* Their e-mail address. */
const char *orgkeys_audit_log_actor_session_user_email(const orgkeys_audit_log *log);

/* Where they came from. */
const char *orgkeys_audit_log_actor_session_ip_address(const orgkeys_audit_log *log);

/* The id of the session. Of orgkeys only. */
const char *orgkeys_audit_log_actor_session_id(const orgkeys_audit_log *log);

/* The admin key that the session began with; NULL: a password. Of orgkeys only. */
const char *orgkeys_audit_log_actor_session_admin_api_key_id(const orgkeys_audit_log *log);

/* The key it was done with. */
const char *orgkeys_audit_log_actor_api_key_id(const orgkeys_audit_log *log);

/* "user" or "service_account": whose key. */
const char *orgkeys_audit_log_actor_api_key_type(const orgkeys_audit_log *log);

/* The person whose key it is. */
const char *orgkeys_audit_log_actor_api_key_user_id(const orgkeys_audit_log *log);

/* Their e-mail address. */
const char *orgkeys_audit_log_actor_api_key_user_email(const orgkeys_audit_log *log);

/* Where the call came from; of orgkeys only. */
const char *orgkeys_audit_log_actor_api_key_ip_address(const orgkeys_audit_log *log);

#ifdef __cplusplus
}
#endif

#endif
