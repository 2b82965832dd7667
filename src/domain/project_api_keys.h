#ifndef ORGKEYS_DOMAIN_PROJECT_API_KEYS_H
#define ORGKEYS_DOMAIN_PROJECT_API_KEYS_H

#include "domain/credential.h"
#include "domain/work.h"
#include "model/project_api_key.h"

/* The operations of /organization/projects/{project_id}/api_keys. */
struct result project_api_key_list(struct work *work);
struct result project_api_key_create(struct work *work);
struct result project_api_key_retrieve(struct work *work);
struct result project_api_key_update(struct work *work);
struct result project_api_key_delete(struct work *work);

/* The operation of /organization/project_api_keys. */
struct result project_api_key_list_of_organization(struct work *work);

/* What a key of work->project is made of. */
struct project_api_key_issue {
    struct key_owner owner;
    bool has_role; /* the owner, in the project */
    struct text name;
    const struct text_list *scopes; /* none: no restriction */
    int64_t expires_at;             /* or FIELD_ABSENT */
};

/* Keeps a key and writes it into the audit log. */
struct result project_api_key_add(struct work *work, const struct project_api_key_issue *issue,
                                  const struct credential *credential, struct text *ret_id,
                                  int64_t *ret_created_at);

#endif
