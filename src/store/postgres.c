#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/secret.h"
#include "store/postgres_session.h"

/*
 * PostgreSQL, for several nodes. The rules, and why:
 *
 * - A transaction that writes begins by changing the row of store_state, which makes all nodes'
 *   transactions follow one another: neither deadlocks nor failed serializations occur.
 * - A commit is never cancelled: PostgreSQL would answer that it was kept, though a synchronous
 *   standby may not have it. When its answer does not come in time, the connection is left.
 * - Prepared statements stay with their connection: no pooler that deals transactions to servers
 *   may stand between.
 */
enum {
    /* A statement of a transaction that may last, its COMMIT too, and a pause in it. */
    LONG_MAXIMUM_MICROSECONDS = 600 * MICROSECONDS_PER_SECOND,
};

/* "orgkeys" in ASCII: what other programs lock in the same database has other numbers. */
#define SCHEMA_LOCK_NUMBER "31371845107837299"

/* In milliseconds: POSTGRES_WRITE_MAXIMUM_MICROSECONDS, LONG_MAXIMUM_MICROSECONDS. */
#define WRITE_LIMIT "5000"
#define LONG_LIMIT "600000"

static const struct store_statement controls[POSTGRES_CONTROL_COUNT] = {
    [POSTGRES_BEGIN_READ] = { "begin", "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY" },
    [POSTGRES_BEGIN_WRITE] = { "begin", "BEGIN ISOLATION LEVEL READ COMMITTED, READ WRITE" },
    [POSTGRES_WRITE_LIMIT] = { "write limit",
                               "SELECT set_config('statement_timeout', '" WRITE_LIMIT "', true)" },
    [POSTGRES_COMMIT] = { "commit", "COMMIT" },
    [POSTGRES_ROLLBACK] = { "rollback", "ROLLBACK" },
    [POSTGRES_SAVEPOINT] = { "savepoint", "SAVEPOINT job" },
    [POSTGRES_SAVEPOINT_KEEP] = { "savepoint keep", "RELEASE job" },
    [POSTGRES_SAVEPOINT_UNDO] = { "savepoint undo", "ROLLBACK TO job" },
    [POSTGRES_LIMIT] = { "limit", "SELECT set_config('statement_timeout', $1, true)" },
    [POSTGRES_REVISION] = { "revision", "SELECT CASE WHEN node = $2 THEN 1 ELSE 0 END FROM changes "
                                        "WHERE revision = $1" },
    [POSTGRES_LONG_LIMITS] = { "long limits",
                               "SELECT set_config('statement_timeout', '" LONG_LIMIT
                               "', true), set_config('idle_in_transaction_session_timeout', "
                               "'" LONG_LIMIT "', true)" },
    [POSTGRES_SCHEMA_LOCK] = { "schema lock",
                               "SELECT set_config('lock_timeout', '" LONG_LIMIT
                               "', false), pg_advisory_lock(" SCHEMA_LOCK_NUMBER ")" },
    [POSTGRES_SCHEMA_EXISTS] = { "schema", "SELECT CASE WHEN to_regclass('store_state') IS NULL "
                                           "THEN 0 ELSE 1 END" },
    [POSTGRES_NOTIFY] = { "notify", "NOTIFY orgkeys" },
    [POSTGRES_LISTEN] = { "listen", "LISTEN orgkeys" },
};

unsigned postgres_control_number(const struct store *store, enum postgres_control control)
{
    return (unsigned)store->statement_count + STORE_OWN_COUNT + (unsigned)control;
}

unsigned postgres_statement_total(const struct store *store)
{
    return postgres_control_number(store, POSTGRES_CONTROL_COUNT);
}

const struct store_statement *postgres_statement_at(const struct store *store, unsigned number)
{
    unsigned first = postgres_control_number(store, 0);
    return number < first ? store_statement_at(store, number) : &controls[number - first];
}

static struct result send_control(struct postgres_session *session, enum postgres_control control)
{
    return postgres_send(session, postgres_control_number(session->base.store, control), NULL);
}

