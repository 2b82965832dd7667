#ifndef ORGKEYS_OS_LANDLOCK_H
#define ORGKEYS_OS_LANDLOCK_H

#include <stdbool.h>
#include <stddef.h>

#include "base/result.h"

/* A file, or a directory with all that is below it, also later. */
struct landlock_path {
    const char *path;
    bool is_writable; /* files and sockets may be made, changed and deleted there too */
};

/*
 * From now on this thread and those it makes may open no file but below these paths, and run none
 * at all (landlock(7)). What is open stays open. There is no way back. Paths that do not exist are
 * left out. *ret_is_confined is false where the kernel cannot do it: before 5.13, or built without.
 */
struct result landlock_confine(const struct landlock_path *paths, size_t count,
                               bool *ret_is_confined);

#endif
