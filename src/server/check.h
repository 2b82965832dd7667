#ifndef ORGKEYS_SERVER_CHECK_H
#define ORGKEYS_SERVER_CHECK_H

#include "server/database.h"

/* What check.c (the command, and what statements find) and check_keys.c share. */
struct check {
    struct database database;
    int64_t problems;
    bool is_mute; /* nobody takes what is said any more */
    int64_t project_keys;
    int64_t admin_keys;
    size_t keyring_bytes;
};

/* One problem, and a line: "project_api_keys key_...: its owner is not there". */
void check_problem(struct check *check, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/*
 * Loads every key as a server does, and asks for each what the rows say of it. `statements` is the
 * number of the first of store_check_keys.
 */
struct result check_keys(struct check *check, unsigned statements);

#endif
