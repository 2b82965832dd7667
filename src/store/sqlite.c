#include <pthread.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "os/log.h"
#include "store/directory.h"
#include "store/sqlite_session.h"
#include "store/sqlite_uri.h"

/*
 * SQLite in WAL mode. The rules, and why:
 *
 * - Exactly one connection writes and checkpoints (SQLite's WAL-reset bug, 3.7.0 to 3.51.2, needs
 *   two). Readers are opened read-only and do not even checkpoint when they are closed; the lock of
 *   directory.h keeps other servers out.
 * - A full disk or an I/O error may roll back the whole transaction: sqlite3_get_autocommit tells.
 * - Statements are prepared when they are first used and kept with their session.
 */
enum {
    BUSY_MILLISECONDS = 1000,   /* only another program on the files can make us wait */
    PROGRESS_OPERATIONS = 1000, /* of SQLite's machine between two looks at the clock */
    PRIMARY_CODE = 0xff,        /* of an extended error code */
    WHOLE_TEXT = -1,
    NEVER_SPILL = -1,
    CHECKPOINT_FRAMES = 4000,  /* in the log, before they are copied into the database */
    REWRITE_BYTES = 64 * 1024, /* at once */
};

/*
 * secure_delete=FAST: what is deleted from a page is overwritten, but no page is written for that
 * alone. Only digests of keys are stored, and people's names and addresses; they leave the file
 * when it costs nothing, and backups hold them anyway.
 *
 * temp_store: sorts stay in memory, so that no address lands in /tmp. cache_size is in KiB (when
 * negative), a bound that is only reached by large databases.
 */
#define EVERY_SESSION                                                           \
    "PRAGMA trusted_schema=OFF; PRAGMA mmap_size=0; PRAGMA temp_store=MEMORY; " \
    "PRAGMA foreign_keys=ON; PRAGMA synchronous=FULL; PRAGMA secure_delete=FAST; "

static const char writer_setup[] =
    EVERY_SESSION "PRAGMA cache_size=-32768; PRAGMA journal_size_limit=67108864;";
static const char reader_setup[] = EVERY_SESSION "PRAGMA query_only=ON; PRAGMA cache_size=-4096;";

struct sqlite_store {
    struct store base;
    struct store_directory directory;
    bool log_is_kept; /* the writer's: see sync_database */
    bool is_frozen;   /* nobody writes the file, and it has no write-ahead log */
};

static int64_t changes(const struct store_session *session)
{
    return sqlite3_total_changes64(((const struct sqlite_session *)session)->database);
}

static struct result begin(struct store_session *session)
{
    struct sqlite_session *self = sqlite_of(session);
    if (session->access == STORE_WRITE) {
        return sqlite_control(self, SQLITE_CONTROL_BEGIN_WRITE);
    }
    if (session->access == STORE_READ) {
        self->deadline = clock_monotonic_microseconds() + STORE_READ_MAXIMUM_MICROSECONDS;
    }
    return sqlite_control(self, SQLITE_CONTROL_BEGIN_READ);
}

static void rollback(struct store_session *session)
{
    sqlite_finish(session);
    if (!sqlite_in_transaction(session)) {
        return;
    }
    struct result result = sqlite_control(sqlite_of(session), SQLITE_CONTROL_ROLLBACK);
    if (result_failed(result) || sqlite_in_transaction(session)) {
        session->broken = true;
    }
}

/*
 * After these a COMMIT has certainly kept nothing: SQLite writes the frame that makes a transaction
 * valid last, and its unix VFS reports a lack of space only for a frame that is not whole. After
 * anything else that frame may lie in the WAL, on disk or not, and a recovery would find it.
 */
static bool nothing_was_kept(int code)
{
    return code == SQLITE_FULL || code == SQLITE_BUSY || code == SQLITE_CONSTRAINT ||
           code == SQLITE_ERROR || code == SQLITE_INTERRUPT;
}

