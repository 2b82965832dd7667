#ifndef ORGKEYS_STORE_DIRECTORY_H
#define ORGKEYS_STORE_DIRECTORY_H

#include "base/result.h"
#include "base/text.h"

/*
 * The directory of the SQLite files: made where it is absent, and held against other processes by
 * a lock on DIR/lock that ends with the process, however it ends.
 */
enum { STORE_PATH_MAXIMUM = 4096, STORE_NOT_HELD = -1 };

/*
 * What `orgkeys restore` has written under this name is whole, and not yet in the place of the
 * database, whose write-ahead log may be gone: while it is there, nobody opens the database.
 */
#define STORE_RESTORED_NAME "orgkeys.db.restored"

struct store_directory {
    int lock;                               /* descriptor */
    char database_path[STORE_PATH_MAXIMUM]; /* absolute */
};

/* A fault when a restore into the directory was interrupted, with what ends it. */
struct result store_directory_check_restored(struct text path);
/* A fault when the directory has no database, or then. */
struct result store_directory_require(struct text path);
/* The same, with the database's absolute path. */
struct result store_directory_find(struct text path, char ret_path[STORE_PATH_MAXIMUM]);
/* The absolute path of what is there. */
struct result store_directory_resolve(struct text path, char ret_path[STORE_PATH_MAXIMUM]);

/* On failure nothing is held. What root makes is the directory's owner's. */
struct result store_directory_hold(struct text path, struct store_directory *directory);
/* The same without the database being made, and whether or not a restore was interrupted. */
struct result store_directory_lock(struct text path, struct store_directory *directory);
/*
 * Where root runs this process, and the directory is another user's, it is that user from now on:
 * a link, or a file, that its owner left there can do no more to others than the owner could.
 * Before any thread begins.
 */
struct result store_directory_act_as_owner(struct text path);
void store_directory_release(struct store_directory *directory);

#endif
