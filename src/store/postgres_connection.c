#include <errno.h>
#include <libpq-fe.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/secret.h"
#include "store/postgres_session.h"

/*
 * libpq connects blocking, which is bounded by its connect_timeout for each address of each host:
 * only so does it go on to the next host of a URL. Everything after that is non-blocking, with a
 * deadline of our own.
 */
enum {
    SERVER_VERSION_MINIMUM = 140000,
    STOPPING_MILLISECONDS = 50, /* between two looks at whether the program ends */
    STATE_SIZE = 5,             /* of an SQLSTATE */
    TEXT_FORMAT = 0,
    BINARY_FORMAT = 1,
};

/*
 * Defaults that a URL may override. A server that is gone is noticed by the system within some
 * seconds also where nobody waits for an answer.
 */
static const char *const defaults[][2] = {
    { "fallback_application_name", "orgkeys" },
    { "connect_timeout", "3" },
    { "keepalives_idle", "5" },
    { "keepalives_interval", "2" },
    { "keepalives_count", "3" },
    { "tcp_user_timeout", "10000" },
};

/*
 * What every session tells the server, and asks it. Nothing is written outside of a transaction
 * that says so. A commit must be on disk when it is answered, whatever the server's default. The
 * server too has to notice that its peer is gone.
 */
#define EVERY_SESSION                                                               \
    "SELECT current_setting('server_encoding'), "                                   \
    "current_setting('transaction_read_only'), "                                    \
    "set_config('default_transaction_read_only', 'on', false), "                    \
    "set_config('synchronous_commit', CASE current_setting('synchronous_commit') "  \
    "WHEN 'off' THEN 'on' ELSE current_setting('synchronous_commit') END, false), " \
    "set_config('jit', 'off', false), "                                             \
    "set_config('tcp_keepalives_idle', '5', false), "                               \
    "set_config('tcp_keepalives_interval', '2', false), "                           \
    "set_config('tcp_keepalives_count', '3', false), "                              \
    "set_config('tcp_user_timeout', '10000', false), "                              \
    "set_config('idle_in_transaction_session_timeout', $1, false), "                \
    "set_config('lock_timeout', $2, false), set_config('statement_timeout', $3, false)"

/*
 * A writing session holds the row that all nodes write first. So a node that stops in a transaction
 * loses it before others give up waiting for it. Outside of transactions it loads whole tables.
 */
enum { LIMITS = 3 };
static const char *const limits[][LIMITS] = {
    [STORE_READ] = { "10000", "4000", "5000" },
    [STORE_WRITE] = { "2000", "4000", "0" },
    [STORE_FOLLOW] = { "10000", "4000", "0" },
};

/* What the first letters of an SQLSTATE mean to the caller, and whether the session is of no more
 * use. The first row that fits counts. */
struct meaning {
    const char *state;
    enum error error;
    bool breaks;
};
static const struct meaning meanings[] = {
    { "53100", ERROR_STORE_FULL, false },        /* disk full */
    { "53", ERROR_STORE_UNAVAILABLE, false },    /* out of memory, of connections */
    { "57P", ERROR_STORE_UNAVAILABLE, true },    /* the server stops, starts, or ends the session */
    { "57", ERROR_STORE_UNAVAILABLE, false },    /* cancelled */
    { "55P03", ERROR_STORE_UNAVAILABLE, false }, /* lock_timeout */
    { "40", ERROR_STORE_UNAVAILABLE, false },    /* serialization, deadlock */
    { "08", ERROR_STORE_UNAVAILABLE, true },     /* connection */
    { "25P02", ERROR_STORE_UNAVAILABLE, false }, /* the transaction has failed before */
    { "25P03", ERROR_STORE_UNAVAILABLE, true },  /* idle_in_transaction_session_timeout */
    { "26000", ERROR_STORE_UNAVAILABLE, true },  /* somebody dropped a prepared statement */
    { "58", ERROR_STORE_UNAVAILABLE, false },    /* the server's system: input, output */
    { "XX001", ERROR_STORE_UNAVAILABLE, false }, /* corrupted data */
    { "XX002", ERROR_STORE_UNAVAILABLE, false }, { "", ERROR_INTERNAL, false },
};

static const char read_only_state[] = "25006";
static const char cancelled_state[] = "57014";

static const struct meaning *meaning_of(const char *state)
{
    size_t i = 0;
    while (strncmp(state, meanings[i].state, strlen(meanings[i].state)) != 0) {
        i++;
    }
    return &meanings[i];
}

