#ifndef ORGKEYS_KEYRING_TABLES_H
#define ORGKEYS_KEYRING_TABLES_H

#include <stdatomic.h>

#include "keyring/keyring.h"
#include "keyring/registry.h"
#include "keyring/slots.h"

/*
 * What a keyring knows: the keys, and the small tables that they refer to. One thread changes it,
 * any number check.
 */
struct tables {
    struct registry organizations;
    struct registry projects;
    struct registry owners;
    struct registry memberships;
    struct registry scopes;
    _Atomic(struct slots *) slots;
};

struct result tables_create(size_t expected_keys, struct tables **ret_tables);
void tables_free(struct tables *tables);

/*
 * Room for `issues` more keys. *ret_replaced is the table of slots that was replaced, to be closed
 * when no reader is in it any more, or NULL.
 */
struct result tables_reserve(struct tables *tables, size_t issues, struct slots **ret_replaced);

/* The changing thread: whether there is a key with that digest. */
bool tables_hold(const struct tables *tables, const struct digest *digest);

/* See keyring.h. */
void tables_apply(struct tables *tables, const struct key_change *change);
enum keyring_verdict tables_check(const struct tables *tables, const struct digest *digest,
                                  int64_t now, struct keyring_holder *holder);

/*
 * Whether the key was not marked as used before, and is now. tables_unmark: it may be marked again.
 */
bool tables_mark(const struct tables *tables, const struct digest *digest);
void tables_unmark(const struct tables *tables, const struct digest *digest);

/* Keys, and bytes of memory. */
size_t tables_count(const struct tables *tables);
size_t tables_size(const struct tables *tables);

#endif
