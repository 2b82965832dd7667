#ifndef ORGKEYS_STORE_LOST_H
#define ORGKEYS_STORE_LOST_H

#include "base/result.h"

/*
 * A fault where the directory's database is missing or empty, and other files there tell that it
 * was not: nobody makes a new one in its place, and SQLite, which takes away the log of an empty
 * database, does not open it. What a first start leaves that was killed is no such directory.
 */
struct result store_directory_check_lost(const char *directory);

#endif
