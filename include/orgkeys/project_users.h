#ifndef ORGKEYS_PROJECT_USERS_H
#define ORGKEYS_PROJECT_USERS_H

#include <orgkeys/client.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A person in a project. */
typedef struct orgkeys_project_user orgkeys_project_user;
typedef struct orgkeys_project_user_iterator orgkeys_project_user_iterator;

/* ---- Calls ---- */

/* The people in a project; `options` may be NULL. HTTP status 404: there is no such project. */
orgkeys_status orgkeys_project_users_list(orgkeys_client *client, const char *project_id,
                                          const orgkeys_list_options *options,
                                          orgkeys_project_user_iterator **ret_iterator);

/* The next one, ORGKEYS_END, or any error. It lives until the iterator's next call. */
orgkeys_status orgkeys_project_user_iterator_next(orgkeys_project_user_iterator *iterator,
                                                  const orgkeys_project_user **ret_user);

/* NULL is allowed. */
void orgkeys_project_user_iterator_free(orgkeys_project_user_iterator *iterator);

/* One person. HTTP status 404: there is no such project, or the person is not in it. */
orgkeys_status orgkeys_project_users_retrieve(orgkeys_client *client, const char *project_id,
                                              const char *user_id, orgkeys_project_user **ret_user);

/* Who is added. */
typedef struct orgkeys_project_user_create_options {
    unsigned version; /* ORGKEYS_PROJECT_USER_CREATE_OPTIONS_VERSION */
    /* A person of the organization. Either this or the address. */
    const char *user_id;
    /* Their e-mail address. */
    const char *email;
} orgkeys_project_user_create_options;

#define ORGKEYS_PROJECT_USER_CREATE_OPTIONS_VERSION 1
#define ORGKEYS_PROJECT_USER_CREATE_OPTIONS_INIT                \
    {                                                           \
        ORGKEYS_PROJECT_USER_CREATE_OPTIONS_VERSION, NULL, NULL \
    }

/*
 * Adds a person of the organization, as "owner" or "member". HTTP status 400: they are in the
 * project already.
 */
orgkeys_status orgkeys_project_users_create(orgkeys_client *client, const char *project_id,
                                            const char *role,
                                            const orgkeys_project_user_create_options *options,
                                            orgkeys_project_user **ret_user);

/* Changes a person's role in the project: "owner" or "member". */
orgkeys_status orgkeys_project_users_update(orgkeys_client *client, const char *project_id,
                                            const char *user_id, const char *role,
                                            orgkeys_project_user **ret_user);

/*
 * Takes a person out of the project: their keys there are refused. HTTP status 404: they are not
 * in it.
 */
orgkeys_status orgkeys_project_users_delete(orgkeys_client *client, const char *project_id,
                                            const char *user_id);

/* ---- What an object says ---- */

/* NULL is allowed. */
void orgkeys_project_user_free(orgkeys_project_user *user);

/* The person's id: user_... */
const char *orgkeys_project_user_id(const orgkeys_project_user *user);

/* Their name. */
const char *orgkeys_project_user_name(const orgkeys_project_user *user);

/* Their e-mail address. */
const char *orgkeys_project_user_email(const orgkeys_project_user *user);

/* Their role in the project: "owner" or "member". */
const char *orgkeys_project_user_role(const orgkeys_project_user *user);

/* Their role in the organization: "owner" or "reader". Its owners are owners of every project. */
const char *orgkeys_project_user_organization_role(const orgkeys_project_user *user);

/* When they were added to the project. */
int64_t orgkeys_project_user_added_at(const orgkeys_project_user *user);

#ifdef __cplusplus
}
#endif

#endif
