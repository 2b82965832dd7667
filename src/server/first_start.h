#ifndef ORGKEYS_SERVER_FIRST_START_H
#define ORGKEYS_SERVER_FIRST_START_H

#include "base/arena.h"
#include "base/problem.h"
#include "base/result.h"
#include "domain/work.h"
#include "server/config.h"
#include "store/store.h"

/* What the operator is to be told, once the address is known. Texts lie in the arena. */
struct first_start {
    struct text organization_id; /* of the oldest organization */
    /* To be printed, on a terminal only; or TEXT_NONE. */
    struct text admin_key;
    struct text password_link; /* by which the owner sets a password, once */
    struct text owner_email;
    /* Where they were written instead; or TEXT_NONE. */
    struct text key_file;
    struct text link_file;
};

/*
 * On an empty store: makes the organization, its default project, its owner, the first admin key
 * and the owner's password link. Where standard output is no terminal, these go to
 * DATA/first-admin-key and DATA/first-password-link (0600), before the commit, so that no crash
 * leaves a key that nobody has. A configured key is neither printed nor written. On a store that is
 * not empty: warns when the configured key is not one of its keys. `problem` has the details when a
 * configured key is refused.
 */
struct result first_start(struct store *store, const struct config *config,
                          const struct settings *settings, struct arena *arena,
                          struct problem *problem, struct first_start *ret_first_start);

/* Tells the operator, on standard output. */
void first_start_announce(const struct first_start *first_start, struct text public_url);

#endif
