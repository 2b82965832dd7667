#include <pthread.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "store/directory.h"
#include "store/driver.h"

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
    PREPARE_WHOLE_TEXT = -1,
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

static const char writer_setup[] = EVERY_SESSION
    "PRAGMA cache_size=-32768; PRAGMA wal_autocheckpoint=4000; PRAGMA journal_size_limit=67108864;";
static const char reader_setup[] = EVERY_SESSION "PRAGMA query_only=ON; PRAGMA cache_size=-4096;";

/* Prepared like other statements, and numbered after them. */
enum control {
    CONTROL_BEGIN_READ,
    CONTROL_BEGIN_WRITE,
    CONTROL_COMMIT,
    CONTROL_ROLLBACK,
    CONTROL_SAVEPOINT,
    CONTROL_SAVEPOINT_KEEP,
    CONTROL_SAVEPOINT_UNDO,
    CONTROL_COUNT,
};
static const struct store_statement controls[CONTROL_COUNT] = {
    [CONTROL_BEGIN_READ] = { "begin", "BEGIN" },
    [CONTROL_BEGIN_WRITE] = { "begin", "BEGIN IMMEDIATE" },
    [CONTROL_COMMIT] = { "commit", "COMMIT" },
    [CONTROL_ROLLBACK] = { "rollback", "ROLLBACK" },
    [CONTROL_SAVEPOINT] = { "savepoint", "SAVEPOINT job" },
    [CONTROL_SAVEPOINT_KEEP] = { "savepoint keep", "RELEASE job" },
    [CONTROL_SAVEPOINT_UNDO] = { "savepoint undo", "ROLLBACK TO job" },
};

struct sqlite_store {
    struct store base;
    struct store_directory directory;
    atomic_bool writer_open;
    atomic_uint sessions;
};

/*
 * SQLite numbers $1, $2 by their first place in the text, not by their digits: `places` has the
 * index of the value (from 0) for each of SQLite's parameters.
 */
struct prepared {
    sqlite3_stmt *handle; /* NULL: not prepared yet */
    const struct store_statement *statement;
    size_t parameters;
    unsigned char places[STORE_VALUES_MAXIMUM];
};

struct sqlite_session {
    struct store_session base;
    sqlite3 *database;
    struct prepared *reading; /* NULL: no statement is being read */
    int64_t deadline;         /* of what is read, by the monotonic clock */
    struct store_row row;
    const char *names[STORE_VALUES_MAXIMUM];
    struct store_value values[STORE_VALUES_MAXIMUM];
    struct prepared prepared[]; /* the caller's, the store's own, the controls */
};

static struct sqlite_session *sqlite_of(struct store_session *session)
{
    return (struct sqlite_session *)session;
}

static unsigned control_base(const struct store *store)
{
    return (unsigned)store->statement_count + STORE_OWN_COUNT;
}

/* What SQLite's code means to the caller, and whether the connection is of no more use. */
struct meaning {
    int code;
    enum error error;
    bool breaks;
};
static const struct meaning meanings[] = {
    { SQLITE_FULL, ERROR_STORE_FULL, false },
    { SQLITE_BUSY, ERROR_STORE_UNAVAILABLE, false },
    { SQLITE_IOERR, ERROR_STORE_UNAVAILABLE, true },
    { SQLITE_CANTOPEN, ERROR_STORE_UNAVAILABLE, true },
    { SQLITE_CORRUPT, ERROR_STORE_UNAVAILABLE, true },
    { SQLITE_NOTADB, ERROR_STORE_UNAVAILABLE, true },
    { SQLITE_PERM, ERROR_STORE_UNAVAILABLE, true },
    { SQLITE_PROTOCOL, ERROR_STORE_UNAVAILABLE, true },
    { SQLITE_READONLY, ERROR_STORE_UNAVAILABLE, true }, /* a file system that was remounted */
};
static const struct meaning other_meaning = { SQLITE_ERROR, ERROR_INTERNAL, false };

