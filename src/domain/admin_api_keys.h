#ifndef ORGKEYS_DOMAIN_ADMIN_API_KEYS_H
#define ORGKEYS_DOMAIN_ADMIN_API_KEYS_H

#include "domain/work.h"
#include "model/admin_api_key.h"

/* The operations of /organization/admin_api_keys. */
struct result admin_api_key_list(struct work *work);
struct result admin_api_key_create(struct work *work);
struct result admin_api_key_retrieve(struct work *work);
struct result admin_api_key_delete(struct work *work);

/*
 * Makes a key of an owner and writes it into the audit log. `value` is one that exists already, or
 * TEXT_NONE: one is made.
 */
struct result admin_api_key_add(struct work *work, const struct key_owner *owner, struct text name,
                                int64_t expires_at, struct text value,
                                struct admin_api_key **ret_key);

/*
 * Ends every admin key of the caller's organization at once, however many they are. Those that are
 * issued afterwards live. While no server holds the store.
 */
struct result admin_api_key_end_all(struct work *work);

#endif
