#include <libpq-fe.h>
#include <stdio.h>

#include "store/postgres_session.h"

enum { BINARY_FORMAT = 1 };

static void push(struct postgres_session *session, enum postgres_command command,
                 unsigned statement)
{
    size_t place = (session->pending_first + session->pending_count) % POSTGRES_PENDING_MAXIMUM;
    ASSERT(session->pending_count < POSTGRES_PENDING_MAXIMUM);
    session->pending[place] = (struct postgres_pending){ command, statement, false };
    session->pending_count++;
}

static void pop(struct postgres_session *session)
{
    session->pending_first = (session->pending_first + 1) % POSTGRES_PENDING_MAXIMUM;
    session->pending_count--;
}

void postgres_drop_pending(struct postgres_session *session)
{
    session->pending_count = 0;
    session->unsynced = false;
    session->in_transaction = false;
}

const char *postgres_oldest_name(const struct postgres_session *session)
{
    const struct postgres_pending *first = &session->pending[session->pending_first];
    bool named = session->pending_count > 0 && first->command != POSTGRES_SYNC;
    return named ? postgres_statement_at(session->base.store, first->statement)->name : "database";
}

static void write_name(unsigned statement, char name[static 16])
{
    (void)snprintf(name, 16, "s%u", statement);
}

static struct result send_prepare(struct postgres_session *session, unsigned number,
                                  const struct postgres_parameters *parameters)
{
    const struct store_statement *statement = postgres_statement_at(session->base.store, number);
    char name[16];
    write_name(number, name);
    if (PQsendPrepare(session->connection, name, statement->sql,
                      parameters != NULL ? parameters->count : 0,
                      parameters != NULL ? parameters->types : NULL) == 0) {
        return postgres_connection_lost(session, statement->name);
    }
    push(session, POSTGRES_PREPARE, number);
    session->prepared[number] = true; /* until its result says otherwise */
    return RESULT_OK;
}

struct result postgres_send(struct postgres_session *session, unsigned number,
                            const struct postgres_parameters *parameters)
{
    enum { ROOM = 3 }; /* to prepare, to run, to synchronize */
    static const struct postgres_parameters none = { .count = 0 };
    const char *what = postgres_statement_at(session->base.store, number)->name;
    char name[16];
    if (session->base.broken) {
        return fault(ERROR_STORE_UNAVAILABLE, "%s: the session is broken", what);
    }
    if (session->pending_count + ROOM > POSTGRES_PENDING_MAXIMUM) {
        TRY(postgres_wait(session));
    }
    if (!session->prepared[number]) {
        TRY(send_prepare(session, number, parameters));
    }
    const struct postgres_parameters *sent = parameters != NULL ? parameters : &none;
    write_name(number, name);
    session->unsynced = true;
    if (PQsendQueryPrepared(session->connection, name, sent->count, sent->values, sent->lengths,
                            sent->formats, BINARY_FORMAT) == 0) {
        return postgres_connection_lost(session, what);
    }
    push(session, POSTGRES_STATEMENT, number);
    return RESULT_OK;
}

void postgres_expect_change(struct postgres_session *session)
{
    size_t last = session->pending_first + session->pending_count - 1;
    session->pending[last % POSTGRES_PENDING_MAXIMUM].changes_one = true;
}

struct result postgres_sync(struct postgres_session *session)
{
    if (PQpipelineSync(session->connection) == 0) {
        return postgres_connection_lost(session, postgres_oldest_name(session));
    }
    push(session, POSTGRES_SYNC, 0);
    session->unsynced = false;
    return RESULT_OK;
}

/* Of INSERT, UPDATE and DELETE: SELECT counts too, but changes nothing. */
static int64_t changes_of(PGresult *result)
{
    int64_t changes = 0;
    struct text tag = text_of(PQcmdStatus(result));
    if (!text_starts_with(tag, TEXT("SELECT"))) {
        (void)text_to_integer(text_of(PQcmdTuples(result)), 0, INT64_MAX, &changes);
    }
    return changes;
}

static void take_answer(struct postgres_session *session, unsigned number, PGresult *result)
{
    const struct store *store = session->base.store;
    if (number == postgres_control_number(store, POSTGRES_COMMIT)) {
        bool kept = text_equal(text_of(PQcmdStatus(result)), TEXT("COMMIT"));
        session->commit_answer = kept ? POSTGRES_COMMIT_KEPT : POSTGRES_COMMIT_UNDONE;
    }
    session->last_changes = changes_of(result);
    session->changes += session->last_changes;
}

