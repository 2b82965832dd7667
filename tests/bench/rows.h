#ifndef ORGKEYS_TESTS_BENCH_ROWS_H
#define ORGKEYS_TESTS_BENCH_ROWS_H

#include <sqlite3.h>
#include <stdint.h>

#include "codec/digest.h"
#include "codec/id.h"
#include "codec/key_text.h"
#include "store/statements.h"

/*
 * What the programs of the bench share: rows put into a database that `orgkeys serve` has made,
 * with SQLite alone, while no server runs. Errors end the program.
 */

/* Prints `what` and SQLite's words, and exits. */
_Noreturn void rows_fail(sqlite3 *database, const char *what);

/* A positive number of the command line, or the end of the program. */
int64_t rows_number(const char *text);

/* `pragmas` are run on the open database. */
sqlite3 *rows_open(const char *directory, const char *pragmas);
void rows_run(sqlite3 *database, const char *sql);
/* The server's own text. */
sqlite3_stmt *rows_prepare(sqlite3 *database, enum statement statement);
/* Runs a statement that gives no row, and makes it ready for the next time. */
void rows_step(sqlite3 *database, sqlite3_stmt *statement);

/* Fast, and the same in every run: nothing here is a secret. */
uint64_t rows_random(uint64_t *state);
void rows_random_digest(uint64_t *state, unsigned char digest[static 32]);

struct row_id {
    char text[ID_LENGTH_MAXIMUM];
    int length;
};
/* An id of the server's form, so that it sorts by its time. */
struct row_id rows_id(enum id_kind kind, int64_t microseconds, uint64_t *state);
/* Not copied: `id` must outlive the step. */
void rows_bind_id(sqlite3_stmt *statement, int parameter, const struct row_id *id);

struct row_key {
    char text[63]; /* of the 60 that there are */
    uint8_t length;
};
/* The service account's key of that number: the same in every run and every program. */
struct row_key rows_key(uint64_t number);
struct digest rows_digest(const struct row_key *key);

#endif