static const struct meaning *meaning_of(const struct sqlite_session *session, int code)
{
    /* To a reader it means that a statement tries to write. */
    if (code == SQLITE_READONLY && session->base.access == STORE_READ) {
        return &other_meaning;
    }
    for (size_t i = 0; i < sizeof meanings / sizeof meanings[0]; i++) {
        if (meanings[i].code == code) {
            return &meanings[i];
        }
    }
    return &other_meaning;
}

/* SQLite's messages name tables, columns and files, and hold no value of a parameter. */
static struct result failed(struct sqlite_session *session, const char *what)
{
    sqlite3 *database = session->database;
    int code = sqlite3_extended_errcode(database);
    if ((code & PRIMARY_CODE) == SQLITE_INTERRUPT) {
        return refuse(ERROR_QUERY_TIMEOUT);
    }
    const struct meaning *meaning = meaning_of(session, code & PRIMARY_CODE);
    session->base.broken = session->base.broken || meaning->breaks;
    int number = sqlite3_system_errno(database);
    return fault(meaning->error, "%s: %s (SQLite %d%s%s)", what, sqlite3_errmsg(database), code,
                 number != 0 ? ", " : "", number != 0 ? strerrordesc_np(number) : "");
}

static struct result broken_fault(const char *what)
{
    return fault(ERROR_STORE_UNAVAILABLE, "%s: the session is broken", what);
}

static int deadline_passed(void *context)
{
    const struct sqlite_session *session = context;
    return clock_monotonic_microseconds() > session->deadline;
}

static bool in_transaction(struct store_session *session)
{
    return !session->broken && sqlite3_get_autocommit(sqlite_of(session)->database) == 0;
}

static void finish(struct store_session *session)
{
    struct sqlite_session *self = sqlite_of(session);
    if (self->reading != NULL) {
        (void)sqlite3_reset(self->reading->handle);
        (void)sqlite3_clear_bindings(self->reading->handle);
        self->reading = NULL;
    }
}

/* Reads the digits of the parameters' names, $1 to $n. */
static struct result place_parameters(struct prepared *prepared)
{
    int count = sqlite3_bind_parameter_count(prepared->handle);
    for (int i = 0; i < count; i++) {
        const char *name = sqlite3_bind_parameter_name(prepared->handle, i + 1);
        int64_t number = 0;
        if (count > STORE_VALUES_MAXIMUM || name == NULL || name[0] != '$' ||
            !text_to_integer(text_of(name + 1), 1, count, &number)) {
            return fault(ERROR_INTERNAL, "%s: its parameters are not $1 to $%d",
                         prepared->statement->name, count);
        }
        prepared->places[i] = (unsigned char)(number - 1);
    }
    prepared->parameters = (size_t)count;
    return RESULT_OK;
}

static struct result prepare_text(struct sqlite_session *session, struct prepared *prepared)
{
    const char *rest = NULL;
    int code = sqlite3_prepare_v3(session->database, prepared->statement->sql, PREPARE_WHOLE_TEXT,
                                  SQLITE_PREPARE_PERSISTENT, &prepared->handle, &rest);
    if (code != SQLITE_OK) {
        return failed(session, prepared->statement->name);
    }
    if (prepared->handle == NULL || rest[0] != '\0' ||
        sqlite3_column_count(prepared->handle) > STORE_VALUES_MAXIMUM) {
        return fault(ERROR_INTERNAL, "%s: not one statement of at most %d columns",
                     prepared->statement->name, STORE_VALUES_MAXIMUM);
    }
    return place_parameters(prepared);
}

static struct result prepare(struct sqlite_session *session, unsigned number,
                             struct prepared **ret_prepared)
{
    struct prepared *prepared = &session->prepared[number];
    unsigned first_control = control_base(session->base.store);
    if (prepared->handle == NULL) {
        prepared->statement = number < first_control
                                  ? store_statement_at(session->base.store, number)
                                  : &controls[number - first_control];
        struct result result = prepare_text(session, prepared);
        if (result_failed(result)) {
            (void)sqlite3_finalize(prepared->handle);
            prepared->handle = NULL;
            return result;
        }
    }
    *ret_prepared = prepared;
    return RESULT_OK;
}

