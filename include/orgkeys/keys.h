#ifndef ORGKEYS_KEYS_H
#define ORGKEYS_KEYS_H

#include <orgkeys/client.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Whose key it is that came in. */
typedef struct orgkeys_verification orgkeys_verification;

/* ---- Calls ---- */

typedef struct orgkeys_verify_options {
    unsigned version; /* ORGKEYS_VERIFY_OPTIONS_VERSION */
    /* An organization's id, or "any". NULL: the server's oldest organization. */
    const char *organization;
    /* The project that the key must belong to. NULL: any. */
    const char *project;
    /* The scopes that the key must have, all of them. NULL: none. */
    const char *const *scopes;
    /* How many scopes there are, at most 16. */
    size_t scope_count;
} orgkeys_verify_options;

#define ORGKEYS_VERIFY_OPTIONS_VERSION 1
#define ORGKEYS_VERIFY_OPTIONS_INIT                         \
    {                                                       \
        ORGKEYS_VERIFY_OPTIONS_VERSION, NULL, NULL, NULL, 0 \
    }

/*
 * Asks an orgkeys server whether a key may come in; `options` may be NULL. The key, a secret, goes
 * in a header, and the client needs no admin key. ORGKEYS_OK: it may. ORGKEYS_ERROR_API with HTTP
 * status 401 or 403: it may not, and the error's code says why. Anything else: not known.
 */
orgkeys_status orgkeys_keys_verify(orgkeys_client *client, const char *key,
                                   const orgkeys_verify_options *options,
                                   orgkeys_verification **ret_verification);

/* ---- What an object says ---- */

/* NULL is allowed. */
void orgkeys_verification_free(orgkeys_verification *verification);

/* The organization's id. */
const char *orgkeys_verification_organization_id(const orgkeys_verification *verification);

/* The project's id. */
const char *orgkeys_verification_project_id(const orgkeys_verification *verification);

/* The key's id; never NULL. */
const char *orgkeys_verification_key_id(const orgkeys_verification *verification);

/* "user" or "service_account": what the owner is. */
const char *orgkeys_verification_owner_type(const orgkeys_verification *verification);

/* The owner's id; never NULL. */
const char *orgkeys_verification_owner_id(const orgkeys_verification *verification);

/* What the key is restricted to, separated by spaces; NULL: no restriction. */
const char *orgkeys_verification_scopes(const orgkeys_verification *verification);

/* When the key expires; ORGKEYS_NONE: never. */
int64_t orgkeys_verification_expires_at(const orgkeys_verification *verification);

/* ---- Introspection ---- */

/* What there is to say of a key (RFC 7662). The functions have the names of its members. */
typedef struct orgkeys_introspection orgkeys_introspection;

/*
 * Asks an orgkeys server, at /oauth2/introspect beside the base URL's /v1, what there is to say of
 * a key. orgkeys_keys_verify is for those who let keys in; this is for those who hold a key that
 * may ask about others: the client's admin key, or in its place a project's key whose scopes name
 * api.keys.introspect. ORGKEYS_OK says nothing of the key: orgkeys_introspection_active does. HTTP
 * status 401 or 403: the client's own key may not ask.
 */
orgkeys_status orgkeys_keys_introspect(orgkeys_client *client, const char *key,
                                       orgkeys_introspection **ret_introspection);

/* NULL is allowed. */
void orgkeys_introspection_free(orgkeys_introspection *introspection);

/*
 * Whether the key may come in now. False also of keys that the client's own may not ask about; then
 * nothing else is told.
 */
bool orgkeys_introspection_active(const orgkeys_introspection *introspection);

/* What the key is restricted to, separated by spaces; NULL: no restriction. */
const char *orgkeys_introspection_scope(const orgkeys_introspection *introspection);

/* "Bearer". */
const char *orgkeys_introspection_token_type(const orgkeys_introspection *introspection);

/* When the key expires; ORGKEYS_NONE: never. */
int64_t orgkeys_introspection_exp(const orgkeys_introspection *introspection);

/* The id of the key's owner. */
const char *orgkeys_introspection_sub(const orgkeys_introspection *introspection);

/* The key's id. */
const char *orgkeys_introspection_jti(const orgkeys_introspection *introspection);

/* The organization's id. */
const char *orgkeys_introspection_organization_id(const orgkeys_introspection *introspection);

/* The project's id. */
const char *orgkeys_introspection_project_id(const orgkeys_introspection *introspection);

/* "user" or "service_account": what the owner is. */
const char *orgkeys_introspection_owner_type(const orgkeys_introspection *introspection);

#ifdef __cplusplus
}
#endif

#endif
