#ifndef ORGKEYS_STORE_POSTGRES_SESSION_H
#define ORGKEYS_STORE_POSTGRES_SESSION_H

#include "store/driver.h"

/*
 * What postgres.c (transactions) and the files named below share. libpq's own header is included by
 * the latter only.
 *
 * Every session is in libpq's pipeline mode, and commands are of two kinds. Those whose answer
 * somebody waits for are followed by a synchronization point, and everything before it is read
 * first. The others are sent, and a failure of theirs comes out with the next one that is waited
 * for: the server skips all between a failure and the synchronization point.
 */
struct pg_conn;
struct pg_result;

enum {
    POSTGRES_PENDING_MAXIMUM = 256, /* commands whose results were not read yet */
    /* A writing statement; the server ends it then (statement_timeout). */
    POSTGRES_WRITE_MAXIMUM_MICROSECONDS = 5000000,
    /* A writing transaction, its wait for the row that it begins with included, its COMMIT not. */
    POSTGRES_TRANSACTION_MAXIMUM_MICROSECONDS = 10000000,
    /* Beyond what the server allows itself for an answer, before it counts as gone. */
    POSTGRES_GRACE_MICROSECONDS = 1000000,
    POSTGRES_PATIENCE_MICROSECONDS =
        POSTGRES_WRITE_MAXIMUM_MICROSECONDS + POSTGRES_GRACE_MICROSECONDS,
};

#define POSTGRES_NO_DEADLINE INT64_MAX

/* The driver's own statements: prepared like others, and numbered after them. */
enum postgres_control {
    POSTGRES_BEGIN_READ,
    POSTGRES_BEGIN_WRITE,
    POSTGRES_WRITE_LIMIT, /* of the statements of a writing transaction */
    POSTGRES_COMMIT,
    POSTGRES_ROLLBACK,
    POSTGRES_SAVEPOINT,
    POSTGRES_SAVEPOINT_KEEP,
    POSTGRES_SAVEPOINT_UNDO,
    POSTGRES_LIMIT,       /* of the statements of a reading transaction, milliseconds */
    POSTGRES_REVISION,    /* and whether a node made it */
    POSTGRES_LONG_LIMITS, /* of a transaction that may last */
    POSTGRES_SCHEMA_LOCK,
    POSTGRES_SCHEMA_EXISTS,
    POSTGRES_NOTIFY,
    POSTGRES_LISTEN,
    POSTGRES_CONTROL_COUNT,
};

enum postgres_command { POSTGRES_PREPARE, POSTGRES_STATEMENT, POSTGRES_SYNC };

struct postgres_pending {
    enum postgres_command command;
    unsigned statement;
    bool changes_one; /* row, or it is a fault */
};

/* What the server said to the last COMMIT. */
enum postgres_commit_answer {
    POSTGRES_COMMIT_UNANSWERED,
    POSTGRES_COMMIT_KEPT,
    POSTGRES_COMMIT_UNDONE,
    POSTGRES_COMMIT_REFUSED, /* an error, or a failure of what was sent before it */
};

struct postgres_store {
    struct store base;
    enum store_creation creation;
    char *url;
    size_t url_size;
    _Atomic(int64_t) stop_deadline; /* of all that readers read, once one saw the program's end */
};

struct postgres_session {
    struct store_session base;
    struct pg_conn *connection;
    struct postgres_pending pending[POSTGRES_PENDING_MAXIMUM]; /* a ring */
    size_t pending_first;
    size_t pending_count;
    bool unsynced;   /* something was sent behind the last synchronization point */
    bool discarding; /* what fails is of no interest */
    bool warned;     /* since somebody set it to false */
    bool in_transaction;
    enum postgres_commit_answer commit_answer;
    int64_t patience;     /* microseconds, for one answer; of any but a reading session */
    int64_t deadline;     /* of what a reading session reads, or a writing transaction does */
    int64_t latest;       /* of any answer; POSTGRES_NO_DEADLINE, but for a while */
    int64_t limit;        /* microseconds that the server gives a statement of a reading session */
    int64_t changes;      /* see store_changes */
    int64_t last_changes; /* of the statement whose result was read last */
    const struct store_statement *reading; /* NULL: no statement is being read */
    struct pg_result *row_result;          /* holds the texts of `row` */
    struct store_row row;
    const char *names[STORE_VALUES_MAXIMUM];
    struct store_value values[STORE_VALUES_MAXIMUM];
    bool prepared[]; /* the caller's, the store's own, the controls */
};