static int bind(sqlite3_stmt *handle, int parameter, const struct store_value *value,
                sqlite3_destructor_type lifetime)
{
    switch (value->type) {
    case STORE_INTEGER:
        return sqlite3_bind_int64(handle, parameter, value->integer);
    case STORE_TEXT:
        return sqlite3_bind_text64(handle, parameter, value->text.data, value->text.length,
                                   lifetime, SQLITE_UTF8);
    case STORE_BLOB:
        return sqlite3_bind_blob64(handle, parameter, value->text.data, value->text.length,
                                   lifetime);
    case STORE_NULL:
        break;
    }
    return sqlite3_bind_null(handle, parameter);
}

static struct result bind_all(struct sqlite_session *session, const struct prepared *prepared,
                              const struct store_value *values, size_t count,
                              sqlite3_destructor_type lifetime)
{
    if (count != prepared->parameters) {
        return fault(ERROR_INTERNAL, "%s: takes %zu values, was given %zu",
                     prepared->statement->name, prepared->parameters, count);
    }
    for (size_t i = 0; i < count; i++) {
        const struct store_value *value = &values[prepared->places[i]];
        if (bind(prepared->handle, (int)i + 1, value, lifetime) != SQLITE_OK) {
            return failed(session, prepared->statement->name);
        }
    }
    return RESULT_OK;
}

/* A reader outside a transaction gets a deadline for this statement alone. */
static struct result check_deadline(struct sqlite_session *session)
{
    if (session->base.access == STORE_READ && !in_transaction(&session->base)) {
        session->deadline = clock_monotonic_microseconds() + STORE_READ_MAXIMUM_MICROSECONDS;
    }
    return deadline_passed(session) ? refuse(ERROR_QUERY_TIMEOUT) : RESULT_OK;
}

/* Up to the first step. */
static struct result start(struct sqlite_session *session, unsigned number,
                           const struct store_value *values, size_t count,
                           sqlite3_destructor_type lifetime)
{
    const char *name = store_statement_at(session->base.store, number)->name;
    struct prepared *prepared = NULL;
    if (session->base.broken) {
        return broken_fault(name);
    }
    if (session->reading != NULL) {
        return fault(ERROR_INTERNAL, "%s: %s is still being read", name,
                     session->reading->statement->name);
    }
    TRY(check_deadline(session));
    TRY(prepare(session, number, &prepared));
    if (session->base.access == STORE_WRITE && !in_transaction(&session->base) &&
        !sqlite3_stmt_readonly(prepared->handle)) {
        return fault(ERROR_STORE_UNAVAILABLE, "%s: the transaction has ended", name);
    }
    session->reading = prepared;
    return bind_all(session, prepared, values, count, lifetime);
}

static struct result query(struct store_session *session, unsigned statement,
                           const struct store_value *values, size_t count)
{
    struct sqlite_session *self = sqlite_of(session);
    bool was_reading = self->reading != NULL;
    self->row = (struct store_row){ 0 };
    struct result result = start(self, statement, values, count, SQLITE_TRANSIENT);
    if (result_failed(result) && !was_reading) {
        finish(session);
    }
    return result;
}

static struct result read_column(struct sqlite_session *session, sqlite3_stmt *handle, int column)
{
    struct store_value *value = &session->values[column];
    const char *data = NULL;
    switch (sqlite3_column_type(handle, column)) {
    case SQLITE_NULL:
        *value = STORE_NULL_VALUE;
        return RESULT_OK;
    case SQLITE_INTEGER:
        *value = store_integer(sqlite3_column_int64(handle, column));
        return RESULT_OK;
    case SQLITE_TEXT:
        data = (const char *)sqlite3_column_text(handle, column);
        *value = store_text((struct text){ data, (size_t)sqlite3_column_bytes(handle, column) });
        return data != NULL ? RESULT_OK : failed(session, "read a text");
    case SQLITE_BLOB:
        /* NULL for an empty one. */
        data = sqlite3_column_blob(handle, column);
        *value = store_blob(data != NULL ? data : "", (size_t)sqlite3_column_bytes(handle, column));
        return RESULT_OK;
    default:
        return fault(ERROR_INTERNAL, "%s: column %d is a real number",
                     session->reading->statement->name, column);
    }
}

