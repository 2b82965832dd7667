#ifndef ORGKEYS_INVITES_H
#define ORGKEYS_INVITES_H

#include <orgkeys/client.h>
#include <orgkeys/users.h>

#ifdef __cplusplus
extern "C" {
#endif

/* An invitation to join the organization. */
typedef struct orgkeys_invite orgkeys_invite;
typedef struct orgkeys_invite_iterator orgkeys_invite_iterator;

/* ---- Calls ---- */

typedef struct orgkeys_invite_list_options {
    unsigned version; /* ORGKEYS_INVITE_LIST_OPTIONS_VERSION */
    /* Objects a page, 1 to 100; 0: the server's default. */
    int limit;
    /* Begin behind the invite of this id; NULL: at the beginning. */
    const char *after;
    /* "asc" or "desc", by creation. NULL: "asc". */
    const char *order;
    /* Only those that are "pending", "accepted" or "expired". NULL: all. */
    const char *status;
} orgkeys_invite_list_options;

#define ORGKEYS_INVITE_LIST_OPTIONS_VERSION 1
#define ORGKEYS_INVITE_LIST_OPTIONS_INIT                         \
    {                                                            \
        ORGKEYS_INVITE_LIST_OPTIONS_VERSION, 0, NULL, NULL, NULL \
    }

/* The invites of the organization; `options` may be NULL. */
orgkeys_status orgkeys_invites_list(orgkeys_client *client,
                                    const orgkeys_invite_list_options *options,
                                    orgkeys_invite_iterator **ret_iterator);

/* The next one, ORGKEYS_END, or any error. It lives until the iterator's next call. */
orgkeys_status orgkeys_invite_iterator_next(orgkeys_invite_iterator *iterator,
                                            const orgkeys_invite **ret_invite);

/* NULL is allowed. */
void orgkeys_invite_iterator_free(orgkeys_invite_iterator *iterator);

/* One invite. HTTP status 404: there is none of this id. */
orgkeys_status orgkeys_invites_retrieve(orgkeys_client *client, const char *invite_id,
                                        orgkeys_invite **ret_invite);

typedef struct orgkeys_invite_create_options {
    unsigned version; /* ORGKEYS_INVITE_CREATE_OPTIONS_VERSION */
    /* To join. NULL: the default project, as a member; not NULL and none: no project. */
    const char *const *project_ids;
    /* "member" or "owner", for each of them. */
    const char *const *project_roles;
    /* How many projects there are, and roles; at most 100. */
    size_t project_count;
} orgkeys_invite_create_options;

#define ORGKEYS_INVITE_CREATE_OPTIONS_VERSION 1
#define ORGKEYS_INVITE_CREATE_OPTIONS_INIT                   \
    {                                                        \
        ORGKEYS_INVITE_CREATE_OPTIONS_VERSION, NULL, NULL, 0 \
    }

/*
 * Invites a person to the organization, as "owner" or "reader". Of orgkeys, the reply has the
 * link to hand over, this once. `options` may be NULL.
 */
orgkeys_status orgkeys_invites_create(orgkeys_client *client, const char *email, const char *role,
                                      const orgkeys_invite_create_options *options,
                                      orgkeys_invite **ret_invite);

/* Withdraws an invite. HTTP status 400: it was accepted; 404: there is none of this id. */
orgkeys_status orgkeys_invites_delete(orgkeys_client *client, const char *invite_id);

/* Makes a new link, in this reply only, and ends the old one; of orgkeys only. */
orgkeys_status orgkeys_invites_renew_link(orgkeys_client *client, const char *invite_id,
                                          orgkeys_invite **ret_invite);

/*
 * Joins the organization with the token of an invite's link (what follows its `#`), which is a
 * secret. Of orgkeys only; the client needs no key. The person who joined is the caller's.
 */
orgkeys_status orgkeys_invites_accept(orgkeys_client *client, const char *token, const char *name,
                                      orgkeys_user **ret_user);

/* ---- What an object says ---- */

/* NULL is allowed. */
void orgkeys_invite_free(orgkeys_invite *invite);

/* Its id: invite_... */
const char *orgkeys_invite_id(const orgkeys_invite *invite);

/* The invited person's e-mail address. */
const char *orgkeys_invite_email(const orgkeys_invite *invite);

/* Their role in the organization: "owner" or "reader". */
const char *orgkeys_invite_role(const orgkeys_invite *invite);

/* "pending", "accepted" or "expired". */
const char *orgkeys_invite_status(const orgkeys_invite *invite);

/* When it was made. */
int64_t orgkeys_invite_created_at(const orgkeys_invite *invite);

/* When it expires. */
int64_t orgkeys_invite_expires_at(const orgkeys_invite *invite);

/* When it was accepted; ORGKEYS_NONE: it was not. */
int64_t orgkeys_invite_accepted_at(const orgkeys_invite *invite);

/* The link to hand over, a secret: in the reply that makes it, else NULL. */
const char *orgkeys_invite_invite_url(const orgkeys_invite *invite);

/* How many projects it is for. */
size_t orgkeys_invite_projects_count(const orgkeys_invite *invite);

/* The id of one of them; NULL past the last. */
const char *orgkeys_invite_projects_id(const orgkeys_invite *invite, size_t index);

/* The role there: "member" or "owner"; NULL past the last. */
const char *orgkeys_invite_projects_role(const orgkeys_invite *invite, size_t index);

#ifdef __cplusplus
}
#endif

#endif
