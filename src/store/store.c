#include "store/store.h"

#include "base/clock.h"
#include "store/driver.h"

/* Prepared like the caller's statements: one text for every database. */
static const struct store_statement own_statements[STORE_OWN_COUNT] = {
    [STORE_OWN_STATE_ADVANCE] = { "store_state_advance",
                                  "UPDATE store_state SET revision = revision + 1 WHERE id = 1 "
                                  "RETURNING revision, last_issued_at" },
    [STORE_OWN_STATE_KEEP] = { "store_state_keep",
                               "UPDATE store_state SET last_issued_at = $1 WHERE id = 1" },
    [STORE_OWN_STATE_READ] = { "store_state_read",
                               "SELECT revision, last_issued_at FROM store_state WHERE id = 1" },
    [STORE_OWN_STATE_TOUCH] = { "store_state_touch", "UPDATE store_state SET last_issued_at = "
                                                     "last_issued_at + 1 WHERE id = 1" },
    [STORE_OWN_MIGRATION_NEWEST] = { "store_migration_newest",
                                     "SELECT coalesce(max(number), 0) FROM schema_migrations" },
    [STORE_OWN_MIGRATION_ADD] = { "store_migration_add",
                                  "INSERT INTO schema_migrations (number, applied_at) "
                                  "VALUES ($1, $2)" },
};

const struct store_statement *store_statement_at(const struct store *store, unsigned number)
{
    ASSERT(number < store->statement_count + STORE_OWN_COUNT);
    return number < store->statement_count ? &store->statements[number]
                                           : &own_statements[number - store->statement_count];
}

static unsigned own_number(const struct store *store, enum store_own_statement statement)
{
    return (unsigned)store->statement_count + (unsigned)statement;
}

struct result store_execute_own(struct store_session *session, enum store_own_statement statement,
                                const struct store_value *values, size_t count)
{
    return session->store->driver->execute(session, own_number(session->store, statement), values,
                                           count, NULL);
}

/* Of a statement without parameters that gives one row of `count` integers. */
static struct result read_own(struct store_session *session, enum store_own_statement statement,
                              int64_t *ret_integers, size_t count)
{
    const struct store_driver *driver = session->store->driver;
    const struct store_row *row = NULL;
    TRY(driver->query(session, own_number(session->store, statement), NULL, 0));
    TRY(driver->next(session, &row));
    if (row == NULL || row->count != count) {
        driver->finish(session);
        return fault(ERROR_INTERNAL, "%s: not one row of %zu columns",
                     own_statements[statement].name, count);
    }
    for (size_t i = 0; i < count; i++) {
        ret_integers[i] = row->values[i].integer;
    }
    driver->finish(session);
    return RESULT_OK;
}

struct store_value store_text(struct text text)
{
    return text.data == NULL ? STORE_NULL_VALUE
                             : (struct store_value){ .type = STORE_TEXT, .text = text };
}

struct store_value store_blob(const void *data, size_t size)
{
    return data == NULL ? STORE_NULL_VALUE
                        : (struct store_value){ .type = STORE_BLOB, .text = { data, size } };
}

struct store_value store_integer(int64_t integer)
{
    return (struct store_value){ .type = STORE_INTEGER, .integer = integer };
}

static struct result apply_one(struct store_session *session,
                               const struct store_migration *migration)
{
    TRY(session->store->driver->migrate(session, migration));
    const struct store_value values[] = {
        store_integer(migration->number),
        store_integer(clock_now_microseconds() / MICROSECONDS_PER_SECOND),
    };
    return store_execute_own(session, STORE_OWN_MIGRATION_ADD, values, 2);
}

static struct result in_transaction(struct store_session *session,
                                    const struct store_migration *migration,
                                    struct result (*apply)(struct store_session *session,
                                                           const struct store_migration *migration))
{
    TRY(store_begin(session));
    struct result result = apply(session, migration);
    if (result_failed(result)) {
        store_rollback(session);
        return result;
    }
    return store_commit(session);
}