/* ---- Failures ---- */

/* libpq's own messages have several lines, of which the first says it. */
static struct text first_line(const char *message)
{
    struct text rest = text_of(message);
    return text_cut(&rest, '\n');
}

static void drop_pending(struct postgres_session *session)
{
    session->pending_count = 0;
    session->unsynced = false;
    session->in_transaction = false;
}

static struct result session_lost(struct postgres_session *session, const char *what,
                                  struct text why)
{
    session->base.broken = true;
    drop_pending(session);
    return session->discarding
               ? refuse(ERROR_STORE_UNAVAILABLE)
               : fault(ERROR_STORE_UNAVAILABLE, "%s: %.*s", what, TEXT_ARGUMENTS(why));
}

static struct result connection_lost(struct postgres_session *session, const char *what)
{
    return session_lost(session, what, first_line(PQerrorMessage(session->connection)));
}

/* By a server that became a standby; or our own doing. */
static struct meaning meaning_of_read_only(const struct postgres_session *session)
{
    if (session->base.access != STORE_WRITE) {
        return (struct meaning){ read_only_state, ERROR_INTERNAL, false };
    }
    return (struct meaning){ read_only_state, ERROR_STORE_UNAVAILABLE, session->in_transaction };
}

/*
 * Of an error that the server sent. Its primary message names tables and constraints; DETAIL, which
 * may hold what rows hold, is left out.
 */
static struct result failure_of(struct postgres_session *session, const char *what,
                                const PGresult *result)
{
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char *message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    if (state == NULL || message == NULL) {
        return connection_lost(session, what);
    }
    struct meaning meaning =
        strcmp(state, read_only_state) == 0 ? meaning_of_read_only(session) : *meaning_of(state);
    session->base.broken = session->base.broken || meaning.breaks;
    if (session->base.access == STORE_READ && strcmp(state, cancelled_state) == 0) {
        return refuse(ERROR_QUERY_TIMEOUT);
    }
    return session->discarding ? refuse(meaning.error)
                               : fault(meaning.error, "%s: %.*s (PostgreSQL %.*s)", what,
                                       TEXT_ARGUMENTS(first_line(message)), STATE_SIZE, state);
}

/* ---- Waiting ---- */

/*
 * Once the program is seen to stop, all that readers read ends. A statement is not cancelled for
 * that, which would need another connection: the session is left, and the server ends what it was
 * doing by its own limit.
 */
bool postgres_must_stop(struct postgres_session *session)
{
    struct postgres_store *store = (struct postgres_store *)session->base.store;
    const atomic_bool *stopping = session->base.stopping;
    int64_t never = INT64_MAX;
    if (session->base.access != STORE_READ || stopping == NULL || !atomic_load(stopping)) {
        return false;
    }
    int64_t now = clock_monotonic_microseconds();
    (void)atomic_compare_exchange_strong(&store->stop_deadline, &never,
                                         now + STORE_STOP_MAXIMUM_MICROSECONDS);
    return now > atomic_load(&store->stop_deadline);
}

static const char *name_of_first(const struct postgres_session *session)
{
    const struct postgres_pending *first = &session->pending[session->pending_first];
    bool named = session->pending_count > 0 && first->command != POSTGRES_SYNC;
    return named ? postgres_statement_at(session->base.store, first->statement)->name : "database";
}

static int64_t wait_deadline(const struct postgres_session *session)
{
    if (session->base.access == STORE_READ) {
        return session->deadline + POSTGRES_GRACE_MICROSECONDS;
    }
    return clock_monotonic_microseconds() + session->patience;
}

/* At most until the deadline, and not much longer than until the program stops. */
static struct result wait_for_socket(struct postgres_session *session, int64_t deadline,
                                     bool to_write)
{
    int64_t now = clock_monotonic_microseconds();
    int64_t left = (deadline - now) / 1000 + 1;
    struct pollfd socket = {
        .fd = PQsocket(session->connection),
        .events = (short)(to_write ? POLLIN | POLLOUT : POLLIN),
    };
    if (postgres_must_stop(session)) {
        session->base.broken = true;
        drop_pending(session);
        return refuse(ERROR_QUERY_TIMEOUT);
    }
    if (now > deadline) {
        return session_lost(session, name_of_first(session), TEXT("the database does not answer"));
    }
    bool watches = session->base.stopping != NULL && left > STOPPING_MILLISECONDS;
    if (poll(&socket, 1, watches ? STOPPING_MILLISECONDS : (int)left) < 0 && errno != EINTR) {
        return session_lost(session, "poll", text_of(strerrordesc_np(errno)));
    }
    return RESULT_OK;
}