static struct result read_row(struct sqlite_session *session)
{
    sqlite3_stmt *handle = session->reading->handle;
    int count = sqlite3_column_count(handle);
    for (int i = 0; i < count; i++) {
        /* Once a statement: SQLite may prepare it anew in its first step, which moves the names. */
        if (session->row.count == 0) {
            session->names[i] = sqlite3_column_name(handle, i);
        }
        TRY(read_column(session, handle, i));
    }
    session->row = (struct store_row){ (size_t)count, session->names, session->values };
    return RESULT_OK;
}

static struct result step_row(struct sqlite_session *session, const struct store_row **ret_row)
{
    if (deadline_passed(session)) {
        return refuse(ERROR_QUERY_TIMEOUT);
    }
    switch (sqlite3_step(session->reading->handle)) {
    case SQLITE_ROW:
        TRY(read_row(session));
        *ret_row = &session->row;
        return RESULT_OK;
    case SQLITE_DONE:
        finish(&session->base);
        *ret_row = NULL;
        return RESULT_OK;
    default:
        return failed(session, session->reading->statement->name);
    }
}

static struct result next(struct store_session *session, const struct store_row **ret_row)
{
    struct sqlite_session *self = sqlite_of(session);
    if (self->reading == NULL) {
        return fault(ERROR_INTERNAL, "no statement is being read");
    }
    struct result result = step_row(self, ret_row);
    if (result_failed(result)) {
        finish(session);
    }
    return result;
}

static struct result step_to_end(struct sqlite_session *session, int64_t *ret_changes)
{
    sqlite3_stmt *handle = session->reading->handle;
    int code = SQLITE_ROW;
    while (code == SQLITE_ROW) {
        code = sqlite3_step(handle);
    }
    if (code != SQLITE_DONE) {
        return failed(session, session->reading->statement->name);
    }
    if (ret_changes != NULL) {
        /* SQLite's count is that of the last statement that could change rows. */
        bool reads = sqlite3_stmt_readonly(handle) != 0;
        *ret_changes = reads ? 0 : sqlite3_changes64(session->database);
    }
    return RESULT_OK;
}

static struct result execute(struct store_session *session, unsigned statement,
                             const struct store_value *values, size_t count, int64_t *ret_changes)
{
    struct sqlite_session *self = sqlite_of(session);
    bool was_reading = self->reading != NULL;
    struct result result = start(self, statement, values, count, SQLITE_STATIC);
    if (!result_failed(result)) {
        result = step_to_end(self, ret_changes);
    }
    if (!was_reading) {
        finish(session);
    }
    return result;
}

static int64_t changes(const struct store_session *session)
{
    return sqlite3_total_changes64(((const struct sqlite_session *)session)->database);
}

static struct result run_control(struct sqlite_session *session, enum control control)
{
    struct prepared *prepared = NULL;
    finish(&session->base);
    if (session->base.broken) {
        return broken_fault(controls[control].name);
    }
    TRY(prepare(session, control_base(session->base.store) + (unsigned)control, &prepared));
    int code = sqlite3_step(prepared->handle);
    struct result result =
        code == SQLITE_DONE ? RESULT_OK : failed(session, prepared->statement->name);
    (void)sqlite3_reset(prepared->handle);
    return result;
}

static struct result begin(struct store_session *session)
{
    struct sqlite_session *self = sqlite_of(session);
    if (session->access == STORE_WRITE) {
        return run_control(self, CONTROL_BEGIN_WRITE);
    }
    self->deadline = clock_monotonic_microseconds() + STORE_READ_MAXIMUM_MICROSECONDS;
    return run_control(self, CONTROL_BEGIN_READ);
}

