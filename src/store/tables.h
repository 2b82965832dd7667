#ifndef ORGKEYS_STORE_TABLES_H
#define ORGKEYS_STORE_TABLES_H

#include "store/store.h"

/*
 * Every table with its columns, for who takes all of it from one database to another. They are in
 * an order in which their rows can be written: a row refers to tables before its own only.
 */
struct store_table {
    const char *name;
    /* The first columns of `read`, all texts, by which rows are in order; at most
     * STORE_TABLE_KEYS_MAXIMUM. 0: what the table has is of no use elsewhere. */
    size_t keys;
    const char *count; /* the rows that a database has which was used; 0 of a new one */
    const char *read;  /* the rows behind the keys that the first parameters are, a limit of them */
    const char *write; /* one row as `read` gives it */
};

enum { STORE_TABLE_COUNT = 15, STORE_TABLE_KEYS_MAXIMUM = 2 };

extern const struct store_table store_tables[STORE_TABLE_COUNT];

/* Their statements, for store_open, with numbers as store_table_statement gives them. */
enum store_table_use { STORE_TABLE_TO_COUNT, STORE_TABLE_TO_READ, STORE_TABLE_TO_WRITE };
enum { STORE_TABLE_USES = 3, STORE_TABLE_STATEMENT_COUNT = STORE_TABLE_COUNT * STORE_TABLE_USES };
void store_tables_list_statements(
    struct store_statement ret_statements[static STORE_TABLE_STATEMENT_COUNT]);
unsigned store_table_statement(size_t table, enum store_table_use use);

#endif
