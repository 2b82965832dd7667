#ifndef ORGKEYS_STORE_STORE_H
#define ORGKEYS_STORE_STORE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/result.h"
#include "base/text.h"

/*
 * What orgkeys needs of a database, and no more: numbered statements, run on sessions, with the
 * same texts on SQLite and PostgreSQL ($1, $2, casts where a type cannot be inferred).
 *
 * A failed call gives one of:
 *
 * - STORE_FULL: no space. The transaction may be gone whole: ask store_in_transaction.
 * - STORE_UNAVAILABLE: the database cannot be reached, is locked or cannot be read. Nothing was
 *   done.
 * - QUERY_TIMEOUT: a reading session ran longer than STORE_READ_MAXIMUM_MICROSECONDS, or into the
 *   end of the program. The only one that is no fault: it has no text.
 * - OUTCOME_UNKNOWN: of store_commit. It may or may not have been kept; store_settle finds out.
 * - INTERNAL: anything else, a broken constraint too: rules are checked by statements first.
 */

enum {
    STORE_VALUES_MAXIMUM = 32, /* parameters of a statement, columns of a row */
    STORE_READ_MAXIMUM_MICROSECONDS = 5000000,
    STORE_STOP_MAXIMUM_MICROSECONDS = 1000000,
};

enum store_type { STORE_NULL, STORE_INTEGER, STORE_TEXT, STORE_BLOB };

struct store_value {
    enum store_type type;
    int64_t integer;
    struct text text; /* of STORE_TEXT and STORE_BLOB */
};

#define STORE_NULL_VALUE ((struct store_value){ .type = STORE_NULL })
/* TEXT_NONE becomes NULL. */
struct store_value store_text(struct text text);
/* NULL becomes NULL. */
struct store_value store_blob(const void *data, size_t size);
struct store_value store_integer(int64_t integer);

/* A statement has a number, its place in the table given to store_open, and a text. */
struct store_statement {
    const char *name; /* for the log */
    const char *sql;  /* one statement; its parameters are $1 to $n, all of them used */
};

enum store_creation {
    STORE_MAY_BE_CREATED,
    STORE_MUST_EXIST, /* where there is no data is an error, and stays as it is */
    STORE_AS_IT_IS,   /* nothing is made, held or changed: no STORE_WRITE session, any schema */
};

struct store_options {
    struct text database_url; /* postgresql://...; TEXT_NONE: SQLite */
    struct text directory;    /* of the SQLite files; made (0700) when it is not there */
    struct text file;         /* STORE_AS_IT_IS: a SQLite database itself, instead of a directory */
    enum store_creation creation;
    const struct store_statement *statements; /* must outlive the store */
    size_t statement_count;
};

/* An open database: its files' lock is held and its schema is the newest, but for STORE_AS_IT_IS.
 */
struct store;

/*
 * Opens the database and brings its schema up to date. Errors have a text for people in
 * fault_take(), never with a password: another process holds the directory; the schema is newer
 * than this program; the disk is full; not a database; no connection.
 */
struct result store_open(const struct store_options *options, struct store **ret_store);
/*
 * Of a text that is meant to be a database_url: whether libpq takes it, and whether a password is
 * in it.
 */
bool store_url_is_valid(struct text url);
bool store_url_has_password(struct text url);
/*
 * The passfile that such a URL, or PGPASSFILE, names; false: neither does, or the path is longer
 * than `size`.
 */
bool store_url_find_passfile(struct text url, char *ret_path, size_t size);

/* Every session must have been closed. */
void store_close(struct store *store);

/* The number of the newest migration that the database has. */
int store_schema_version(const struct store *store);

/* Whether other processes may write to the database too. */
bool store_is_shared(const struct store *store);
/*
 * Of a shared store: the name, unique for ever, under which the process writes its revisions into
 * the table `changes`. store_settle looks for it there. It must outlive the store.
 */
void store_set_node(struct store *store, struct text node);

/* One connection to the database, used by one thread at a time. */
struct store_session;

enum store_access {
    STORE_READ,
    STORE_WRITE,
    STORE_FOLLOW, /* reads without a deadline; of a shared store, where is written, and waits */
};

/* A STORE_WRITE session: at most one at a time. It alone writes and checkpoints SQLite. */
struct result store_session_open(struct store *store, enum store_access access,
                                 struct store_session **ret_session);
/* Undoes an open transaction. NULL is allowed. */
void store_session_close(struct store_session *session);

/* The newest migration of what was opened as it is; a fault where this program does not know it. */
struct result store_read_schema_version(struct store_session *session, int64_t *ret_version);

/*
 * Whether the session is of no more use: from then on its calls give STORE_UNAVAILABLE. Another
 * session may fare better. One from before the newest writing session counts as such: the writer
 * may have gone from a server that is the primary no more to one that is.
 */
