/*
 * bench-fill DIRECTORY KEYS: puts that many project keys into the first organization's default
 * project, one service account to ten keys, each key's owner chosen at random. Their texts are
 * those of bench-keys, from number 0 on. The directory is one that `orgkeys serve` has made and
 * nobody serves.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "rows.h"

enum { KEYS_AN_OWNER = 10, BATCH = 100000 };

/* Nothing here has to survive a crash, and a cache that holds all indexes makes it quick. */
static const char pragmas[] = "PRAGMA synchronous=OFF; PRAGMA locking_mode=EXCLUSIVE; "
                              "PRAGMA cache_size=-1048576; PRAGMA wal_autocheckpoint=100000;";

struct filling {
    sqlite3 *database;
    sqlite3_stmt *insert;
    struct row_id *owners;
    int64_t owner_count;
    int64_t first_at; /* microseconds; the ids' times follow from it, one a row */
    uint64_t random;
};

/* Both ids are the same for all rows, and come from the database. */
static void bind_tenants(struct filling *filling, sqlite3_stmt *statement, int project,
                         int organization)
{
    sqlite3_stmt *read = rows_prepare(filling->database, ORGANIZATION_FIRST);
    if (sqlite3_step(read) != SQLITE_ROW) {
        rows_fail(filling->database, "there is no organization");
    }
    (void)sqlite3_bind_value(statement, organization, sqlite3_column_value(read, 0));
    (void)sqlite3_bind_value(statement, project, sqlite3_column_value(read, 2));
    (void)sqlite3_finalize(read);
}

static void add_owner(struct filling *filling, int64_t i)
{
    char name[64];
    struct row_id *id = &filling->owners[i];
    int length = snprintf(name, sizeof name, "service account %lld", (long long)i);
    *id = rows_id(ID_SERVICE_ACCOUNT, filling->first_at + i, &filling->random);
    rows_bind_id(filling->insert, 1, id);
    (void)sqlite3_bind_text(filling->insert, 4, name, length, SQLITE_STATIC);
    (void)sqlite3_bind_text(filling->insert, 5, "member", -1, SQLITE_STATIC);
    (void)sqlite3_bind_int64(filling->insert, 6, filling->first_at / MICROSECONDS_PER_SECOND);
    rows_step(filling->database, filling->insert);
}

static void add_key(struct filling *filling, int64_t i)
{
    struct row_key key = rows_key((uint64_t)i);
    struct digest digest = rows_digest(&key);
    int64_t at = filling->first_at + filling->owner_count + i;
    struct row_id id = rows_id(ID_KEY, at, &filling->random);
    uint64_t owner = rows_random(&filling->random) % (uint64_t)filling->owner_count;
    rows_bind_id(filling->insert, 1, &id);
    (void)sqlite3_bind_text(filling->insert, 4, "service_account", -1, SQLITE_STATIC);
    rows_bind_id(filling->insert, 5, &filling->owners[owner]);
    (void)sqlite3_bind_text(filling->insert, 6, "Secret Key", -1, SQLITE_STATIC);
    (void)sqlite3_bind_text(filling->insert, 7, "sk-svcacct...abc", -1, SQLITE_STATIC);
    (void)sqlite3_bind_blob(filling->insert, 8, digest.bytes, sizeof digest.bytes, SQLITE_STATIC);
    (void)sqlite3_bind_text(filling->insert, 9, "[]", -1, SQLITE_STATIC);
    (void)sqlite3_bind_int64(filling->insert, 10, at / MICROSECONDS_PER_SECOND);
    rows_step(filling->database, filling->insert);
}

static void add_all(struct filling *filling, enum statement statement, int64_t count,
                    void (*add)(struct filling *filling, int64_t i))
{
    filling->insert = rows_prepare(filling->database, statement);
    bind_tenants(filling, filling->insert, 2, 3);
    rows_run(filling->database, "BEGIN");
    for (int64_t i = 0; i < count; i++) {
        if (i % BATCH == BATCH - 1) {
            rows_run(filling->database, "COMMIT; BEGIN");
        }
        add(filling, i);
    }
    rows_run(filling->database, "COMMIT");
    (void)sqlite3_finalize(filling->insert);
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        (void)fprintf(stderr, "usage: bench-fill DIRECTORY KEYS\n");
        return EXIT_FAILURE;
    }
    int64_t keys = rows_number(argv[2]);
    struct filling filling = {
        .database = rows_open(argv[1], pragmas),
        .owner_count = (keys + KEYS_AN_OWNER - 1) / KEYS_AN_OWNER,
    };
    filling.owners = calloc((size_t)filling.owner_count, sizeof *filling.owners);
    if (filling.owners == NULL || result_failed(digest_initialize())) {
        return EXIT_FAILURE;
    }
    /* All times are past: the server's next id comes after them. */
    filling.first_at = clock_now_microseconds() - keys - filling.owner_count;
    add_all(&filling, SERVICE_ACCOUNT_INSERT, filling.owner_count, add_owner);
    add_all(&filling, PROJECT_API_KEY_INSERT, keys, add_key);
    rows_run(filling.database, "PRAGMA wal_checkpoint(TRUNCATE)");
    (void)sqlite3_close(filling.database);
    free(filling.owners);
    return EXIT_SUCCESS;
}