/* Until PQgetResult would not block. */
static struct result wait_for_result(struct postgres_session *session)
{
    int64_t deadline = wait_deadline(session);
    while (PQisBusy(session->connection) == 1) {
        int unsent = PQflush(session->connection);
        if (unsent < 0) {
            return connection_lost(session, name_of_first(session));
        }
        TRY(wait_for_socket(session, deadline, unsent > 0));
        if (PQconsumeInput(session->connection) == 0) {
            return connection_lost(session, name_of_first(session));
        }
    }
    return RESULT_OK;
}

/* ---- The pipeline ---- */

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
        return connection_lost(session, statement->name);
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
        return connection_lost(session, what);
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
        return connection_lost(session, name_of_first(session));
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
    } else if (number == postgres_control_number(store, POSTGRES_TRANSACTION) &&
               PQntuples(result) == 1) {
        (void)snprintf(session->transaction, sizeof session->transaction, "%s",
                       PQgetvalue(result, 0, 0));
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
    struct result failure = failure_of(
        session, postgres_statement_at(session->base.store, command->statement)->name, result);
    if (is_commit && !session->base.broken) {
        session->commit_answer = POSTGRES_COMMIT_REFUSED;
    }
    return failure;
}

static struct result read_sync(struct postgres_session *session)
{
    TRY(wait_for_result(session));
    PGresult *result = PQgetResult(session->connection);
    bool expected = PQresultStatus(result) == PGRES_PIPELINE_SYNC;
    PQclear(result);
    if (!expected) {
        return connection_lost(session, "database");
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
        TRY(wait_for_result(session));
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
            drop_pending(session);
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
        return connection_lost(session, name_of_first(session));
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
    TRY(wait_for_result(session));
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
        return connection_lost(session, "migration");
    }
    for (;;) {
        TRY(wait_for_result(session));
        PGresult *result = PQgetResult(session->connection);
        if (result == NULL) {
            return first;
        }
        ExecStatusType status = PQresultStatus(result);
        if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK && !result_failed(first)) {
            first = failure_of(session, "migration", result);
        }
        PQclear(result);
    }
}

struct result postgres_run_script(struct postgres_session *session, const char *text)
{
    TRY(postgres_wait(session));
    if (PQexitPipelineMode(session->connection) == 0) {
        return connection_lost(session, "migration");
    }
    struct result result = run_script(session, text);
    if (!session->base.broken && PQenterPipelineMode(session->connection) == 0) {
        return connection_lost(session, "migration");
    }
    return result;
}

/* ---- Connections ---- */

/* NULL where libpq does not take it. Its complaint may hold a password, and is dropped. */
static PQconninfoOption *parse_url(struct text url)
{
    static const struct text schemes[] = { TEXT("postgresql://"), TEXT("postgres://") };
    char *copy = strndup(url.data, url.length);
    char *complaint = NULL;
    bool is_url = text_starts_with(url, schemes[0]) || text_starts_with(url, schemes[1]);
    PQconninfoOption *options = is_url && copy != NULL ? PQconninfoParse(copy, &complaint) : NULL;
    PQfreemem(complaint);
    if (copy != NULL) {
        secret_wipe(copy, url.length);
    }
    free(copy);
    return options;
}

bool store_url_is_valid(struct text url)
{
    PQconninfoOption *options = parse_url(url);
    bool valid = options != NULL;
    PQconninfoFree(options);
    return valid;
}

/* Where libpq displays a value as stars, it is a secret: password, sslpassword. */
bool store_url_has_password(struct text url)
{
    PQconninfoOption *options = parse_url(url);
    bool has = false;
    for (const PQconninfoOption *option = options; option != NULL && option->keyword != NULL;
         option++) {
        has = has || (option->val != NULL && option->dispchar[0] == '*');
    }
    PQconninfoFree(options);
    return has;
}

/* The default would print it. A commit looks at whether there was one. */
static void take_notice(void *context, const PGresult *notice)
{
    struct postgres_session *session = context;
    const char *severity = PQresultErrorField(notice, PG_DIAG_SEVERITY_NONLOCALIZED);
    if (severity != NULL && strcmp(severity, "WARNING") == 0) {
        session->warned = true;
    }
}

