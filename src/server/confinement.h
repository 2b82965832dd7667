#ifndef ORGKEYS_SERVER_CONFINEMENT_H
#define ORGKEYS_SERVER_CONFINEMENT_H

#include <stdbool.h>

#include "base/arena.h"
#include "server/config.h"

/*
 * Closes the file system to the server but for what it needs (os/landlock.h): it writes below
 * --data and where its Unix sockets lie; it reads these, what the system's libraries read, and the
 * directories of its certificate; with --database everything, as libpq may be told of files
 * anywhere. To be called behind the first start, and before there is a thread.
 */
struct result confine(const struct config *config, struct arena *arena, bool *ret_is_confined);

#endif
