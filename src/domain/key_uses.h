#ifndef ORGKEYS_DOMAIN_KEY_USES_H
#define ORGKEYS_DOMAIN_KEY_USES_H

#include "domain/work.h"
#include "model/key_use.h"

/* Of one call, so that no other waits long behind it: where nodes share a database, on any of them.
 */
enum { KEY_USES_MAXIMUM = 250 };

/*
 * Writes `last_used_at` of keys, and `api_key_last_used_at` of the people who own them. A time only
 * ever moves on. No audit event: nothing was changed by anybody. Sorts the uses by digest, so that
 * whoever writes the same rows takes them in the same order.
 */
struct result key_uses_record(struct work *work, struct key_use *uses, size_t count);

#endif
