#ifndef ORGKEYS_STORE_DIRECTORY_H
#define ORGKEYS_STORE_DIRECTORY_H

#include "base/result.h"
#include "base/text.h"

/*
 * The directory of the SQLite files: made where it is absent, and held against other processes by
 * a lock on DIR/lock that ends with the process, however it ends.
 */
enum { STORE_PATH_MAXIMUM = 4096 };

struct store_directory {
    int lock;                               /* descriptor */
    char database_path[STORE_PATH_MAXIMUM]; /* absolute */
};

/* A fault when the directory has no database. */
struct result store_directory_require(struct text path);

/* On failure nothing is held. */
struct result store_directory_hold(struct text path, struct store_directory *directory);
void store_directory_release(struct store_directory *directory);

#endif
