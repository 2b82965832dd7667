#ifndef ORGKEYS_DOMAIN_SERVICE_ACCOUNTS_H
#define ORGKEYS_DOMAIN_SERVICE_ACCOUNTS_H

#include "domain/work.h"
#include "model/service_account.h"

/* The operations of /organization/projects/{project_id}/service_accounts. */
struct result service_account_list(struct work *work);
struct result service_account_create(struct work *work);
struct result service_account_retrieve(struct work *work);
struct result service_account_update(struct work *work);
struct result service_account_delete(struct work *work);
struct result service_account_api_key_create(struct work *work);

#endif
