#ifndef ORGKEYS_STORE_SQLITE_COPY_H
#define ORGKEYS_STORE_SQLITE_COPY_H

#include "store/store.h"

/*
 * Of a reading session on SQLite, in a transaction: writes the database as the session sees it,
 * page by page, to the file at `path`, and has it on disk. `descriptor` is of that file, which is
 * empty, and in whose place nothing else is written. Whoever writes the database meanwhile goes on.
 * Ends early, with a fault, once *stopping is true.
 */
struct result sqlite_copy(struct store_session *session, const char *path, int descriptor,
                          const atomic_bool *stopping);

/* Whether the file that the session reads has another name by now, or none. */
bool sqlite_file_has_moved(struct store_session *session);

#endif