static inline struct postgres_session *postgres_of(struct store_session *session)
{
    return (struct postgres_session *)session;
}

/* How many statements a session has room for. */
unsigned postgres_statement_total(const struct store *store);
unsigned postgres_control_number(const struct store *store, enum postgres_control control);
const struct store_statement *postgres_statement_at(const struct store *store, unsigned number);

/* ---- postgres_connect.c: the URL, a connection's settings ---- */

/* Connects, and tells the server the session's limits. */
struct result postgres_connect(struct postgres_session *session);
void postgres_disconnect(struct postgres_session *session);

/* ---- postgres_socket.c: waiting for the server ---- */

/* Of a reading session: whether the program ends, and has waited long enough. */
bool postgres_must_stop(struct postgres_session *session);
/* Until a result can be had without waiting. */
struct result postgres_wait_for_result(struct postgres_session *session);
/* Waits for a notification, which came already or comes in `microseconds`. */
struct result postgres_wait_for_notice(struct postgres_session *session, int64_t microseconds);
/* Whether the server has closed the connection. */
bool postgres_hung_up(const struct postgres_session *session);

/* ---- postgres_failures.c: what failures mean ---- */

/* Of a result that is an error: what the server said. `what` is for the log. */
struct result postgres_failure(struct postgres_session *session, const char *what,
                               const struct pg_result *result);
/* The session is of no more use. The second one has libpq's words for why. */
struct result postgres_session_lost(struct postgres_session *session, const char *what,
                                    struct text why);
struct result postgres_connection_lost(struct postgres_session *session, const char *what);

/* ---- postgres_pipeline.c: commands, and their results in order ---- */

/* libpq's parameters of a statement. */
struct postgres_parameters {
    int count;
    unsigned types[STORE_VALUES_MAXIMUM];
    const char *values[STORE_VALUES_MAXIMUM];
    int lengths[STORE_VALUES_MAXIMUM];
    int formats[STORE_VALUES_MAXIMUM];
};

/* NULL parameters: none. */
struct result postgres_send(struct postgres_session *session, unsigned statement,
                            const struct postgres_parameters *parameters);
/* What was sent last must change one row. */
void postgres_expect_change(struct postgres_session *session);
/* Sends a synchronization point, and lets everything go. */
struct result postgres_sync(struct postgres_session *session);
/* Reads the results of what was sent before the newest statement, which is left to be read. */
struct result postgres_read_up_to_last(struct postgres_session *session);
/* Reads all results; the failure is the first one's. */
struct result postgres_read_all(struct postgres_session *session);
/* Sends a synchronization point where one is missing, and reads all results. */
struct result postgres_wait(struct postgres_session *session);
/* The same, whatever fails. */
void postgres_discard(struct postgres_session *session);
/* The next result of the statement that is read; NULL is its end. The caller clears it. */
struct result postgres_next_result(struct postgres_session *session, struct pg_result **ret_result);
/* Runs several statements at once, without parameters. Nothing may be pending. */
struct result postgres_run_script(struct postgres_session *session, const char *text);
/* Forgets all of it, and the transaction: of a session that is lost. */
void postgres_drop_pending(struct postgres_session *session);
/* The oldest command whose result was not read, for the log. */
const char *postgres_oldest_name(const struct postgres_session *session);

/* ---- postgres_statements.c: of the driver ---- */

struct result postgres_query(struct store_session *session, unsigned statement,
                             const struct store_value *values, size_t count);
struct result postgres_next(struct store_session *session, const struct store_row **ret_row);
void postgres_finish(struct store_session *session);
struct result postgres_execute(struct store_session *session, unsigned statement,
                               const struct store_value *values, size_t count,
                               int64_t *ret_changes);
struct result postgres_change(struct store_session *session, unsigned statement,
                              const struct store_value *values, size_t count);

#endif
