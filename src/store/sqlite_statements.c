#include <sqlite3.h>
#include <string.h>

#include "base/clock.h"
#include "store/sqlite_session.h"

enum {
    PRIMARY_CODE = 0xff, /* of an extended error code */
    WHOLE_TEXT = -1,
};

static const struct store_statement controls[SQLITE_CONTROL_COUNT] = {
    [SQLITE_CONTROL_BEGIN_READ] = { "begin", "BEGIN" },
    [SQLITE_CONTROL_BEGIN_WRITE] = { "begin", "BEGIN IMMEDIATE" },
    [SQLITE_CONTROL_COMMIT] = { "commit", "COMMIT" },
    [SQLITE_CONTROL_ROLLBACK] = { "rollback", "ROLLBACK" },
    [SQLITE_CONTROL_SAVEPOINT] = { "savepoint", "SAVEPOINT job" },
    [SQLITE_CONTROL_SAVEPOINT_KEEP] = { "savepoint keep", "RELEASE job" },
    [SQLITE_CONTROL_SAVEPOINT_UNDO] = { "savepoint undo", "ROLLBACK TO job" },
};

static unsigned control_base(const struct store *store)
{
    return (unsigned)store->statement_count + STORE_OWN_COUNT;
}

unsigned sqlite_statement_total(const struct store *store)
{
    return control_base(store) + SQLITE_CONTROL_COUNT;
}

