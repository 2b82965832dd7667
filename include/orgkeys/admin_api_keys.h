#ifndef ORGKEYS_ADMIN_API_KEYS_H
#define ORGKEYS_ADMIN_API_KEYS_H

#include <orgkeys/client.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A key that may call this API: sk-admin-... */
typedef struct orgkeys_admin_api_key orgkeys_admin_api_key;
typedef struct orgkeys_admin_api_key_iterator orgkeys_admin_api_key_iterator;

/* ---- Calls ---- */

typedef struct orgkeys_admin_api_key_list_options {
    unsigned version; /* ORGKEYS_ADMIN_API_KEY_LIST_OPTIONS_VERSION */
    /* Objects a page, 1 to 1000; 0: the server's default. */
    int limit;
    /* Begin behind the key of this id; NULL: at the beginning. */
    const char *after;
    /* "asc" or "desc", by creation. NULL: "asc". */
    const char *order;
} orgkeys_admin_api_key_list_options;

#define ORGKEYS_ADMIN_API_KEY_LIST_OPTIONS_VERSION 1
#define ORGKEYS_ADMIN_API_KEY_LIST_OPTIONS_INIT                   \
    {                                                             \
        ORGKEYS_ADMIN_API_KEY_LIST_OPTIONS_VERSION, 0, NULL, NULL \
    }

/* The admin keys of the organization; `options` may be NULL. */
orgkeys_status orgkeys_admin_api_keys_list(orgkeys_client *client,
                                           const orgkeys_admin_api_key_list_options *options,
                                           orgkeys_admin_api_key_iterator **ret_iterator);

/* The next one, ORGKEYS_END, or any error. It lives until the iterator's next call. */
orgkeys_status orgkeys_admin_api_key_iterator_next(orgkeys_admin_api_key_iterator *iterator,
                                                   const orgkeys_admin_api_key **ret_key);

/* NULL is allowed. */
void orgkeys_admin_api_key_iterator_free(orgkeys_admin_api_key_iterator *iterator);

/* One admin key. HTTP status 404: there is none of this id. */
orgkeys_status orgkeys_admin_api_keys_retrieve(orgkeys_client *client, const char *key_id,
                                               orgkeys_admin_api_key **ret_key);

typedef struct orgkeys_admin_api_key_create_options {
    unsigned version; /* ORGKEYS_ADMIN_API_KEY_CREATE_OPTIONS_VERSION */
    /* Seconds from now until it expires, at most a year. 0: it does not expire. */
    int64_t expires_in_seconds;
} orgkeys_admin_api_key_create_options;

#define ORGKEYS_ADMIN_API_KEY_CREATE_OPTIONS_VERSION 1
#define ORGKEYS_ADMIN_API_KEY_CREATE_OPTIONS_INIT       \
    {                                                   \
        ORGKEYS_ADMIN_API_KEY_CREATE_OPTIONS_VERSION, 0 \
    }

/* Makes an admin key, whose value is in this reply only; `options` may be NULL. */
orgkeys_status orgkeys_admin_api_keys_create(orgkeys_client *client, const char *name,
                                             const orgkeys_admin_api_key_create_options *options,
                                             orgkeys_admin_api_key **ret_key);

/* Revokes an admin key, also the client's own. HTTP status 404: there is none of this id. */
orgkeys_status orgkeys_admin_api_keys_delete(orgkeys_client *client, const char *key_id);

/* ---- What an object says ---- */

/* NULL is allowed. */
void orgkeys_admin_api_key_free(orgkeys_admin_api_key *key);

/* Its id: key_... */
const char *orgkeys_admin_api_key_id(const orgkeys_admin_api_key *key);

/* Its name. */
const char *orgkeys_admin_api_key_name(const orgkeys_admin_api_key *key);

/* The key's prefix and its last three characters. */
const char *orgkeys_admin_api_key_redacted_value(const orgkeys_admin_api_key *key);

/* The key itself, a secret: after orgkeys_admin_api_keys_create only, else NULL. */
const char *orgkeys_admin_api_key_value(const orgkeys_admin_api_key *key);

/* When it was made. */
int64_t orgkeys_admin_api_key_created_at(const orgkeys_admin_api_key *key);

/* When it expires; ORGKEYS_NONE: never. */
int64_t orgkeys_admin_api_key_expires_at(const orgkeys_admin_api_key *key);

/* When it was last used; ORGKEYS_NONE: never, or not known. */
int64_t orgkeys_admin_api_key_last_used_at(const orgkeys_admin_api_key *key);

/* What its owner is: "user". */
const char *orgkeys_admin_api_key_owner_type(const orgkeys_admin_api_key *key);

/* The owner's id. */
const char *orgkeys_admin_api_key_owner_id(const orgkeys_admin_api_key *key);

/* The owner's name. */
const char *orgkeys_admin_api_key_owner_name(const orgkeys_admin_api_key *key);

/* When the owner was made. */
int64_t orgkeys_admin_api_key_owner_created_at(const orgkeys_admin_api_key *key);

/* The owner's role in the organization: "owner". */
const char *orgkeys_admin_api_key_owner_role(const orgkeys_admin_api_key *key);

#ifdef __cplusplus
}
#endif

#endif