static struct result run_control(struct postgres_session *session, enum postgres_control control)
{
    TRY(send_control(session, control));
    return postgres_wait(session);
}

/* ---- Transactions ---- */

static struct result begin(struct store_session *session)
{
    struct postgres_session *self = postgres_of(session);
    postgres_finish(session);
    if (session->access != STORE_WRITE) {
        self->deadline = clock_monotonic_microseconds() + STORE_READ_MAXIMUM_MICROSECONDS;
        self->limit = STORE_READ_MAXIMUM_MICROSECONDS;
        TRY(send_control(self, POSTGRES_BEGIN_READ));
    } else {
        self->deadline = clock_monotonic_microseconds() + POSTGRES_TRANSACTION_MAXIMUM_MICROSECONDS;
        TRY(send_control(self, POSTGRES_BEGIN_WRITE));
        TRY(send_control(self, POSTGRES_WRITE_LIMIT));
    }
    self->in_transaction = true;
    return RESULT_OK;
}

/*
 * Nobody waits for it: whatever becomes of the connection, nothing is kept. What still fails in the
 * transaction is of no interest, so its results are read first.
 */
static void rollback(struct store_session *session)
{
    struct postgres_session *self = postgres_of(session);
    postgres_finish(session);
    if (!self->in_transaction) {
        return;
    }
    if (self->unsynced) {
        postgres_discard(self);
    }
    self->discarding = true;
    if (!session->broken && result_failed(send_control(self, POSTGRES_ROLLBACK))) {
        session->broken = true;
    }
    if (!session->broken && result_failed(postgres_sync(self))) {
        session->broken = true;
    }
    self->discarding = false;
    self->in_transaction = false;
    self->deadline = POSTGRES_NO_DEADLINE;
}

static struct result outcome_unknown(struct postgres_session *session)
{
    session->base.broken = true;
    return refuse(ERROR_OUTCOME_UNKNOWN);
}

/*
 * PostgreSQL warns when it gives up waiting for a synchronous standby, and then says that the
 * transaction was kept. The text may be of any language, so any warning counts.
 */
static struct result commit_of_writer(struct postgres_session *session)
{
    session->warned = false;
    session->commit_answer = POSTGRES_COMMIT_UNANSWERED;
    session->deadline = POSTGRES_NO_DEADLINE;
    struct result result = run_control(session, POSTGRES_COMMIT);
    if (session->warned) {
        return outcome_unknown(session);
    }
    switch (session->commit_answer) {
    case POSTGRES_COMMIT_KEPT:
        return RESULT_OK;
    case POSTGRES_COMMIT_UNDONE:
        return fault(ERROR_STORE_UNAVAILABLE, "commit: the transaction had failed");
    case POSTGRES_COMMIT_REFUSED:
        rollback(&session->base);
        return result;
    case POSTGRES_COMMIT_UNANSWERED:
        break;
    }
    return outcome_unknown(session);
}

static struct result commit(struct store_session *session)
{
    struct postgres_session *self = postgres_of(session);
    postgres_finish(session);
    if (!self->in_transaction) {
        return fault(ERROR_STORE_UNAVAILABLE, "commit: the transaction has ended");
    }
    if (session->access != STORE_WRITE) {
        return run_control(self, POSTGRES_COMMIT);
    }
    return commit_of_writer(self);
}

/* Until the session is closed, its own waits have the same patience. */
static struct result take_time(struct store_session *session)
{
    struct postgres_session *self = postgres_of(session);
    self->patience = LONG_MAXIMUM_MICROSECONDS + POSTGRES_GRACE_MICROSECONDS;
    self->deadline = POSTGRES_NO_DEADLINE;
    return run_control(self, POSTGRES_LONG_LIMITS);
}

static bool in_transaction(struct store_session *session)
{
    return !session->broken && postgres_of(session)->in_transaction;
}

static struct result savepoint(struct store_session *session)
{
    if (!in_transaction(session)) {
        return fault(ERROR_STORE_UNAVAILABLE, "savepoint: the transaction has ended");
    }
    postgres_finish(session);
    return send_control(postgres_of(session), POSTGRES_SAVEPOINT);
}

