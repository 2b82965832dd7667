/*
 * bench-insert DIRECTORY CREATES BATCH: what creating a service account's key costs when there is
 * no server: a loop that inserts the two rows of each create, BATCH creates a transaction, through
 * SQLite alone, as durably as the server does. Prints the seconds that it took.
 *
 * The rows are copies of the newest key and its audit event in the directory, with new ids and
 * digests, so they have the server's columns and sizes. The directory is one that nobody serves.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "rows.h"

/* The writer's: src/store/sqlite.c. */
static const char pragmas[] =
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; "
    "PRAGMA secure_delete=FAST; PRAGMA temp_store=MEMORY; PRAGMA cache_size=-32768; "
    "PRAGMA wal_autocheckpoint=4000; PRAGMA journal_size_limit=67108864;";

/* The columns in the order of the statements' parameters. */
static const char newest_key[] =
    "SELECT id, project_id, organization_id, owner_type, owner_id, name, redacted_value, digest, "
    "scopes, created_at, expires_at FROM project_api_keys ORDER BY id DESC LIMIT 1";
static const char newest_event[] =
    "SELECT id, organization_id, type, effective_at, project_id, project_name, actor, actor_id, "
    "actor_key_id, actor_email, resource_id, detail FROM audit_logs WHERE type = 'api_key.created' "
    "ORDER BY id DESC LIMIT 1";

enum { KEY_ID = 1, KEY_DIGEST = 8, EVENT_ID = 1, EVENT_RESOURCE_ID = 11 };

/* Binds every column of the newest row; what stays the same is bound once for all. */
static void bind_newest(sqlite3 *database, const char *newest, sqlite3_stmt *insert)
{
    sqlite3_stmt *read = NULL;
    if (sqlite3_prepare_v2(database, newest, -1, &read, NULL) != SQLITE_OK ||
        sqlite3_step(read) != SQLITE_ROW ||
        sqlite3_column_count(read) != sqlite3_bind_parameter_count(insert)) {
        rows_fail(database, newest);
    }
    for (int i = 0; i < sqlite3_column_count(read); i++) {
        (void)sqlite3_bind_value(insert, i + 1, sqlite3_column_value(read, i));
    }
    (void)sqlite3_finalize(read);
}

struct inserting {
    sqlite3 *database;
    sqlite3_stmt *key;
    sqlite3_stmt *event;
    int64_t at; /* microseconds, of the newest id */
    uint64_t random;
};

static void create(struct inserting *inserting)
{
    unsigned char digest[32];
    struct row_id key_id = rows_id(ID_KEY, ++inserting->at, &inserting->random);
    struct row_id event_id = rows_id(ID_AUDIT_LOG, ++inserting->at, &inserting->random);
    rows_random_digest(&inserting->random, digest);
    rows_bind_id(inserting->key, KEY_ID, &key_id);
    (void)sqlite3_bind_blob(inserting->key, KEY_DIGEST, digest, sizeof digest, SQLITE_STATIC);
    rows_step(inserting->database, inserting->key);
    rows_bind_id(inserting->event, EVENT_ID, &event_id);
    rows_bind_id(inserting->event, EVENT_RESOURCE_ID, &key_id);
    rows_step(inserting->database, inserting->event);
}

static void create_all(struct inserting *inserting, int64_t creates, int64_t batch)
{
    sqlite3_stmt *begin = NULL;
    sqlite3_stmt *commit = NULL;
    (void)sqlite3_prepare_v2(inserting->database, "BEGIN IMMEDIATE", -1, &begin, NULL);
    (void)sqlite3_prepare_v2(inserting->database, "COMMIT", -1, &commit, NULL);
    for (int64_t done = 0; done < creates;) {
        rows_step(inserting->database, begin);
        for (int64_t i = 0; i < batch && done < creates; i++, done++) {
            create(inserting);
        }
        rows_step(inserting->database, commit);
    }
    (void)sqlite3_finalize(begin);
    (void)sqlite3_finalize(commit);
}

int main(int argc, char **argv)
{
    if (argc != 4) {
        (void)fprintf(stderr, "usage: bench-insert DIRECTORY CREATES BATCH\n");
        return EXIT_FAILURE;
    }
    struct inserting inserting = {
        .database = rows_open(argv[1], pragmas),
        .at = clock_now_microseconds(),
    };
    inserting.key = rows_prepare(inserting.database, PROJECT_API_KEY_INSERT);
    inserting.event = rows_prepare(inserting.database, AUDIT_LOG_INSERT);
    bind_newest(inserting.database, newest_key, inserting.key);
    bind_newest(inserting.database, newest_event, inserting.event);
    int64_t started_at = clock_monotonic_microseconds();
    create_all(&inserting, rows_number(argv[2]), rows_number(argv[3]));
    int64_t microseconds = clock_monotonic_microseconds() - started_at;
    (void)printf("%lld.%06lld\n", (long long)(microseconds / MICROSECONDS_PER_SECOND),
                 (long long)(microseconds % MICROSECONDS_PER_SECOND));
    (void)sqlite3_finalize(inserting.key);
    (void)sqlite3_finalize(inserting.event);
    (void)sqlite3_close(inserting.database);
    return EXIT_SUCCESS;
}
