#ifndef ORGKEYS_DOMAIN_CALLERS_H
#define ORGKEYS_DOMAIN_CALLERS_H

#include "domain/work.h"

/*
 * Inside the transaction of a change: whether the admin key that was authenticated before it still
 * may call, as INVALID_API_KEY or EXPIRED_API_KEY say. It may have been revoked meanwhile, by a
 * neighbour in the same batch too. Fills in the person's e-mail address, for the audit event.
 */
struct result caller_recheck(struct work *work);

#endif