static struct result look_at_result(struct postgres_session *session,
                                    const struct postgres_pending *command, PGresult *result)
{
    bool is_commit =
        command->statement == postgres_control_number(session->base.store, POSTGRES_COMMIT);
    switch (PQresultStatus(result)) {
    case PGRES_SINGLE_TUPLE:
        return RESULT_OK;
    case PGRES_COMMAND_OK:
    case PGRES_TUPLES_OK:
        if (command->command == POSTGRES_STATEMENT) {
            take_answer(session, command->statement, result);
        }
        return command->changes_one && !session->discarding
                   ? store_check_change(session->base.store, command->statement,
                                        session->last_changes)
                   : RESULT_OK;
    default:
        break;
    }
    if (command->command == POSTGRES_PREPARE) {
        session->prepared[command->statement] = false;
    }
    if (PQresultStatus(result) == PGRES_PIPELINE_ABORTED) {
        session->commit_answer = is_commit ? POSTGRES_COMMIT_REFUSED : session->commit_answer;
        return refuse(ERROR_STORE_UNAVAILABLE); /* the failure before it is the one that counts */
    }
    struct result failure = postgres_failure(
        session, postgres_statement_at(session->base.store, command->statement)->name, result);
    if (is_commit && !session->base.broken) {
        session->commit_answer = POSTGRES_COMMIT_REFUSED;
    }
    return failure;
}

static struct result read_sync(struct postgres_session *session)
{
    TRY(postgres_wait_for_result(session));
    PGresult *result = PQgetResult(session->connection);
    bool expected = PQresultStatus(result) == PGRES_PIPELINE_SYNC;
    PQclear(result);
    if (!expected) {
        return postgres_connection_lost(session, "database");
    }
    pop(session);
    return RESULT_OK;
}

/* Reads what is left of the results of the oldest command. */
static struct result read_first(struct postgres_session *session)
{
    struct postgres_pending command = session->pending[session->pending_first];
    struct result first = RESULT_OK;
    if (command.command == POSTGRES_SYNC) {
        return read_sync(session);
    }
    for (;;) {
        TRY(postgres_wait_for_result(session));
        PGresult *result = PQgetResult(session->connection);
        if (result == NULL) {
            break;
        }
        struct result looked = look_at_result(session, &command, result);
        first = result_failed(first) ? first : looked;
        PQclear(result);
        if (PQstatus(session->connection) == CONNECTION_BAD) {
            session->base.broken = true;
        }
        if (session->base.broken) {
            postgres_drop_pending(session);
            return first;
        }
    }
    pop(session);
    return first;
}

static struct result read_until(struct postgres_session *session, size_t left)
{
    struct result first = RESULT_OK;
    while (session->pending_count > left) {
        struct result result = read_first(session);
        first = result_failed(first) ? first : result;
    }
    return first;
}

struct result postgres_read_all(struct postgres_session *session)
{
    struct result result = read_until(session, 0);
    if (!session->base.broken) {
        PGTransactionStatusType status = PQtransactionStatus(session->connection);
        session->in_transaction = status == PQTRANS_INTRANS || status == PQTRANS_INERROR;
    }
    return result;
}

struct result postgres_read_up_to_last(struct postgres_session *session)
{
    enum { STATEMENT_AND_SYNC = 2 };
    TRY(read_until(session, STATEMENT_AND_SYNC));
    if (PQsetSingleRowMode(session->connection) == 0) {
        return postgres_connection_lost(session, postgres_oldest_name(session));
    }
    return RESULT_OK;
}

struct result postgres_wait(struct postgres_session *session)
{
    if (session->base.broken) {
        return fault(ERROR_STORE_UNAVAILABLE, "the session is broken");
    }
    if (session->unsynced) {
        TRY(postgres_sync(session));
    }
    return postgres_read_all(session);
}

void postgres_discard(struct postgres_session *session)
{
    if (!session->base.broken) {
        session->discarding = true;
        (void)postgres_wait(session);
        session->discarding = false;
    }
}

struct result postgres_next_result(struct postgres_session *session, struct pg_result **ret_result)
{
    TRY(postgres_wait_for_result(session));
    PGresult *result = PQgetResult(session->connection);
    if (result == NULL) {
        pop(session);
        *ret_result = NULL;
        return RESULT_OK;
    }
    struct postgres_pending command = session->pending[session->pending_first];
    struct result looked = look_at_result(session, &command, result);
    if (result_failed(looked)) {
        PQclear(result);
        return looked;
    }
    *ret_result = result;
    return RESULT_OK;
}

/* Several statements go in one message only outside of pipeline mode. */
static struct result run_script(struct postgres_session *session, const char *text)
{
    struct result first = RESULT_OK;
    if (PQsendQuery(session->connection, text) == 0) {
        return postgres_connection_lost(session, "migration");
    }
    for (;;) {
        TRY(postgres_wait_for_result(session));
        PGresult *result = PQgetResult(session->connection);
        if (result == NULL) {
            return first;
        }
        ExecStatusType status = PQresultStatus(result);
        if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK && !result_failed(first)) {
            first = postgres_failure(session, "migration", result);
        }
        PQclear(result);
    }
}

struct result postgres_run_script(struct postgres_session *session, const char *text)
{
    TRY(postgres_wait(session));
    if (PQexitPipelineMode(session->connection) == 0) {
        return postgres_connection_lost(session, "migration");
    }
    struct result result = run_script(session, text);
    if (!session->base.broken && PQenterPipelineMode(session->connection) == 0) {
        return postgres_connection_lost(session, "migration");
    }
    return result;
}