/* A writer that closes the files last copies the log into the database. */
static void configure_closing(struct sqlite_session *session)
{
    const struct sqlite_store *store = (const struct sqlite_store *)session->base.store;
    (void)sqlite3_db_config(session->database, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE,
                            store->log_is_kept ? 1 : 0, NULL);
}

/*
 * SQLite counts as copied what it has not synced, where a reader keeps it from copying all, and
 * never copies that again. So it is synced here. Where that fails, the system may have forgotten
 * it: then the log, which has everything, is neither copied nor begun anew until the next start,
 * whose recovery copies it from its beginning. What SQLite itself fails to sync, it copies again.
 */
static void sync_database(struct sqlite_session *session)
{
    sqlite3_file *file = NULL;
    (void)sqlite3_file_control(session->database, "main", SQLITE_FCNTL_FILE_POINTER, &file);
    if (file->pMethods->xSync(file, SQLITE_SYNC_NORMAL) == SQLITE_OK) {
        return;
    }
    ((struct sqlite_store *)session->base.store)->log_is_kept = true;
    configure_closing(session);
    log_at(LOG_ERROR, "store cannot be synced",
           LOG_TEXT_FIELD("remedy", TEXT("mend the disk and restart the server; until then "
                                         "everything is kept in orgkeys.db-wal, which grows")));
}

/*
 * SQLite's own checkpoints would tell nobody of a failure. What is not copied now is copied after
 * the next commit; meanwhile it is safe in the log.
 */
static void checkpoint(struct sqlite_session *session)
{
    int frames = 0;
    int copied = 0;
    bool was_failing = session->checkpoint_fails;
    int code = sqlite3_wal_checkpoint_v2(session->database, "main", SQLITE_CHECKPOINT_PASSIVE,
                                         &frames, &copied);
    session->checkpoint_fails = code != SQLITE_OK && code != SQLITE_BUSY;
    if (session->checkpoint_fails && !was_failing) {
        log_at(LOG_ERROR, "store checkpoint failed",
               LOG_TEXT_FIELD("reason", text_of(sqlite3_errmsg(session->database))));
    }
    if (code == SQLITE_OK && copied < frames && copied > session->synced_frames) {
        sync_database(session);
    }
    if (code == SQLITE_OK) {
        /* The log begins anew after all of it has been copied, and so does the count. */
        session->synced_frames = copied < frames ? copied : 0;
    }
}

static int count_frames(void *context, sqlite3 *database, const char *name, int frames)
{
    (void)database;
    (void)name;
    ((struct sqlite_session *)context)->log_frames = frames;
    return SQLITE_OK;
}

static struct result commit(struct store_session *session)
{
    struct sqlite_session *self = sqlite_of(session);
    if (!sqlite_in_transaction(session)) {
        return fault(ERROR_STORE_UNAVAILABLE, "commit: the transaction has ended");
    }
    struct result result = sqlite_control(self, SQLITE_CONTROL_COMMIT);
    if (!result_failed(result)) {
        if (self->log_frames >= CHECKPOINT_FRAMES &&
            !((struct sqlite_store *)session->store)->log_is_kept) {
            checkpoint(self);
        }
        return RESULT_OK;
    }
    int code = sqlite3_errcode(self->database) & PRIMARY_CODE;
    if (session->access == STORE_WRITE && !nothing_was_kept(code)) {
        session->broken = true;
        return refuse(ERROR_OUTCOME_UNKNOWN);
    }
    rollback(session);
    return result;
}

static struct result savepoint(struct store_session *session)
{
    if (!sqlite_in_transaction(session)) {
        /* SQLite would begin one, and keep it at the release. */
        return fault(ERROR_STORE_UNAVAILABLE, "savepoint: the transaction has ended");
    }
    return sqlite_control(sqlite_of(session), SQLITE_CONTROL_SAVEPOINT);
}

