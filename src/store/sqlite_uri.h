#ifndef ORGKEYS_STORE_SQLITE_URI_H
#define ORGKEYS_STORE_SQLITE_URI_H

#include <limits.h>

#include "base/buffer.h"

/*
 * "file:/var/lib/a%20b?mode=ro" with a NUL at its end: the name of a database as SQLite takes it
 * where SQLITE_OPEN_URI is given, which keeps what is in the path from being read as parameters.
 */
enum { SQLITE_URI_MAXIMUM = 4 * PATH_MAX };

void sqlite_write_uri(struct buffer *uri, const char *absolute_path, const char *parameters);

#endif
