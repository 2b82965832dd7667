#ifndef ORGKEYS_USERS_H
#define ORGKEYS_USERS_H

#include <orgkeys/client.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A person in the organization. */
typedef struct orgkeys_user orgkeys_user;
typedef struct orgkeys_user_iterator orgkeys_user_iterator;

/* By which a person sets a password to sign in to the dashboard with. */
typedef struct orgkeys_password_link orgkeys_password_link;

/* ---- Calls ---- */

typedef struct orgkeys_user_list_options {
    unsigned version; /* ORGKEYS_USER_LIST_OPTIONS_VERSION */
    /* Objects a page, 1 to 100; 0: the server's default. */
    int limit;
    /* Begin behind the person of this id; NULL: at the beginning. */
    const char *after;
    /* Only people with these e-mail addresses. NULL: all. */
    const char *const *emails;
    /* How many addresses there are, at most 100. */
    size_t email_count;
} orgkeys_user_list_options;

#define ORGKEYS_USER_LIST_OPTIONS_VERSION 1
#define ORGKEYS_USER_LIST_OPTIONS_INIT                      \
    {                                                       \
        ORGKEYS_USER_LIST_OPTIONS_VERSION, 0, NULL, NULL, 0 \
    }

/* The people of the organization; `options` may be NULL. */
orgkeys_status orgkeys_users_list(orgkeys_client *client, const orgkeys_user_list_options *options,
                                  orgkeys_user_iterator **ret_iterator);

/* The next one, ORGKEYS_END, or any error. It lives until the iterator's next call. */
orgkeys_status orgkeys_user_iterator_next(orgkeys_user_iterator *iterator,
                                          const orgkeys_user **ret_user);

/* NULL is allowed. */
void orgkeys_user_iterator_free(orgkeys_user_iterator *iterator);

/* One person. HTTP status 404: there is none of this id. */
orgkeys_status orgkeys_users_retrieve(orgkeys_client *client, const char *user_id,
                                      orgkeys_user **ret_user);

typedef struct orgkeys_user_update_options {
    unsigned version; /* ORGKEYS_USER_UPDATE_OPTIONS_VERSION */
    /* "owner" or "reader". NULL: unchanged. */
    const char *role;
    /* A role of the server's own, instead. NULL: unchanged. */
    const char *role_id;
    /* NULL: unchanged. */
    const char *technical_level;
    /* NULL: unchanged. */
    const char *developer_persona;
} orgkeys_user_update_options;

#define ORGKEYS_USER_UPDATE_OPTIONS_VERSION 1
#define ORGKEYS_USER_UPDATE_OPTIONS_INIT                            \
    {                                                               \
        ORGKEYS_USER_UPDATE_OPTIONS_VERSION, NULL, NULL, NULL, NULL \
    }

/* Changes what the options name. HTTP status 400: the last owner would be none. */
orgkeys_status orgkeys_users_update(orgkeys_client *client, const char *user_id,
                                    const orgkeys_user_update_options *options,
                                    orgkeys_user **ret_user);

/*
 * Removes a person from the organization: their keys end. HTTP status 404: there is none of this
 * id.
 */
orgkeys_status orgkeys_users_delete(orgkeys_client *client, const char *user_id);

/*
 * Makes a link by which a person sets a password, once; an older link ends, the password that they
 * have does not. Of orgkeys only. HTTP status 404: there is none of this id.
 */
orgkeys_status orgkeys_users_create_password_link(orgkeys_client *client, const char *user_id,
                                                  orgkeys_password_link **ret_link);

/* ---- What an object says ---- */

/* NULL is allowed. */
void orgkeys_user_free(orgkeys_user *user);

/* Their id: user_... */
const char *orgkeys_user_id(const orgkeys_user *user);

/* Their name. */
const char *orgkeys_user_name(const orgkeys_user *user);

/* Their e-mail address. */
const char *orgkeys_user_email(const orgkeys_user *user);

/* Their role in the organization: "owner" or "reader". */
const char *orgkeys_user_role(const orgkeys_user *user);

/* When they joined. */
int64_t orgkeys_user_added_at(const orgkeys_user *user);

/* Whether the organization was made for this person. */
bool orgkeys_user_is_default(const orgkeys_user *user);

/* Whether this is no person. */
bool orgkeys_user_is_service_account(const orgkeys_user *user);

/* Whether a directory manages this person. */
bool orgkeys_user_is_scim_managed(const orgkeys_user *user);

/* When one of their keys was last used. */
int64_t orgkeys_user_api_key_last_used_at(const orgkeys_user *user);

/* What they said of their knowledge. */
const char *orgkeys_user_technical_level(const orgkeys_user *user);

/* What they said of their work. */
const char *orgkeys_user_developer_persona(const orgkeys_user *user);

/* The id of the account behind the membership. */
const char *orgkeys_user_user_id(const orgkeys_user *user);

/* Its e-mail address. */
const char *orgkeys_user_user_email(const orgkeys_user *user);

/* Its name. */
const char *orgkeys_user_user_name(const orgkeys_user *user);

/* The URL of a picture. */
const char *orgkeys_user_user_picture(const orgkeys_user *user);

/* Whether the account is enabled. */
bool orgkeys_user_user_enabled(const orgkeys_user *user);

/* Whether it is banned. */
bool orgkeys_user_user_banned(const orgkeys_user *user);

/* Since when. */
int64_t orgkeys_user_user_banned_at(const orgkeys_user *user);

/* NULL is allowed. */
void orgkeys_password_link_free(orgkeys_password_link *link);

/* The id of the person whom it is for. */
const char *orgkeys_password_link_user_id(const orgkeys_password_link *link);

/* The link to hand over, a secret: only in this reply. */
const char *orgkeys_password_link_url(const orgkeys_password_link *link);

/* When it expires. */
int64_t orgkeys_password_link_expires_at(const orgkeys_password_link *link);

#ifdef __cplusplus
}
#endif

#endif
