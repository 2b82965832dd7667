#ifndef ORGKEYS_STORE_SQLITE_COPY_H
#define ORGKEYS_STORE_SQLITE_COPY_H

#include "store/store.h"

/*
 * Of a reading session on SQLite, in a transaction: writes the database as the session sees it,
 * page by page, to the file at `path`, which is there and empty. Whoever writes the database
 * meanwhile goes on. Nothing of the copy is on disk before the caller has it synced. Ends early,
 * with a fault, once *stopping is true.
 */
struct result sqlite_copy(struct store_session *session, const char *path,
                          const atomic_bool *stopping);

#endif