static struct result savepoint_keep(struct store_session *session)
{
    return sqlite_control(sqlite_of(session), SQLITE_CONTROL_SAVEPOINT_KEEP);
}

static struct result savepoint_undo(struct store_session *session)
{
    TRY(sqlite_control(sqlite_of(session), SQLITE_CONTROL_SAVEPOINT_UNDO));
    return sqlite_control(sqlite_of(session), SQLITE_CONTROL_SAVEPOINT_KEEP);
}

static struct result touch(struct store_session *session, struct store_state *ret_state)
{
    TRY(store_begin(session));
    struct result result = store_state_read(session, ret_state);
    if (!result_failed(result)) {
        result = store_execute_own(session, STORE_OWN_STATE_TOUCH, NULL, 0);
    }
    if (result_failed(result)) {
        store_rollback(session);
        return result;
    }
    return store_commit(session);
}

static int rewrite(sqlite3_file *file, unsigned char *bytes)
{
    sqlite3_int64 size = 0;
    int code = file->pMethods->xFileSize(file, &size);
    for (sqlite3_int64 at = 0; at < size && code == SQLITE_OK; at += REWRITE_BYTES) {
        int length = (int)(size - at < REWRITE_BYTES ? size - at : REWRITE_BYTES);
        code = file->pMethods->xRead(file, bytes, length, at);
        if (code == SQLITE_OK) {
            code = file->pMethods->xWrite(file, bytes, length, at);
        }
    }
    return code == SQLITE_OK ? file->pMethods->xSync(file, SQLITE_SYNC_FULL) : code;
}

/*
 * What a recovery has found in the log may be in the system's cache only, where a process that was
 * killed left it, or marked as written by a sync that failed. Written anew, a sync that works has
 * it on disk; before that nobody may be told of it, and no page of it copied into the database.
 */