/* Everything in it has to have worked; then nothing can fail any more but the connection. */
static struct result savepoint_keep(struct store_session *session)
{
    struct postgres_session *self = postgres_of(session);
    postgres_finish(session);
    if (self->unsynced) {
        TRY(postgres_wait(self));
    }
    return send_control(self, POSTGRES_SAVEPOINT_KEEP);
}

/* What failed in it, and nobody has waited for, is of no interest any more. */
static struct result savepoint_undo(struct store_session *session)
{
    struct postgres_session *self = postgres_of(session);
    postgres_finish(session);
    if (self->unsynced) {
        postgres_discard(self);
    }
    TRY(send_control(self, POSTGRES_SAVEPOINT_UNDO));
    return run_control(self, POSTGRES_SAVEPOINT_KEEP);
}

static int64_t changes(const struct store_session *session)
{
    return ((const struct postgres_session *)session)->changes;
}

/* ---- After a lost commit ---- */

enum answer { ANSWER_NO, ANSWER_YES, ANSWER_NONE };

/* Of a control that gives 0, 1 or no row. */
static struct result ask(struct postgres_session *session, enum postgres_control control,
                         const struct store_value *values, size_t count, enum answer *ret_answer)
{
    const struct store_row *row = NULL;
    TRY(postgres_query(&session->base, postgres_control_number(session->base.store, control),
                       values, count));
    TRY(postgres_next(&session->base, &row));
    *ret_answer = row == NULL ? ANSWER_NONE : row->values[0].integer == 1 ? ANSWER_YES : ANSWER_NO;
    postgres_finish(&session->base);
    return RESULT_OK;
}

/*
 * Whether the transaction that advanced to `revision` is there; it has ended. Behind a failover its
 * revision may be another's, but not its node's name. A transaction's id would tell less: it may be
 * another's too, and PostgreSQL forgets old ones.
 */
static struct result find_revision(struct postgres_session *session, int64_t revision,
                                   bool *ret_found)
{
    const struct store_value made[] = { store_integer(revision),
                                        store_text(session->base.store->node) };
    struct store_state state;
    enum answer answer = ANSWER_NO;
    TRY(store_execute_own(&session->base, STORE_OWN_STATE_TOUCH, NULL, 0));
    TRY(store_state_read(&session->base, &state));
    if (state.revision >= revision) {
        TRY(ask(session, POSTGRES_REVISION, made, 2, &answer));
    }
    *ret_found = answer == ANSWER_YES;
    /* The row was deleted, as it is some minutes after its commit (keyring/pruning.h). */
    return answer == ANSWER_NONE ? refuse(ERROR_OUTCOME_UNKNOWN) : RESULT_OK;
}

static struct result settle_now(struct postgres_session *session, int64_t revision, bool *ret_kept)
{
    bool found = false;
    TRY(begin(&session->base));
    struct result result = find_revision(session, revision, &found);
    if (result_failed(result)) {
        rollback(&session->base);
        return result;
    }
    if (result_failed(commit_of_writer(session))) {
        return fault(ERROR_STORE_UNAVAILABLE, "commit: its outcome is not known");
    }
    *ret_kept = found;
    return RESULT_OK;
}

/*
 * The lost transaction holds the row of store_state until it has ended, one way or the other, so
 * whoever gets to change that row can look. The commit of this change makes the answer last: once
 * it is on disk, and on a synchronous standby, so is everything before it.
 */
static struct result settle(struct store_session *session, int64_t revision, int64_t deadline,
                            bool *ret_kept)
{
    struct postgres_session *self = postgres_of(session);
    self->latest = deadline;
    struct result result = settle_now(self, revision, ret_kept);
    self->latest = POSTGRES_NO_DEADLINE;
    return result;
}

/* ---- Notifications ---- */

static struct result notify(struct store_session *session)
{
    return send_control(postgres_of(session), POSTGRES_NOTIFY);
}

