#ifndef ORGKEYS_DOMAIN_CALLERS_H
#define ORGKEYS_DOMAIN_CALLERS_H

#include "domain/work.h"

/*
 * Whom a key speaks for: fills work->caller, or refuses with INVALID_API_KEY, EXPIRED_API_KEY or,
 * for a project's key, INSUFFICIENT_PERMISSIONS (`changes` chooses its text).
 */
struct result caller_authenticate(struct work *work, struct text key, bool changes);

/*
 * Inside the transaction of a change: whether the key that was authenticated before it still may
 * call. It may have been revoked meanwhile, by a neighbour in the same batch too.
 */
struct result caller_recheck(struct work *work);

#endif
