#ifndef ORGKEYS_DOMAIN_PROJECT_USERS_H
#define ORGKEYS_DOMAIN_PROJECT_USERS_H

#include "domain/work.h"
#include "model/project_user.h"

/* The operations of /organization/projects/{project_id}/users. Organization owners count as owners.
 */
struct result project_user_list(struct work *work);
struct result project_user_create(struct work *work);
struct result project_user_retrieve(struct work *work);
struct result project_user_update(struct work *work);
struct result project_user_delete(struct work *work);

/* A user with access to work->project; NULL when they have none. */
struct result project_user_find(struct work *work, struct text user_id,
                                struct project_user **ret_project_user);
/* Makes a user, who has that address, a member of work->project and writes it into the audit log.
 */
struct result project_user_add(struct work *work, struct text user_id, struct text email,
                               struct text role);

#endif