static struct result listen_for(struct store_session *session)
{
    return run_control(postgres_of(session), POSTGRES_LISTEN);
}

static struct result wait_for(struct store_session *session, int64_t microseconds)
{
    struct postgres_session *self = postgres_of(session);
    postgres_finish(session);
    TRY(postgres_wait(self));
    return postgres_wait_for_notice(self, microseconds);
}

/* ---- The schema ---- */

static struct result migrate(struct store_session *session, const struct store_migration *migration)
{
    TRY(take_time(session));
    return postgres_run_script(postgres_of(session), migration->postgres);
}

/* Until the session is closed. Any number of nodes may start at once. */
static struct result lock_schema(struct store_session *session)
{
    struct postgres_session *self = postgres_of(session);
    struct postgres_store *store = (struct postgres_store *)session->store;
    enum answer exists;
    self->patience = LONG_MAXIMUM_MICROSECONDS + POSTGRES_GRACE_MICROSECONDS;
    TRY(run_control(self, POSTGRES_SCHEMA_LOCK));
    TRY(ask(self, POSTGRES_SCHEMA_EXISTS, NULL, 0, &exists));
    if (store->creation == STORE_MUST_EXIST && exists == ANSWER_NO) {
        return fault(ERROR_STORE_UNAVAILABLE, "the database has no data of orgkeys");
    }
    return RESULT_OK;
}

/* ---- Sessions, the store ---- */

static void session_close(struct store_session *session)
{
    struct postgres_session *self = postgres_of(session);
    postgres_disconnect(self);
    free(self);
}

static struct result session_open(struct store *store, enum store_access access,
                                  struct store_session **ret_session)
{
    struct postgres_session *session =
        calloc(1, sizeof *session + postgres_statement_total(store) * sizeof session->prepared[0]);
    if (session == NULL) {
        return fault(ERROR_INTERNAL, "no memory for a session");
    }
    session->base = (struct store_session){ .store = store, .access = access };
    session->patience = POSTGRES_PATIENCE_MICROSECONDS;
    struct result result = postgres_connect(session);
    if (result_failed(result)) {
        session_close(&session->base);
        return result;
    }
    *ret_session = &session->base;
    return RESULT_OK;
}

static bool hung_up(const struct store_session *session)
{
    return postgres_hung_up((const struct postgres_session *)session);
}

static void close_store(struct store *store)
{
    struct postgres_store *self = (struct postgres_store *)store;
    secret_wipe(self->url, self->url_size);
    free(self->url);
    free(self);
}

static const struct store_driver postgres_driver = {
    .is_shared = true,
    .close = close_store,
    .session_open = session_open,
    .session_close = session_close,
    .hung_up = hung_up,
    .begin = begin,
    .commit = commit,
    .rollback = rollback,
    .take_time = take_time,
    .in_transaction = in_transaction,
    .savepoint = savepoint,
    .savepoint_keep = savepoint_keep,
    .savepoint_undo = savepoint_undo,
    .query = postgres_query,
    .next = postgres_next,
    .finish = postgres_finish,
    .execute = postgres_execute,
    .change = postgres_change,
    .changes = changes,
    .settle = settle,
    .prepare_schema = lock_schema,
    .migrate = migrate,
    .notify = notify,
    .listen = listen_for,
    .wait = wait_for,
};

struct result postgres_store_open(const struct store_options *options, struct store **ret_store)
{
    if (!store_url_is_valid(options->database_url)) {
        return fault(ERROR_STORE_UNAVAILABLE, "the database's URL is not one that libpq takes");
    }
    struct postgres_store *store = calloc(1, sizeof *store);
    char *url = strndup(options->database_url.data, options->database_url.length);
    if (store == NULL || url == NULL) {
        free(store);
        free(url);
        return fault(ERROR_INTERNAL, "no memory for the store");
    }
    store->base.driver = &postgres_driver;
    store->creation = options->creation;
    store->url = url;
    store->url_size = options->database_url.length;
    atomic_store(&store->stop_deadline, INT64_MAX);
    *ret_store = &store->base;
    return RESULT_OK;
}
