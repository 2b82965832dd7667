#ifndef ORGKEYS_KEYRING_STORED_H
#define ORGKEYS_KEYRING_STORED_H

#include "base/arena.h"
#include "base/result.h"
#include "model/key_change.h"

/*
 * What the store says of keys, which somebody may have edited. The keyring follows only what could
 * have been written; all else is a fault that names the table and what of its row is wrong.
 */
struct result stored_change_check(const char *table, const struct key_change *change);

/* A row's `changes`, each looked at. */
struct result stored_changes_read(struct arena *arena, struct text json,
                                  struct key_change **ret_changes);

#endif
