#include "rows.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "codec/base62.h"

enum { WHOLE_TEXT = -1, PATH_MAXIMUM = 4096, ROW_MEMORY_MAXIMUM = 64 * 1024 };

void rows_fail(sqlite3 *database, const char *what)
{
    (void)fprintf(stderr, "%s: %s\n", what, sqlite3_errmsg(database));
    exit(EXIT_FAILURE);
}

int64_t rows_number(const char *text)
{
    int64_t number = 0;
    if (!text_to_integer(text_of(text), 1, INT64_MAX, &number)) {
        (void)fprintf(stderr, "%s: not a positive number\n", text);
        exit(EXIT_FAILURE);
    }
    return number;
}

void rows_run(sqlite3 *database, const char *sql)
{
    if (sqlite3_exec(database, sql, NULL, NULL, NULL) != SQLITE_OK) {
        rows_fail(database, sql);
    }
}

sqlite3 *rows_open(const char *directory, const char *pragmas)
{
    sqlite3 *database = NULL;
    char path[PATH_MAXIMUM];
    /* As in the server: counting memory costs a mutex an allocation. */
    (void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    (void)snprintf(path, sizeof path, "%s/orgkeys.db", directory);
    if (sqlite3_open_v2(path, &database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) !=
        SQLITE_OK) {
        rows_fail(database, path);
    }
    rows_run(database, pragmas);
    return database;
}

sqlite3_stmt *rows_prepare(sqlite3 *database, enum statement statement)
{
    sqlite3_stmt *handle = NULL;
    if (sqlite3_prepare_v3(database, statements[statement].sql, WHOLE_TEXT,
                           SQLITE_PREPARE_PERSISTENT, &handle, NULL) != SQLITE_OK) {
        rows_fail(database, statements[statement].name);
    }
    return handle;
}

void rows_step(sqlite3 *database, sqlite3_stmt *statement)
{
    if (sqlite3_step(statement) != SQLITE_DONE) {
        rows_fail(database, "insert");
    }
    (void)sqlite3_reset(statement);
}

/* splitmix64, https://prng.di.unimi.it/splitmix64.c */
uint64_t rows_random(uint64_t *state)
{
    uint64_t word = *state += 0x9e3779b97f4a7c15;
    word = (word ^ (word >> 30)) * 0xbf58476d1ce4e5b9;
    word = (word ^ (word >> 27)) * 0x94d049bb133111eb;
    return word ^ (word >> 31);
}

void rows_random_digest(uint64_t *state, unsigned char digest[static 32])
{
    for (int i = 0; i < 4; i++) {
        uint64_t word = rows_random(state);
        memcpy(digest + i * sizeof word, &word, sizeof word);
    }
}

struct row_id rows_id(enum id_kind kind, int64_t microseconds, uint64_t *state)
{
    struct row_id id;
    struct text prefix = id_prefix(kind);
    char *body = id.text + prefix.length;
    memcpy(id.text, prefix.data, prefix.length);
    base62_from_integer((uint64_t)microseconds, body, ID_TIME_DIGITS);
    base62_from_integer(rows_random(state), body + ID_TIME_DIGITS, ID_RANDOM_DIGITS);
    id.length = (int)(prefix.length + ID_BODY_LENGTH);
    return id;
}

struct row_key rows_key(uint64_t number)
{
    struct row_key key;
    struct arena arena;
    unsigned char random[KEY_TEXT_RANDOM_BYTES];
    rows_random_digest(&number, random);
    arena_init(&arena, ROW_MEMORY_MAXIMUM);
    struct text text = key_text_make(&arena, KEY_TEXT_SERVICE_ACCOUNT, random);
    if (text.data == NULL || text.length > sizeof key.text) {
        (void)fprintf(stderr, "no memory for a key\n");
        exit(EXIT_FAILURE);
    }
    memcpy(key.text, text.data, text.length);
    key.length = (uint8_t)text.length;
    arena_reset(&arena);
    return key;
}

struct digest rows_digest(const struct row_key *key)
{
    struct digest digest;
    if (result_failed(digest_of((struct text){ key->text, key->length }, &digest))) {
        (void)fprintf(stderr, "no digest of a key\n");
        exit(EXIT_FAILURE);
    }
    return digest;
}

void rows_bind_id(sqlite3_stmt *statement, int parameter, const struct row_id *id)
{
    (void)sqlite3_bind_text(statement, parameter, id->text, id->length, SQLITE_STATIC);
}