struct result store_read_schema_version(struct store_session *session, int64_t *ret_version)
{
    size_t count = 0;
    int64_t newest = 0;
    (void)store_migrations(&count);
    TRY(read_own(session, STORE_OWN_MIGRATION_NEWEST, &newest, 1));
    if (newest > (int64_t)count) {
        return fault(ERROR_STORE_UNAVAILABLE,
                     "the database has schema %lld, this program knows %zu: it needs a newer "
                     "orgkeys",
                     (long long)newest, count);
    }
    *ret_version = newest;
    return RESULT_OK;
}

static struct result apply_migrations(struct store_session *session)
{
    size_t count = 0;
    const struct store_migration *migrations = store_migrations(&count);
    TRY(in_transaction(session, store_migration_table(), session->store->driver->migrate));
    int64_t newest = 0;
    TRY(store_read_schema_version(session, &newest));
    for (size_t i = (size_t)newest; i < count; i++) {
        TRY(in_transaction(session, &migrations[i], apply_one));
    }
    session->store->schema_version = (int)count;
    return RESULT_OK;
}

static struct result bring_up_to_date(struct store *store)
{
    struct store_session *session = NULL;
    TRY(store_session_open(store, STORE_WRITE, &session));
    struct result result = store->driver->prepare_schema(session);
    if (!result_failed(result)) {
        result = apply_migrations(session);
    }
    store_session_close(session);
    return result;
}

struct result store_open(const struct store_options *options, struct store **ret_store)
{
    struct store *store = NULL;
    bool postgres = options->database_url.data != NULL;
    TRY(postgres ? postgres_store_open(options, &store) : sqlite_store_open(options, &store));
    store->statements = options->statements;
    store->statement_count = options->statement_count;
    struct result result =
        options->creation == STORE_AS_IT_IS ? RESULT_OK : bring_up_to_date(store);
    if (result_failed(result)) {
        store_close(store);
        return result;
    }
    *ret_store = store;
    return RESULT_OK;
}

void store_close(struct store *store)
{
    ASSERT(atomic_load(&store->sessions) == 0);
    store->driver->close(store);
}

int store_schema_version(const struct store *store)
{
    return store->schema_version;
}

bool store_is_shared(const struct store *store)
{
    return store->driver->is_shared;
}

void store_set_node(struct store *store, struct text node)
{
    store->node = node;
}

struct result store_notify(struct store_session *session)
{
    ASSERT(store_is_shared(session->store));
    return session->store->driver->notify(session);
}

struct result store_listen(struct store_session *session)
{
    ASSERT(store_is_shared(session->store));
    return session->store->driver->listen(session);
}

struct result store_wait(struct store_session *session, int64_t microseconds)
{
    ASSERT(store_is_shared(session->store));
    return session->store->driver->wait(session, microseconds);
}

struct result store_session_open(struct store *store, enum store_access access,
                                 struct store_session **ret_session)
{
    if (access == STORE_WRITE && atomic_exchange(&store->writer_open, true)) {
        return fault(ERROR_INTERNAL, "a writing session is open already");
    }
    unsigned writers = atomic_load(&store->writers); /* before it is known where it leads */
    struct result result = store->driver->session_open(store, access, ret_session);
    if (!result_failed(result)) {
        (*ret_session)->writers =
            access == STORE_WRITE ? atomic_fetch_add(&store->writers, 1) + 1 : writers;
        atomic_fetch_add(&store->sessions, 1);
    } else if (access == STORE_WRITE) {
        atomic_store(&store->writer_open, false);
    }
    return result;
}

void store_session_close(struct store_session *session)
{
    if (session == NULL) {
        return;
    }
    struct store *store = session->store;
    bool writes = session->access == STORE_WRITE;
    store->driver->session_close(session);
    atomic_fetch_sub(&store->sessions, 1);
    if (writes) {
        atomic_store(&store->writer_open, false);
    }
}

