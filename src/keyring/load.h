#ifndef ORGKEYS_KEYRING_LOAD_H
#define ORGKEYS_KEYRING_LOAD_H

#include "keyring/keyring.h"
#include "store/store.h"

/*
 * Reads every key from the store into new tables, and the number of the commit that they are of.
 * Nobody may change the store meanwhile, unless the session's transaction sees one snapshot.
 */
struct result keyring_load(struct store_session *session, struct tables **ret_tables,
                           int64_t *ret_revision);

#endif
