#ifndef ORGKEYS_SERVER_SCHEMA_H
#define ORGKEYS_SERVER_SCHEMA_H

#include <stdint.h>

#include "base/result.h"
#include "base/text.h"

/*
 * The number of the newest migration of a SQLite database, read without disturbing a server that
 * uses it and without leaving a file behind. A fault where it cannot be read now.
 */
struct result schema_version(struct text database_path, int64_t *ret_version);
/* In the same way: a fault where its pages are damaged, or do not fit together. Reads them all. */
struct result schema_check_pages(struct text database_path);

#endif
