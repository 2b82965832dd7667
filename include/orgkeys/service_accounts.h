#ifndef ORGKEYS_SERVICE_ACCOUNTS_H
#define ORGKEYS_SERVICE_ACCOUNTS_H

#include <orgkeys/client.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A bot user of a project: an owner of keys that is no person. */
typedef struct orgkeys_service_account orgkeys_service_account;
typedef struct orgkeys_service_account_iterator orgkeys_service_account_iterator;

/* A key that was just issued to one. Afterwards it is one of the project's keys. */
typedef struct orgkeys_service_account_api_key orgkeys_service_account_api_key;

/* ---- Calls ---- */

/*
 * The service accounts of a project; `options` may be NULL. HTTP status 404: there is no such
 * project.
 */
orgkeys_status orgkeys_service_accounts_list(orgkeys_client *client, const char *project_id,
                                             const orgkeys_list_options *options,
                                             orgkeys_service_account_iterator **ret_iterator);

/* The next one, ORGKEYS_END, or any error. It lives until the iterator's next call. */
orgkeys_status orgkeys_service_account_iterator_next(orgkeys_service_account_iterator *iterator,
                                                     const orgkeys_service_account **ret_account);

/* NULL is allowed. */
void orgkeys_service_account_iterator_free(orgkeys_service_account_iterator *iterator);

/* One account. HTTP status 404: there is none of this id in the project. */
orgkeys_status orgkeys_service_accounts_retrieve(orgkeys_client *client, const char *project_id,
                                                 const char *service_account_id,
                                                 orgkeys_service_account **ret_account);

typedef struct orgkeys_service_account_create_options {
    unsigned version; /* ORGKEYS_SERVICE_ACCOUNT_CREATE_OPTIONS_VERSION */
    /* Whether it is made without a role and without a key. */
    bool create_service_account_only;
    /* Seconds from now until its key expires. 0: it does not expire. */
    int64_t expires_in_seconds;
} orgkeys_service_account_create_options;

#define ORGKEYS_SERVICE_ACCOUNT_CREATE_OPTIONS_VERSION 1
#define ORGKEYS_SERVICE_ACCOUNT_CREATE_OPTIONS_INIT              \
    {                                                            \
        ORGKEYS_SERVICE_ACCOUNT_CREATE_OPTIONS_VERSION, false, 0 \
    }

/* Makes an account and its first key, whose value is in this reply only; `options` may be NULL. */
orgkeys_status orgkeys_service_accounts_create(
    orgkeys_client *client, const char *project_id, const char *name,
    const orgkeys_service_account_create_options *options, orgkeys_service_account **ret_account);

typedef struct orgkeys_service_account_update_options {
    unsigned version; /* ORGKEYS_SERVICE_ACCOUNT_UPDATE_OPTIONS_VERSION */
    /* The new name. NULL: unchanged. */
    const char *name;
    /* "member" or "owner". NULL: unchanged. */
    const char *role;
} orgkeys_service_account_update_options;

#define ORGKEYS_SERVICE_ACCOUNT_UPDATE_OPTIONS_VERSION 1
#define ORGKEYS_SERVICE_ACCOUNT_UPDATE_OPTIONS_INIT                \
    {                                                              \
        ORGKEYS_SERVICE_ACCOUNT_UPDATE_OPTIONS_VERSION, NULL, NULL \
    }

/* Changes what the options name. */
orgkeys_status orgkeys_service_accounts_update(
    orgkeys_client *client, const char *project_id, const char *service_account_id,
    const orgkeys_service_account_update_options *options, orgkeys_service_account **ret_account);

/* Deletes an account: its keys end. HTTP status 404: there is none of this id in the project. */
orgkeys_status orgkeys_service_accounts_delete(orgkeys_client *client, const char *project_id,
                                               const char *service_account_id);

typedef struct orgkeys_service_account_api_key_create_options {
    unsigned version; /* ORGKEYS_SERVICE_ACCOUNT_API_KEY_CREATE_OPTIONS_VERSION */
    /* NULL: the server's default, "Secret Key". */
    const char *name;
    /* What the key is restricted to. NULL: no restriction. */
    const char *const *scopes;
    /* How many scopes there are. */
    size_t scope_count;
    /* Seconds from now until it expires. 0: it does not expire. */
    int64_t expires_in_seconds;
    /* A key that exists already, to be brought in; of orgkeys only. NULL: a new one is made. */
    const char *value;
} orgkeys_service_account_api_key_create_options;

#define ORGKEYS_SERVICE_ACCOUNT_API_KEY_CREATE_OPTIONS_VERSION 1
#define ORGKEYS_SERVICE_ACCOUNT_API_KEY_CREATE_OPTIONS_INIT                            \
    {                                                                                  \
        ORGKEYS_SERVICE_ACCOUNT_API_KEY_CREATE_OPTIONS_VERSION, NULL, NULL, 0, 0, NULL \
    }

/*
 * Issues a key to an account, or brings one in; `options` may be NULL. A new key's value is in
 * this reply only. HTTP status 409: the value that was brought in is known already.
 */
orgkeys_status orgkeys_service_account_api_keys_create(
    orgkeys_client *client, const char *project_id, const char *service_account_id,
    const orgkeys_service_account_api_key_create_options *options,
    orgkeys_service_account_api_key **ret_key);

/* ---- What an object says ---- */

/* NULL is allowed. */
void orgkeys_service_account_free(orgkeys_service_account *account);

/* Its id: svc_acct_... */
const char *orgkeys_service_account_id(const orgkeys_service_account *account);

/* Its name. */
const char *orgkeys_service_account_name(const orgkeys_service_account *account);

/* Its role in the project: "owner", "member" or "none". */
const char *orgkeys_service_account_role(const orgkeys_service_account *account);

/* When it was made. */
int64_t orgkeys_service_account_created_at(const orgkeys_service_account *account);

/*
 * Its first key, with its id and value: after orgkeys_service_accounts_create without
 * create_service_account_only, else NULL. It belongs to the account.
 */
const orgkeys_service_account_api_key *orgkeys_service_account_issued_key(
    const orgkeys_service_account *account);

/* NULL is allowed. */
void orgkeys_service_account_api_key_free(orgkeys_service_account_api_key *key);

/* Its id: key_... */
const char *orgkeys_service_account_api_key_id(const orgkeys_service_account_api_key *key);

/* Its name. */
const char *orgkeys_service_account_api_key_name(const orgkeys_service_account_api_key *key);

/* The key itself, a secret; NULL when it was brought in. */
const char *orgkeys_service_account_api_key_value(const orgkeys_service_account_api_key *key);

/* When it was issued. */
int64_t orgkeys_service_account_api_key_created_at(const orgkeys_service_account_api_key *key);

/* When it expires; ORGKEYS_NONE: never. */
int64_t orgkeys_service_account_api_key_expires_at(const orgkeys_service_account_api_key *key);

#ifdef __cplusplus
}
#endif

#endif