static void rollback(struct store_session *session)
{
    finish(session);
    if (!in_transaction(session)) {
        return;
    }
    struct result result = run_control(sqlite_of(session), CONTROL_ROLLBACK);
    if (result_failed(result) || in_transaction(session)) {
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

static struct result commit(struct store_session *session)
{
    struct sqlite_session *self = sqlite_of(session);
    if (!in_transaction(session)) {
        return fault(ERROR_STORE_UNAVAILABLE, "commit: the transaction has ended");
    }
    struct result result = run_control(self, CONTROL_COMMIT);
    if (!result_failed(result)) {
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
    if (!in_transaction(session)) {
        /* SQLite would begin one, and keep it at the release. */
        return fault(ERROR_STORE_UNAVAILABLE, "savepoint: the transaction has ended");
    }
    return run_control(sqlite_of(session), CONTROL_SAVEPOINT);
}

static struct result savepoint_keep(struct store_session *session)
{
    return run_control(sqlite_of(session), CONTROL_SAVEPOINT_KEEP);
}

static struct result savepoint_undo(struct store_session *session)
{
    TRY(run_control(sqlite_of(session), CONTROL_SAVEPOINT_UNDO));
    return run_control(sqlite_of(session), CONTROL_SAVEPOINT_KEEP);
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

/*
 * The lost transaction's frames may lie in the WAL behind the last one that SQLite counts, where a
 * recovery after a crash would find them. A commit of our own, which changes the revision by
 * nothing, overwrites them. And where a recovery has found them already, they may be in the
 * system's cache only, which a failed sync has marked as written: a checkpoint copies them into the
 * database and syncs that.
 */
static struct result settle(struct store_session *session, int64_t revision, bool *ret_kept)
{
    struct sqlite_session *self = sqlite_of(session);
    struct store_state state;
    TRY(touch(session, &state));
    int frames = 0;
    int copied = 0;
    if (sqlite3_wal_checkpoint_v2(self->database, "main", SQLITE_CHECKPOINT_FULL, &frames,
                                  &copied) != SQLITE_OK) {
        return failed(self, "checkpoint");
    }
    if (copied != frames) {
        return fault(ERROR_STORE_UNAVAILABLE, "checkpoint: %d of %d frames", copied, frames);
    }
    *ret_kept = state.revision >= revision;
    return RESULT_OK;
}

static struct result migrate(struct store_session *session, const struct store_migration *migration)
{
    struct sqlite_session *self = sqlite_of(session);
    if (sqlite3_exec(self->database, migration->sqlite, NULL, NULL, NULL) != SQLITE_OK) {
        return failed(self, "migration");
    }
    return RESULT_OK;
}

/* A file system without shared memory makes SQLite stay with another journal, and say so. */
static struct result demand_wal(struct sqlite_session *session)
{
    sqlite3_stmt *handle = NULL;
    struct result result = RESULT_OK;
    if (sqlite3_prepare_v2(session->database, "PRAGMA journal_mode=WAL", PREPARE_WHOLE_TEXT,
                           &handle, NULL) != SQLITE_OK ||
        sqlite3_step(handle) != SQLITE_ROW) {
        result = failed(session, "journal_mode");
    } else if (!text_equal(text_of((const char *)sqlite3_column_text(handle, 0)), TEXT("wal"))) {
        result = fault(ERROR_STORE_UNAVAILABLE, "the file system cannot hold a database in WAL "
                                                "mode (is it a network share?)");
    }
    (void)sqlite3_finalize(handle);
    return result;
}

static void configure(struct sqlite_session *session)
{
    sqlite3 *database = session->database;
    bool reads = session->base.access == STORE_READ;
    /* None of these fails on an open connection. */
    (void)sqlite3_extended_result_codes(database, 1);
    (void)sqlite3_busy_timeout(database, BUSY_MILLISECONDS);
    (void)sqlite3_limit(database, SQLITE_LIMIT_ATTACHED, 0);
    (void)sqlite3_db_config(database, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    (void)sqlite3_db_config(database, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
    (void)sqlite3_db_config(database, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, reads ? 1 : 0, NULL);
    session->deadline = INT64_MAX;
    if (reads) {
        sqlite3_progress_handler(database, PROGRESS_OPERATIONS, deadline_passed, session);
    }
}

static struct result connect_to(struct sqlite_session *session, const char *path)
{
    int flags = session->base.access == STORE_WRITE ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY;
    const char *setup = session->base.access == STORE_WRITE ? writer_setup : reader_setup;
    int code = sqlite3_open_v2(path, &session->database, flags | SQLITE_OPEN_NOMUTEX, NULL);
    if (session->database == NULL) {
        return fault(ERROR_INTERNAL, "no memory for a connection");
    }
    if (code != SQLITE_OK) {
        return failed(session, path);
    }
    configure(session);
    if (sqlite3_exec(session->database, setup, NULL, NULL, NULL) != SQLITE_OK) {
        return failed(session, path);
    }
    return session->base.access == STORE_WRITE ? demand_wal(session) : RESULT_OK;
}

static void session_close(struct store_session *session)
{
    struct sqlite_session *self = sqlite_of(session);
    struct sqlite_store *store = (struct sqlite_store *)session->store;
    unsigned count = control_base(session->store) + CONTROL_COUNT;
    for (unsigned i = 0; i < count; i++) {
        (void)sqlite3_finalize(self->prepared[i].handle);
    }
    /* Fails only for statements that are not finalized. Undoes an open transaction. */
    ASSERT(sqlite3_close(self->database) == SQLITE_OK);
    if (session->access == STORE_WRITE) {
        atomic_store(&store->writer_open, false);
    }
    atomic_fetch_sub(&store->sessions, 1);
    free(self);
}

static struct result session_open(struct store *store, enum store_access access,
                                  struct store_session **ret_session)
{
    struct sqlite_store *self = (struct sqlite_store *)store;
    unsigned count = control_base(store) + CONTROL_COUNT;
    if (access == STORE_WRITE && atomic_exchange(&self->writer_open, true)) {
        return fault(ERROR_INTERNAL, "a writing session is open already");
    }
    struct sqlite_session *session =
        calloc(1, sizeof *session + count * sizeof session->prepared[0]);
    if (session == NULL) {
        if (access == STORE_WRITE) {
            atomic_store(&self->writer_open, false);
        }
        return fault(ERROR_INTERNAL, "no memory for a session");
    }
    atomic_fetch_add(&self->sessions, 1);
    session->base = (struct store_session){ .store = store, .access = access };
    struct result result = connect_to(session, self->directory.database_path);
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
    ASSERT(atomic_load(&self->sessions) == 0);
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
    .in_transaction = in_transaction,
    .savepoint = savepoint,
    .savepoint_keep = savepoint_keep,
    .savepoint_undo = savepoint_undo,
    .query = query,
    .next = next,
    .finish = finish,
    .execute = execute,
    .changes = changes,
    .settle = settle,
    .migrate = migrate,
};

/* Without it every allocation of every connection would take one global mutex, to be counted. Too
 * late when SQLite is in use already, and harmless then. */
static void turn_statistics_off(void)
{
    (void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

struct result sqlite_store_open(const struct store_options *options, struct store **ret_store)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    (void)pthread_once(&once, turn_statistics_off);
    struct sqlite_store *store = calloc(1, sizeof *store);
    if (store == NULL) {
        return fault(ERROR_INTERNAL, "no memory for the store");
    }
    store->base.driver = &sqlite_driver;
    struct result result = store_directory_hold(options->directory, &store->directory);
    if (result_failed(result)) {
        free(store);
        return result;
    }
    *ret_store = &store->base;
    return RESULT_OK;
}