bool store_session_broken(struct store_session *session)
{
    bool (*hung_up)(const struct store_session *) = session->store->driver->hung_up;
    if ((hung_up != NULL && hung_up(session)) ||
        session->writers != atomic_load(&session->store->writers)) {
        session->broken = true;
    }
    return session->broken;
}

void store_session_watch(struct store_session *session, const atomic_bool *stopping)
{
    session->stopping = stopping;
}

struct result store_begin(struct store_session *session)
{
    return session->store->driver->begin(session);
}

struct result store_take_time(struct store_session *session)
{
    const struct store_driver *driver = session->store->driver;
    return driver->take_time != NULL ? driver->take_time(session) : RESULT_OK;
}

struct result store_commit(struct store_session *session)
{
    return session->store->driver->commit(session);
}

void store_rollback(struct store_session *session)
{
    session->store->driver->rollback(session);
}

bool store_in_transaction(struct store_session *session)
{
    return session->store->driver->in_transaction(session);
}

struct result store_savepoint(struct store_session *session)
{
    return session->store->driver->savepoint(session);
}

struct result store_savepoint_keep(struct store_session *session)
{
    return session->store->driver->savepoint_keep(session);
}

struct result store_savepoint_undo(struct store_session *session)
{
    return session->store->driver->savepoint_undo(session);
}

struct result store_query(struct store_session *session, unsigned statement,
                          const struct store_value *values, size_t count)
{
    ASSERT(statement < session->store->statement_count && count <= STORE_VALUES_MAXIMUM);
    return session->store->driver->query(session, statement, values, count);
}

struct result store_next(struct store_session *session, const struct store_row **ret_row)
{
    return session->store->driver->next(session, ret_row);
}

void store_finish(struct store_session *session)
{
    session->store->driver->finish(session);
}

struct result store_execute(struct store_session *session, unsigned statement,
                            const struct store_value *values, size_t count, int64_t *ret_changes)
{
    ASSERT(statement < session->store->statement_count && count <= STORE_VALUES_MAXIMUM);
    return session->store->driver->execute(session, statement, values, count, ret_changes);
}

struct result store_check_change(const struct store *store, unsigned statement, int64_t changes)
{
    return changes == 1 ? RESULT_OK
                        : fault(ERROR_INTERNAL, "%s changed %lld rows",
                                store_statement_at(store, statement)->name, (long long)changes);
}

struct result store_change(struct store_session *session, unsigned statement,
                           const struct store_value *values, size_t count)
{
    const struct store_driver *driver = session->store->driver;
    int64_t changes = 0;
    ASSERT(statement < session->store->statement_count && count <= STORE_VALUES_MAXIMUM);
    if (driver->change != NULL) {
        return driver->change(session, statement, values, count);
    }
    TRY(driver->execute(session, statement, values, count, &changes));
    return store_check_change(session->store, statement, changes);
}

int64_t store_changes(const struct store_session *session)
{
    return session->store->driver->changes(session);
}

static struct result read_state(struct store_session *session, enum store_own_statement statement,
                                struct store_state *ret_state)
{
    int64_t columns[2] = { 0 };
    TRY(read_own(session, statement, columns, 2));
    *ret_state = (struct store_state){ .revision = columns[0], .last_issued_at = columns[1] };
    return RESULT_OK;
}

struct result store_state_advance(struct store_session *session, struct store_state *ret_state)
{
    return read_state(session, STORE_OWN_STATE_ADVANCE, ret_state);
}

struct result store_state_keep(struct store_session *session, int64_t last_issued_at)
{
    return store_execute_own(session, STORE_OWN_STATE_KEEP,
                             &(struct store_value){ STORE_INTEGER, last_issued_at, TEXT_NONE }, 1);
}

struct result store_state_read(struct store_session *session, struct store_state *ret_state)
{
    return read_state(session, STORE_OWN_STATE_READ, ret_state);
}

struct result store_settle(struct store_session *session, int64_t revision, int64_t deadline,
                           bool *ret_kept)
{
    return session->store->driver->settle(session, revision, deadline, ret_kept);
}