/* What SQLite's code means to the caller, and whether the connection is of no more use. */
struct meaning {
    int code;
    enum error error;
    bool breaks;
};
static const struct meaning meanings[] = {
    { SQLITE_FULL, ERROR_STORE_FULL, false },
    { SQLITE_NOMEM, ERROR_OVERLOADED, false },
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
    if (code == SQLITE_READONLY && session->base.access != STORE_WRITE) {
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
struct result sqlite_failed(struct sqlite_session *session, const char *what)
{
    sqlite3 *database = session->database;
    int code = sqlite3_extended_errcode(database);
    if ((code & PRIMARY_CODE) == SQLITE_INTERRUPT) {
        return refuse(ERROR_QUERY_TIMEOUT);
    }
    const struct meaning *meaning = meaning_of(session, code & PRIMARY_CODE);
    session->base.broken = session->base.broken || meaning->breaks;
    int number = sqlite3_system_errno(database);
    const char *plain = meaning->code == SQLITE_CORRUPT ? "the file is damaged: " : "";
    return fault(meaning->error, "%s: %s%s (SQLite %d%s%s)", what, plain, sqlite3_errmsg(database),
                 code, number != 0 ? ", " : "", number != 0 ? strerrordesc_np(number) : "");
}

static struct result broken_fault(const char *what)
{
    return fault(ERROR_STORE_UNAVAILABLE, "%s: the session is broken", what);
}

int sqlite_deadline_passed(void *context)
{
    struct sqlite_session *session = context;
    const atomic_bool *stopping = session->base.stopping;
    int64_t now = clock_monotonic_microseconds();
    if (stopping != NULL && session->stop_deadline == INT64_MAX && atomic_load(stopping)) {
        session->stop_deadline = now + STORE_STOP_MAXIMUM_MICROSECONDS;
    }
    return now > session->deadline || now > session->stop_deadline;
}

bool sqlite_in_transaction(struct store_session *session)
{
    return !session->broken && sqlite3_get_autocommit(sqlite_of(session)->database) == 0;
}

void sqlite_finish(struct store_session *session)
{
    struct sqlite_session *self = sqlite_of(session);
    if (self->reading != NULL) {
        (void)sqlite3_reset(self->reading->handle);
        (void)sqlite3_clear_bindings(self->reading->handle);
        self->reading = NULL;
    }
}

/* Reads the digits of the parameters' names, $1 to $n. */
static struct result place_parameters(struct sqlite_prepared *prepared)
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

static struct result prepare_text(struct sqlite_session *session, struct sqlite_prepared *prepared)
{
    const char *rest = NULL;
    int code = sqlite3_prepare_v3(session->database, prepared->statement->sql, WHOLE_TEXT,
                                  SQLITE_PREPARE_PERSISTENT, &prepared->handle, &rest);
    if (code != SQLITE_OK) {
        return sqlite_failed(session, prepared->statement->name);
    }
    if (prepared->handle == NULL || rest[0] != '\0' ||
        sqlite3_column_count(prepared->handle) > STORE_VALUES_MAXIMUM) {
        return fault(ERROR_INTERNAL, "%s: not one statement of at most %d columns",
                     prepared->statement->name, STORE_VALUES_MAXIMUM);
    }
    return place_parameters(prepared);
}

static struct result prepare(struct sqlite_session *session, unsigned number,
                             struct sqlite_prepared **ret_prepared)
{
    struct sqlite_prepared *prepared = &session->prepared[number];
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

static struct result bind_all(struct sqlite_session *session,
                              const struct sqlite_prepared *prepared,
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
            return sqlite_failed(session, prepared->statement->name);
        }
    }
    return RESULT_OK;
}

/* A reader outside a transaction gets a deadline for this statement alone. */
static struct result check_deadline(struct sqlite_session *session)
{
    if (session->base.access == STORE_READ && !sqlite_in_transaction(&session->base)) {
        session->deadline = clock_monotonic_microseconds() + STORE_READ_MAXIMUM_MICROSECONDS;
    }
    return sqlite_deadline_passed(session) ? refuse(ERROR_QUERY_TIMEOUT) : RESULT_OK;
}

/* Up to the first step. */
static struct result start(struct sqlite_session *session, unsigned number,
                           const struct store_value *values, size_t count,
                           sqlite3_destructor_type lifetime)
{
    const char *name = store_statement_at(session->base.store, number)->name;
    struct sqlite_prepared *prepared = NULL;
    if (session->base.broken) {
        return broken_fault(name);
    }
    if (session->reading != NULL) {
        return fault(ERROR_INTERNAL, "%s: %s is still being read", name,
                     session->reading->statement->name);
    }
    TRY(check_deadline(session));
    TRY(prepare(session, number, &prepared));
    if (session->base.access == STORE_WRITE && !sqlite_in_transaction(&session->base) &&
        !sqlite3_stmt_readonly(prepared->handle)) {
        return fault(ERROR_STORE_UNAVAILABLE, "%s: the transaction has ended", name);
    }
    session->reading = prepared;
    return bind_all(session, prepared, values, count, lifetime);
}

struct result sqlite_query(struct store_session *session, unsigned statement,
                           const struct store_value *values, size_t count)
{
    struct sqlite_session *self = sqlite_of(session);
    bool was_reading = self->reading != NULL;
    self->row = (struct store_row){ 0 };
    struct result result = start(self, statement, values, count, SQLITE_TRANSIENT);
    if (result_failed(result) && !was_reading) {
        sqlite_finish(session);
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
        return data != NULL ? RESULT_OK : sqlite_failed(session, "read a text");
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
    if (sqlite_deadline_passed(session)) {
        return refuse(ERROR_QUERY_TIMEOUT);
    }
    switch (sqlite3_step(session->reading->handle)) {
    case SQLITE_ROW:
        TRY(read_row(session));
        *ret_row = &session->row;
        return RESULT_OK;
    case SQLITE_DONE:
        sqlite_finish(&session->base);
        *ret_row = NULL;
        return RESULT_OK;
    default:
        return sqlite_failed(session, session->reading->statement->name);
    }
}

struct result sqlite_next(struct store_session *session, const struct store_row **ret_row)
{
    struct sqlite_session *self = sqlite_of(session);
    if (self->reading == NULL) {
        return fault(ERROR_INTERNAL, "no statement is being read");
    }
    struct result result = step_row(self, ret_row);
    if (result_failed(result)) {
        sqlite_finish(session);
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
        return sqlite_failed(session, session->reading->statement->name);
    }
    if (ret_changes != NULL) {
        /* SQLite's count is that of the last statement that could change rows. */
        bool reads = sqlite3_stmt_readonly(handle) != 0;
        *ret_changes = reads ? 0 : sqlite3_changes64(session->database);
    }
    return RESULT_OK;
}

struct result sqlite_execute(struct store_session *session, unsigned statement,
                             const struct store_value *values, size_t count, int64_t *ret_changes)
{
    struct sqlite_session *self = sqlite_of(session);
    bool was_reading = self->reading != NULL;
    struct result result = start(self, statement, values, count, SQLITE_STATIC);
    if (!result_failed(result)) {
        result = step_to_end(self, ret_changes);
    }
    if (!was_reading) {
        sqlite_finish(session);
    }
    return result;
}

struct result sqlite_control(struct sqlite_session *session, enum sqlite_control control)
{
    struct sqlite_prepared *prepared = NULL;
    sqlite_finish(&session->base);
    if (session->base.broken) {
        return broken_fault(controls[control].name);
    }
    TRY(prepare(session, control_base(session->base.store) + (unsigned)control, &prepared));
    int code = sqlite3_step(prepared->handle);
    struct result result =
        code == SQLITE_DONE ? RESULT_OK : sqlite_failed(session, prepared->statement->name);
    (void)sqlite3_reset(prepared->handle);
    return result;
}

void sqlite_finalize_all(struct sqlite_session *session)
{
    unsigned total = sqlite_statement_total(session->base.store);
    for (unsigned i = 0; i < total; i++) {
        (void)sqlite3_finalize(session->prepared[i].handle);
        session->prepared[i].handle = NULL;
    }
}
