#ifndef ORGKEYS_SERVER_FIRST_START_H
#define ORGKEYS_SERVER_FIRST_START_H

#include "base/arena.h"
#include "base/problem.h"
#include "base/result.h"
#include "server/config.h"
#include "store/store.h"

/* What the operator is to be told, once the address is known. Texts lie in the arena. */
struct first_start {
    struct text admin_key;       /* to be printed, on a terminal only; or TEXT_NONE */
    struct text organization_id; /* of the oldest organization */
    struct text key_file;        /* where it was written instead; or TEXT_NONE */
};

/*
 * On an empty store: makes the organization, its default project, its owner and the first admin
 * key. Where standard output is no terminal, the key goes to DATA/first-admin-key (0600), before
 * the commit, so that no crash leaves a key that nobody has. On a store that is not empty: warns
 * when the configured key is not one of its keys. `problem` has the
 * details when a configured key is refused.
 */
struct result first_start(struct store *store, struct config *config, struct arena *arena,
                          struct problem *problem, struct first_start *ret_first_start);

/* Tells the operator, on standard output. */
void first_start_announce(const struct first_start *first_start, struct text public_url);

#endif
