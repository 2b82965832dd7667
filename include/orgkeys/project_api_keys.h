#ifndef ORGKEYS_PROJECT_API_KEYS_H
#define ORGKEYS_PROJECT_API_KEYS_H

#include <orgkeys/client.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A key of a project: of a person, or of a service account. */
typedef struct orgkeys_project_api_key orgkeys_project_api_key;
typedef struct orgkeys_project_api_key_iterator orgkeys_project_api_key_iterator;

/* ---- Calls ---- */

typedef struct orgkeys_project_api_key_list_options {
    unsigned version; /* ORGKEYS_PROJECT_API_KEY_LIST_OPTIONS_VERSION */
    /* Objects a page, 1 to 100; 0: the server's default. */
    int limit;
    /* Begin behind the key of this id; NULL: at the beginning. */
    const char *after;
    /* "active", "inactive" or "any": the owner's access to the project. NULL: the default. */
    const char *owner_project_access;

    /* What follows is of orgkeys only. */

    /* "asc" or "desc", by creation. NULL: "asc". */
    const char *order;
    /*
     * Only keys with this text in their name, id, last characters, or their owner's name or e-mail
     * address, whatever the case of its ASCII letters. 1 to 100 characters. NULL: all.
     */
    const char *search;
    /* Only keys that were never used. */
    bool never_used;
    /* Only keys that expire, and not before this time. ORGKEYS_NONE: all. */
    int64_t expires_from;
    /* Only keys that expire before this time. ORGKEYS_NONE: all. */
    int64_t expires_before;
    /* Only keys that were used, and last before this time. ORGKEYS_NONE: all. */
    int64_t last_used_before;
    /* Only keys that were made before this time. ORGKEYS_NONE: all. */
    int64_t created_before;
    /* Those of archived projects too: for orgkeys_project_api_keys_list_all only. */
    bool include_archived;
} orgkeys_project_api_key_list_options;

#define ORGKEYS_PROJECT_API_KEY_LIST_OPTIONS_VERSION 1
#define ORGKEYS_PROJECT_API_KEY_LIST_OPTIONS_INIT                                       \
    {                                                                                   \
        ORGKEYS_PROJECT_API_KEY_LIST_OPTIONS_VERSION, 0, NULL, NULL, NULL, NULL, false, \
            ORGKEYS_NONE, ORGKEYS_NONE, ORGKEYS_NONE, ORGKEYS_NONE, false               \
    }

/* The keys of a project; `options` may be NULL. HTTP status 404: there is no such project. */
orgkeys_status orgkeys_project_api_keys_list(orgkeys_client *client, const char *project_id,
                                             const orgkeys_project_api_key_list_options *options,
                                             orgkeys_project_api_key_iterator **ret_iterator);

/* The keys of all projects; `options` may be NULL. Of orgkeys only. */
orgkeys_status orgkeys_project_api_keys_list_all(
    orgkeys_client *client, const orgkeys_project_api_key_list_options *options,
    orgkeys_project_api_key_iterator **ret_iterator);

/* The next one, ORGKEYS_END, or any error. It lives until the iterator's next call. */
orgkeys_status orgkeys_project_api_key_iterator_next(orgkeys_project_api_key_iterator *iterator,
                                                     const orgkeys_project_api_key **ret_key);

/* NULL is allowed. */
void orgkeys_project_api_key_iterator_free(orgkeys_project_api_key_iterator *iterator);

/* One key. HTTP status 404: there is none of this id in the project. */
orgkeys_status orgkeys_project_api_keys_retrieve(orgkeys_client *client, const char *project_id,
                                                 const char *api_key_id,
                                                 orgkeys_project_api_key **ret_key);

typedef struct orgkeys_project_api_key_create_options {
    unsigned version; /* ORGKEYS_PROJECT_API_KEY_CREATE_OPTIONS_VERSION */
    /* The owner. NULL: the person behind the client's key. */
    const char *user_id;
    /* What the key is restricted to. NULL: no restriction. */
    const char *const *scopes;
    /* How many scopes there are. */
    size_t scope_count;
    /* Seconds from now until it expires. 0: it does not expire. */
    int64_t expires_in_seconds;
} orgkeys_project_api_key_create_options;

#define ORGKEYS_PROJECT_API_KEY_CREATE_OPTIONS_VERSION 1
#define ORGKEYS_PROJECT_API_KEY_CREATE_OPTIONS_INIT                      \
    {                                                                    \
        ORGKEYS_PROJECT_API_KEY_CREATE_OPTIONS_VERSION, NULL, NULL, 0, 0 \
    }

/*
 * Issues a person's key, whose value is in this reply only; of orgkeys only. `options` may be
 * NULL.
 */
