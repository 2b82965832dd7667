#ifndef ORGKEYS_SERVER_TRANSACTION_H
#define ORGKEYS_SERVER_TRANSACTION_H

#include "domain/work.h"
#include "server/config.h"

enum { TRANSACTION_MEMORY_MAXIMUM = 16 * 1024 * 1024 };

/*
 * Runs something in a transaction of its own, without a writer: before the server starts, or
 * instead of it. What `run` puts into the arena lives as long as the caller's arena.
 */
struct result transaction_run(struct store *store, const struct settings *settings,
                              struct arena *arena,
                              struct result (*run)(struct work *work, void *context),
                              void *context);

/* The store of --data, with the program's statements. */
struct result store_open_for(const struct config *config, enum store_creation creation,
                             struct store **ret_store);

#endif