bool store_session_broken(struct store_session *session);

/*
 * Once *stopping is true, all that a reading session still reads ends within
 * STORE_STOP_MAXIMUM_MICROSECONDS, with QUERY_TIMEOUT. NULL: nothing is watched any more.
 */
void store_session_watch(struct store_session *session, const atomic_bool *stopping);

/*
 * Of a shared store. store_notify, in a writing transaction: once it is committed, whoever listens
 * is woken. store_listen, once on a STORE_FOLLOW session; store_wait then returns when somebody
 * committed since the last wait, or after `microseconds`.
 */
struct result store_notify(struct store_session *session);
struct result store_listen(struct store_session *session);
struct result store_wait(struct store_session *session, int64_t microseconds);

/*
 * Transactions. A reading session needs none for a single statement; with one, all its statements
 * see the same snapshot. A reading transaction lasts at most STORE_READ_MAXIMUM_MICROSECONDS.
 *
 * A writing session changes rows inside a transaction only. So what a caller still tries after an
 * error that ended its transaction fails too, instead of being kept on its own.
 */
struct result store_begin(struct store_session *session);
/*
 * Of a transaction that has just begun, and may last: nothing in it is limited by less than
 * minutes, as a node's are. STORE_READ sessions have no such.
 */
struct result store_take_time(struct store_session *session);
/* On failure no transaction is open; nothing was kept, except perhaps with OUTCOME_UNKNOWN. */
struct result store_commit(struct store_session *session);
/*
 * Never fails: where the database cannot be told, the session is broken and says so from then on.
 * Harmless when no transaction is open.
 */
void store_rollback(struct store_session *session);
/* Whether a transaction is open. False after an error that ended it (a full disk does). */
bool store_in_transaction(struct store_session *session);

/* One savepoint at a time, inside a transaction. */
struct result store_savepoint(struct store_session *session);
struct result store_savepoint_keep(struct store_session *session);
struct result store_savepoint_undo(struct store_session *session);

/*
 * A row of the statement that is being read; its texts are valid until the next call on the
 * session.
 */
struct store_row {
    size_t count;
    const char *const *names; /* of the columns */
    const struct store_value *values;
};

/*
 * Runs a statement and reads its rows: store_query, then store_next until *ret_row is NULL. One
 * statement of a session is read at a time: until its end, a failure or store_finish, another one
 * is an INTERNAL fault. store_finish is harmless when nothing is read. `values` are copied.
 */
struct result store_query(struct store_session *session, unsigned statement,
                          const struct store_value *values, size_t count);
struct result store_next(struct store_session *session, const struct store_row **ret_row);
void store_finish(struct store_session *session);

/*
 * Runs a statement to its end, ignoring rows; gives the number of rows it changed. With NULL for
 * ret_changes nobody waits for it where waiting costs time: inside a writing transaction its
 * failure may come out with a later call, at the latest with store_savepoint_keep or store_commit.
 */
struct result store_execute(struct store_session *session, unsigned statement,
                            const struct store_value *values, size_t count, int64_t *ret_changes);

/* The same, where changing any number of rows but one is a fault. */
struct result store_change(struct store_session *session, unsigned statement,
                           const struct store_value *values, size_t count);

/*
 * The rows that the session has changed since it was opened, by itself and what was undone
 * included: when it stands still, there is nothing to commit.
 */
int64_t store_changes(const struct store_session *session);

/*
 * The single row that every writing transaction begins by changing. `revision` counts the commits;
 * `last_issued_at` (microseconds since 1970) is the newest time given to an id, so that ids sort in
 * the order of commits also when the clock is set back.
 */
struct store_state {
    int64_t revision;
    int64_t last_issued_at;
};
/* Inside a writing transaction: adds one to the revision and reads the row. */
struct result store_state_advance(struct store_session *session, struct store_state *ret_state);
/* Inside a writing transaction: keeps the newest time. */
struct result store_state_keep(struct store_session *session, int64_t last_issued_at);
struct result store_state_read(struct store_session *session, struct store_state *ret_state);

/*
 * Decides the fate of a transaction whose commit was OUTCOME_UNKNOWN, on a new writing session,
 * before anything else is written: whether the transaction that advanced to `revision` was kept.
 * When this returns, the answer stays true through a crash. OUTCOME_UNKNOWN: it has ended, and
 * nobody can tell how any more. Where it fails otherwise, a database beyond a connection at
 * `deadline` (of the monotonic clock) at the latest, nothing is decided and it can be tried again,
 * on another session.
 */
struct result store_settle(struct store_session *session, int64_t revision, int64_t deadline,
                           bool *ret_kept);

#endif