static struct result make_durable(struct store_session *session)
{
    struct sqlite_session *self = sqlite_of(session);
    sqlite3_file *log = NULL;
    (void)sqlite3_db_config(self->database, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    int code = sqlite3_file_control(self->database, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log);
    if (code == SQLITE_OK && log != NULL && log->pMethods != NULL) {
        unsigned char *bytes = malloc(REWRITE_BYTES);
        code = bytes != NULL ? rewrite(log, bytes) : SQLITE_NOMEM;
        free(bytes);
    }
    if (code != SQLITE_OK) {
        return fault(code == SQLITE_FULL ? ERROR_STORE_FULL : ERROR_STORE_UNAVAILABLE,
                     "the log cannot be made durable: %s (SQLite %d)", sqlite3_errstr(code), code);
    }
    configure_closing(self);
    return RESULT_OK;
}

/*
 * Where the lost transaction is not seen, its frames may still lie in the WAL behind the last one
 * that SQLite counts, for a recovery to find after a crash. The commit that leaves the revision
 * alone overwrites them.
 */
static struct result settle(struct store_session *session, int64_t revision, int64_t deadline,
                            bool *ret_kept)
{
    (void)deadline;
    struct store_state state;
    TRY(make_durable(session));
    TRY(touch(session, &state));
    *ret_kept = state.revision >= revision;
    return RESULT_OK;
}

static struct result migrate(struct store_session *session, const struct store_migration *migration)
{
    struct sqlite_session *self = sqlite_of(session);
    if (sqlite3_exec(self->database, migration->sqlite, NULL, NULL, NULL) != SQLITE_OK) {
        return sqlite_failed(self, "migration");
    }
    return RESULT_OK;
}

/* A file system without shared memory makes SQLite stay with another journal, and say so. */
static struct result demand_wal(struct sqlite_session *session)
{
    sqlite3_stmt *handle = NULL;
    struct result result = RESULT_OK;
    if (sqlite3_prepare_v2(session->database, "PRAGMA journal_mode=WAL", WHOLE_TEXT, &handle,
                           NULL) != SQLITE_OK ||
        sqlite3_step(handle) != SQLITE_ROW) {
        result = sqlite_failed(session, "journal_mode");
    } else if (!text_equal(text_of((const char *)sqlite3_column_text(handle, 0)), TEXT("wal"))) {
        result = fault(ERROR_STORE_UNAVAILABLE, "the file system cannot hold a database in WAL "
                                                "mode (is it a network share?)");
    }
    (void)sqlite3_finalize(handle);
    return result;
}

/*
 * Asked before anything is changed. One with tables, and not ours among them, is another program's;
 * one without any is taken by who makes ours.
 */
static struct result demand_ours(struct sqlite_session *session, const char *path)
{
    sqlite3_stmt *handle = NULL;
    struct result result = RESULT_OK;
    if (sqlite3_prepare_v2(session->database,
                           "SELECT count(*), coalesce(sum(name = 'schema_migrations'), 0) "
                           "FROM sqlite_schema",
                           WHOLE_TEXT, &handle, NULL) != SQLITE_OK ||
        sqlite3_step(handle) != SQLITE_ROW) {
        result = sqlite_failed(session, path);
    } else if (sqlite3_column_int(handle, 1) == 0) {
        bool is_empty = sqlite3_column_int(handle, 0) == 0;
        result = session->base.access != STORE_WRITE
                     ? fault(ERROR_STORE_UNAVAILABLE, "%s is no database of orgkeys", path)
                 : is_empty ? RESULT_OK
                            : fault(ERROR_STORE_UNAVAILABLE,
                                    "%s is another program's database: give another --data, or "
                                    "move it away",
                                    path);
    }
    (void)sqlite3_finalize(handle);
    return result;
}

static void configure(struct sqlite_session *session)
{
    sqlite3 *database = session->database;
    bool reads = session->base.access != STORE_WRITE;
    /* None of these fails on an open connection. */
    (void)sqlite3_extended_result_codes(database, 1);
    (void)sqlite3_busy_timeout(database, BUSY_MILLISECONDS);
    (void)sqlite3_limit(database, SQLITE_LIMIT_ATTACHED, 0);
    (void)sqlite3_db_config(database, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    (void)sqlite3_db_config(database, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
    (void)sqlite3_db_config(database, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    (void)sqlite3_wal_hook(database, count_frames, session);
    session->deadline = INT64_MAX;
    session->stop_deadline = INT64_MAX;
    if (reads) {
        sqlite3_progress_handler(database, PROGRESS_OPERATIONS, sqlite_deadline_passed, session);
    }
}

static struct result connect_to(struct sqlite_session *session, const char *uri, const char *path)
{
    int flags = session->base.access == STORE_WRITE ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY;
    const char *setup = session->base.access == STORE_WRITE ? writer_setup : reader_setup;
    int code = sqlite3_open_v2(uri, &session->database,
                               flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_URI, NULL);
    if (session->database == NULL) {
        return fault(ERROR_INTERNAL, "no memory for a connection");
    }
    if (code != SQLITE_OK) {
        return sqlite_failed(session, path);
    }
    configure(session);
    if (sqlite3_exec(session->database, setup, NULL, NULL, NULL) != SQLITE_OK) {
        return sqlite_failed(session, path);
    }
    if (session->base.access != STORE_READ) { /* those come after a writer */
        TRY(demand_ours(session, path));
    }
    if (session->base.access == STORE_WRITE) {
        TRY(demand_wal(session));
        configure_closing(session);
    }
    return RESULT_OK;
}

/* A frozen file is read without locks, and without anything being made beside it. */
static struct result connect_frozen_or_not(struct sqlite_session *session,
                                           const struct sqlite_store *store)
{
    struct buffer uri;
    buffer_init(&uri, SQLITE_URI_MAXIMUM);
    const char *path = store->directory.database_path;
    sqlite_write_uri(&uri, path, store->is_frozen ? "immutable=1" : "");
    struct result result = uri.failed ? fault(ERROR_INTERNAL, "no memory for a path")
                                      : connect_to(session, uri.data, path);
    buffer_free(&uri);
    return result;
}

static void session_close(struct store_session *session)
{
    struct sqlite_session *self = sqlite_of(session);
    sqlite_finalize_all(self);
    /* Fails only for statements that are not finalized. Undoes an open transaction. */
    ASSERT(sqlite3_close(self->database) == SQLITE_OK);
    free(self);
}

static struct result session_open(struct store *store, enum store_access access,
                                  struct store_session **ret_session)
{
    const struct sqlite_store *self = (const struct sqlite_store *)store;
    unsigned count = sqlite_statement_total(store);
    struct sqlite_session *session =
        calloc(1, sizeof *session + count * sizeof session->prepared[0]);
    if (session == NULL) {
        return fault(ERROR_INTERNAL, "no memory for a session");
    }
    session->base = (struct store_session){ .store = store, .access = access };
    struct result result = connect_frozen_or_not(session, self);
    if (result_failed(result)) {
        session_close(&session->base);
        return result;
    }
    *ret_session = &session->base;
    return RESULT_OK;
}

static void close_store(struct store *store)
{
    struct sqlite_store *self = (struct sqlite_store *)store;
    store_directory_release(&self->directory);
    free(self);
}

static const struct store_driver sqlite_driver = {
    .close = close_store,
    .session_open = session_open,
    .session_close = session_close,
    .begin = begin,
    .commit = commit,
    .rollback = rollback,
    .in_transaction = sqlite_in_transaction,
    .savepoint = savepoint,
    .savepoint_keep = savepoint_keep,
    .savepoint_undo = savepoint_undo,
    .query = sqlite_query,
    .next = sqlite_next,
    .finish = sqlite_finish,
    .execute = sqlite_execute,
    .changes = changes,
    .settle = settle,
    .prepare_schema = make_durable,
    .migrate = migrate,
};

/*
 * Of all of SQLite in this process; too late when it is in use already, and then only slower.
 * Counting memory would make every allocation of every connection take one global mutex. What a
 * savepoint may have to restore stays in memory: in a file in /tmp it could find no space.
 */
static void configure_process(void)
{
    (void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    (void)sqlite3_config(SQLITE_CONFIG_STMTJRNL_SPILL, NEVER_SPILL);
}

/* Without a write-ahead log beside it, and without a server's directory, nobody writes it. */
static struct result find_file(struct text file, struct sqlite_store *store)
{
    char log[STORE_PATH_MAXIMUM + sizeof "-wal"];
    TRY(store_directory_resolve(file, store->directory.database_path));
    (void)snprintf(log, sizeof log, "%s-wal", store->directory.database_path);
    store->is_frozen = access(log, F_OK) != 0;
    return RESULT_OK;
}

static struct result find_as_it_is(const struct store_options *options, struct sqlite_store *store)
{
    store->directory.lock = STORE_NOT_HELD;
    return options->file.data != NULL
               ? find_file(options->file, store)
               : store_directory_find(options->directory, store->directory.database_path);
}

struct result sqlite_store_open(const struct store_options *options, struct store **ret_store)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    (void)pthread_once(&once, configure_process);
    if (options->creation == STORE_MUST_EXIST) {
        TRY(store_directory_require(options->directory));
    }
    struct sqlite_store *store = calloc(1, sizeof *store);
    if (store == NULL) {
        return fault(ERROR_INTERNAL, "no memory for the store");
    }
    store->base.driver = &sqlite_driver;
    struct result result = options->creation == STORE_AS_IT_IS
                               ? find_as_it_is(options, store)
                               : store_directory_hold(options->directory, &store->directory);
    if (result_failed(result)) {
        free(store);
        return result;
    }
    *ret_store = &store->base;
    return RESULT_OK;
}