orgkeys_status orgkeys_project_api_keys_create(
    orgkeys_client *client, const char *project_id, const char *name,
    const orgkeys_project_api_key_create_options *options, orgkeys_project_api_key **ret_key);

typedef struct orgkeys_project_api_key_update_options {
    unsigned version; /* ORGKEYS_PROJECT_API_KEY_UPDATE_OPTIONS_VERSION */
    /* Instead of those it has. NULL: unchanged; not NULL and none: no restriction. */
    const char *const *scopes;
    /* How many scopes there are. */
    size_t scope_count;
    /* Seconds from now until it expires. 0: unchanged. */
    int64_t expires_in_seconds;
} orgkeys_project_api_key_update_options;

#define ORGKEYS_PROJECT_API_KEY_UPDATE_OPTIONS_VERSION 1
#define ORGKEYS_PROJECT_API_KEY_UPDATE_OPTIONS_INIT                \
    {                                                              \
        ORGKEYS_PROJECT_API_KEY_UPDATE_OPTIONS_VERSION, NULL, 0, 0 \
    }

/* Changes what the options name. HTTP status 400: they name nothing, or the key has expired. */
orgkeys_status orgkeys_project_api_keys_update(
    orgkeys_client *client, const char *project_id, const char *api_key_id,
    const orgkeys_project_api_key_update_options *options, orgkeys_project_api_key **ret_key);

/* Revokes a key. HTTP status 404: there is none of this id in the project. */
orgkeys_status orgkeys_project_api_keys_delete(orgkeys_client *client, const char *project_id,
                                               const char *api_key_id);

/* ---- What an object says ---- */

/* NULL is allowed. */
void orgkeys_project_api_key_free(orgkeys_project_api_key *key);

/* Its id: key_... */
const char *orgkeys_project_api_key_id(const orgkeys_project_api_key *key);

/* Its name. */
const char *orgkeys_project_api_key_name(const orgkeys_project_api_key *key);

/* The key's prefix and its last three characters. */
const char *orgkeys_project_api_key_redacted_value(const orgkeys_project_api_key *key);

/* The key itself, a secret: after orgkeys_project_api_keys_create only, else NULL. */
const char *orgkeys_project_api_key_value(const orgkeys_project_api_key *key);

/* When it was made. */
int64_t orgkeys_project_api_key_created_at(const orgkeys_project_api_key *key);

/* When it was last used; ORGKEYS_NONE: never, or not known. */
int64_t orgkeys_project_api_key_last_used_at(const orgkeys_project_api_key *key);

/* When it expires; ORGKEYS_NONE: never. */
int64_t orgkeys_project_api_key_expires_at(const orgkeys_project_api_key *key);

/* "active" or "inactive": whether its owner has access to the project at the moment. */
const char *orgkeys_project_api_key_owner_project_access(const orgkeys_project_api_key *key);

/* How many scopes it is restricted to; 0: no restriction. */
size_t orgkeys_project_api_key_scopes_count(const orgkeys_project_api_key *key);

/* One of them; NULL past the last. */
const char *orgkeys_project_api_key_scopes_at(const orgkeys_project_api_key *key, size_t index);

/* The id of the key's project; NULL: from a server other than orgkeys. */
const char *orgkeys_project_api_key_project_id(const orgkeys_project_api_key *key);

/* The project's name; the same. */
const char *orgkeys_project_api_key_project_name(const orgkeys_project_api_key *key);

/* "user" or "service_account": which of the two owners below is there. */
const char *orgkeys_project_api_key_owner_type(const orgkeys_project_api_key *key);

/* The person's id. */
const char *orgkeys_project_api_key_owner_user_id(const orgkeys_project_api_key *key);

/* Their e-mail address. */
const char *orgkeys_project_api_key_owner_user_email(const orgkeys_project_api_key *key);

/* Their name. */
const char *orgkeys_project_api_key_owner_user_name(const orgkeys_project_api_key *key);

/* When they joined. */
int64_t orgkeys_project_api_key_owner_user_created_at(const orgkeys_project_api_key *key);

/* Their role in the project. */
const char *orgkeys_project_api_key_owner_user_role(const orgkeys_project_api_key *key);

/* The service account's id. */
const char *orgkeys_project_api_key_owner_service_account_id(const orgkeys_project_api_key *key);

/* Its name. */
const char *orgkeys_project_api_key_owner_service_account_name(const orgkeys_project_api_key *key);

/* When it was made. */
int64_t orgkeys_project_api_key_owner_service_account_created_at(
    const orgkeys_project_api_key *key);

/* Its role in the project. */
const char *orgkeys_project_api_key_owner_service_account_role(const orgkeys_project_api_key *key);

#ifdef __cplusplus
}
#endif

#endif
