#ifndef ORGKEYS_STORE_MIGRATIONS_H
#define ORGKEYS_STORE_MIGRATIONS_H

#include <stddef.h>

/*
 * The steps from an empty database to the newest schema. A step that was released is never edited:
 * a change is a new one. Each text is several statements, run in one transaction.
 */
struct store_migration {
    int number; /* its place in the list, from 1 on */
    const char *sqlite;
    const char *postgres;
};

const struct store_migration *store_migrations(size_t *ret_count);

/*
 * What must be there before the first migration: the table of those that were applied. Harmless
 * when it is there; its number is 0.
 */
const struct store_migration *store_migration_table(void);

#endif
