#ifndef ORGKEYS_KEYRING_LOAD_H
#define ORGKEYS_KEYRING_LOAD_H

#include "keyring/keyring.h"
#include "store/store.h"

/*
 * Reads every key from the store into new tables, which then take the place of the keyring's.
 * Nobody may change the store meanwhile: at start, or on the writer's own session. The changing
 * thread.
 */
struct result keyring_load(struct keyring *keyring, struct store_session *session);

#endif