static struct result connect_blocking(struct postgres_session *session)
{
    enum { DEFAULTS = sizeof defaults / sizeof defaults[0], OURS = 2 };
    const struct postgres_store *store = (const struct postgres_store *)session->base.store;
    const char *names[DEFAULTS + OURS + 1] = { NULL };
    const char *values[DEFAULTS + OURS + 1] = { NULL };
    size_t count = 0;
    for (; count < DEFAULTS; count++) {
        names[count] = defaults[count][0];
        values[count] = defaults[count][1];
    }
    names[count] = "dbname";
    values[count++] = store->url;
    names[count] = "client_encoding";
    values[count] = "UTF8";
    session->connection = PQconnectdbParams(names, values, 1);
    if (session->connection == NULL) {
        return fault(ERROR_INTERNAL, "no memory for a connection");
    }
    if (PQstatus(session->connection) != CONNECTION_OK) {
        return connection_lost(session, "PostgreSQL");
    }
    return RESULT_OK;
}

static struct result look_at_server(struct postgres_session *session, const PGresult *settings)
{
    if (PQresultStatus(settings) != PGRES_TUPLES_OK) {
        return failure_of(session, "settings", settings);
    }
    if (strcmp(PQgetvalue(settings, 0, 0), "UTF8") != 0) {
        return fault(ERROR_STORE_UNAVAILABLE,
                     "the database's encoding is %s: orgkeys needs one that was created with "
                     "ENCODING 'UTF8'",
                     PQgetvalue(settings, 0, 0));
    }
    if (session->base.access != STORE_READ && strcmp(PQgetvalue(settings, 0, 1), "on") == 0) {
        return fault(ERROR_STORE_UNAVAILABLE, "the PostgreSQL server is read-only (a standby?)");
    }
    return RESULT_OK;
}

static struct result tell_settings(struct postgres_session *session)
{
    if (PQsendQueryParams(session->connection, EVERY_SESSION, LIMITS, NULL,
                          limits[session->base.access], NULL, NULL, TEXT_FORMAT) == 0) {
        return connection_lost(session, "settings");
    }
    TRY(wait_for_result(session));
    PGresult *settings = PQgetResult(session->connection);
    struct result result = look_at_server(session, settings);
    PQclear(settings);
    TRY(result);
    TRY(wait_for_result(session));
    return PQgetResult(session->connection) == NULL ? RESULT_OK
                                                    : connection_lost(session, "settings");
}

struct result postgres_connect(struct postgres_session *session)
{
    TRY(connect_blocking(session));
    PGconn *connection = session->connection;
    (void)PQsetNoticeReceiver(connection, take_notice, session);
    if (PQserverVersion(connection) < SERVER_VERSION_MINIMUM) {
        return fault(ERROR_STORE_UNAVAILABLE,
                     "the server is PostgreSQL %d: orgkeys needs %d or "
                     "newer",
                     PQserverVersion(connection) / 10000, SERVER_VERSION_MINIMUM / 10000);
    }
    if (PQsetnonblocking(connection, 1) != 0) {
        return connection_lost(session, "PostgreSQL");
    }
    session->deadline = clock_monotonic_microseconds() + STORE_READ_MAXIMUM_MICROSECONDS;
    TRY(tell_settings(session));
    if (PQenterPipelineMode(connection) == 0) {
        return connection_lost(session, "PostgreSQL");
    }
    return RESULT_OK;
}

static bool take_notifications(struct postgres_session *session)
{
    bool any = false;
    for (PGnotify *notification = PQnotifies(session->connection); notification != NULL;
         notification = PQnotifies(session->connection)) {
        PQfreemem(notification);
        any = true;
    }
    return any;
}

struct result postgres_wait_for_notice(struct postgres_session *session, int64_t microseconds)
{
    int64_t end = clock_monotonic_microseconds() + microseconds;
    const atomic_bool *stopping = session->base.stopping;
    while (!take_notifications(session)) {
        int64_t now = clock_monotonic_microseconds();
        if (now >= end || (stopping != NULL && atomic_load(stopping))) {
            return RESULT_OK;
        }
        TRY(wait_for_socket(session, end, false));
        if (PQconsumeInput(session->connection) == 0) {
            return connection_lost(session, "notifications");
        }
    }
    return RESULT_OK;
}

bool postgres_hung_up(const struct postgres_session *session)
{
    struct pollfd socket = { .fd = PQsocket(session->connection), .events = POLLRDHUP };
    return socket.fd < 0 || (poll(&socket, 1, 0) > 0 && socket.revents != 0);
}

void postgres_disconnect(struct postgres_session *session)
{
    PQclear(session->row_result);
    PQfinish(session->connection);
}
