#include "server/schema.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sqlite3.h>

#include "base/buffer.h"
#include "store/sqlite_uri.h"

enum { BUSY_MS = 1000 };

/*
 * With a write-ahead log there is a server, or was one that crashed: its shared memory is read and
 * never made or mended. Without one nobody writes, and the file is as if it could not change.
 */
static struct result write_uri(struct text database_path, struct buffer *uri)
{
    char given[PATH_MAX];
    char absolute[PATH_MAX];
    char log[PATH_MAX + 4];
    (void)snprintf(given, sizeof given, "%.*s", TEXT_ARGUMENTS(database_path));
    if (realpath(given, absolute) == NULL) {
        return fault(ERROR_STORE_UNAVAILABLE, "there is no %s", given);
    }
    (void)snprintf(log, sizeof log, "%s-wal", absolute);
    sqlite_write_uri(uri, absolute,
                     access(log, F_OK) == 0 ? "mode=ro&readonly_shm=1" : "mode=ro&immutable=1");
    return uri->failed ? fault(ERROR_INTERNAL, "no memory for a path") : RESULT_OK;
}

/* What mends a database that cannot be read, after its reason. */
static const char *cure_of(int code)
{
    switch (code & 0xff) { /* without what SQLite's extended codes add */
    case SQLITE_NOTADB:
    case SQLITE_CORRUPT:
        return "it is damaged: stop the server, and restore a backup (docs/operations.md)";
    case SQLITE_FULL:
    case SQLITE_IOERR:
        return "look at the disk";
    default:
        return "where a server crashed, or never started, its next start mends it";
    }
}

/* Whether it has tables, of which none is ours. */
static bool is_of_others(sqlite3 *database)
{
    sqlite3_stmt *statement = NULL;
    bool is = sqlite3_prepare_v2(database,
                                 "SELECT count(*) > 0 AND sum(name = 'schema_migrations') = 0 "
                                 "FROM sqlite_schema",
                                 -1, &statement, NULL) == SQLITE_OK &&
              sqlite3_step(statement) == SQLITE_ROW && sqlite3_column_int(statement, 0) != 0;
    (void)sqlite3_finalize(statement);
    return is;
}

static struct result read_version(sqlite3 *database, int64_t *ret_version)
{
    sqlite3_stmt *statement = NULL;
    struct result result = RESULT_OK;
    if (is_of_others(database)) {
        return fault(ERROR_STORE_UNAVAILABLE,
                     "it is another program's database: give another --data, or move it away");
    }
    if (sqlite3_prepare_v2(database, "SELECT max(number) FROM schema_migrations", -1, &statement,
                           NULL) != SQLITE_OK ||
        sqlite3_step(statement) != SQLITE_ROW) {
        result = fault(ERROR_STORE_UNAVAILABLE, "%s: %s", sqlite3_errmsg(database),
                       cure_of(sqlite3_errcode(database)));
    } else {
        *ret_version = sqlite3_column_int64(statement, 0);
    }
    (void)sqlite3_finalize(statement);
    return result;
}

static struct result check_pages(sqlite3 *database)
{
    sqlite3_stmt *statement = NULL;
    struct result result = RESULT_OK;
    if (sqlite3_prepare_v2(database, "PRAGMA quick_check(1)", -1, &statement, NULL) != SQLITE_OK ||
        sqlite3_step(statement) != SQLITE_ROW) {
        result = fault(ERROR_STORE_UNAVAILABLE, "%s: %s", sqlite3_errmsg(database),
                       cure_of(sqlite3_errcode(database)));
    } else if (strcmp((const char *)sqlite3_column_text(statement, 0), "ok") != 0) {
        result = fault(ERROR_STORE_UNAVAILABLE, "%s", cure_of(SQLITE_CORRUPT));
    }
    (void)sqlite3_finalize(statement);
    return result;
}

/* On failure too the database is to be closed. */
static struct result open_database(struct text path, sqlite3 **ret_database)
{
    struct buffer uri;
    buffer_init(&uri, SQLITE_URI_MAXIMUM);
    struct result result = write_uri(path, &uri);
    int flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX;
    if (!result_failed(result) &&
        sqlite3_open_v2(uri.data, ret_database, flags, NULL) != SQLITE_OK) {
        result = fault(ERROR_STORE_UNAVAILABLE, "it cannot be opened");
    }
    if (*ret_database != NULL) {
        (void)sqlite3_busy_timeout(*ret_database, BUSY_MS);
    }
    buffer_free(&uri);
    return result;
}

struct result schema_version(struct text database_path, int64_t *ret_version)
{
    sqlite3 *database = NULL;
    struct result result = open_database(database_path, &database);
    if (!result_failed(result)) {
        result = read_version(database, ret_version);
    }
    (void)sqlite3_close(database);
    return result;
}

struct result schema_check_pages(struct text database_path)
{
    sqlite3 *database = NULL;
    struct result result = open_database(database_path, &database);
    if (!result_failed(result)) {
        result = check_pages(database);
    }
    (void)sqlite3_close(database);
    return result;
}
