#ifndef ORGKEYS_STORE_SQLITE_SESSION_H
#define ORGKEYS_STORE_SQLITE_SESSION_H

#include "store/driver.h"

/*
 * What sqlite.c (connections and transactions), sqlite_statements.c (statements and rows) and
 * sqlite_copy.c share. SQLite's own header is included by these only.
 */
struct sqlite3;
struct sqlite3_stmt;

/* The texts that steer transactions: prepared like other statements, and numbered after them. */
enum sqlite_control {
    SQLITE_CONTROL_BEGIN_READ,
    SQLITE_CONTROL_BEGIN_WRITE,
    SQLITE_CONTROL_COMMIT,
    SQLITE_CONTROL_ROLLBACK,
    SQLITE_CONTROL_SAVEPOINT,
    SQLITE_CONTROL_SAVEPOINT_KEEP,
    SQLITE_CONTROL_SAVEPOINT_UNDO,
    SQLITE_CONTROL_COUNT,
};

/*
 * SQLite numbers $1, $2 by their first place in the text, not by their digits: `places` has the
 * index of the value (from 0) for each of SQLite's parameters.
 */
struct sqlite_prepared {
    struct sqlite3_stmt *handle; /* NULL: not prepared yet */
    const struct store_statement *statement;
    size_t parameters;
    unsigned char places[STORE_VALUES_MAXIMUM];
};

struct sqlite_session {
    struct store_session base;
    struct sqlite3 *database;
    struct sqlite_prepared *reading; /* NULL: no statement is being read */
    int64_t deadline;                /* of what is read, by the monotonic clock */
    int64_t stop_deadline;           /* once the program was seen to stop: of all that is read */
    int log_frames;                  /* after the newest commit of a writer */
    int synced_frames;               /* that are copied in part and synced: see sync_database */
    bool checkpoint_fails;           /* which was said */
    struct store_row row;
    const char *names[STORE_VALUES_MAXIMUM];
    struct store_value values[STORE_VALUES_MAXIMUM];
    struct sqlite_prepared prepared[]; /* the caller's, the store's own, the controls */
};

static inline struct sqlite_session *sqlite_of(struct store_session *session)
{
    return (struct sqlite_session *)session;
}

/* How many statements a session has room for. */
unsigned sqlite_statement_total(const struct store *store);

/* The failure that SQLite has just reported, which may break the session. */
struct result sqlite_failed(struct sqlite_session *session, const char *what);
/* For SQLite's progress handler too: whether what is read must end. The context is the session. */
int sqlite_deadline_passed(void *context);

struct result sqlite_control(struct sqlite_session *session, enum sqlite_control control);
void sqlite_finalize_all(struct sqlite_session *session);

/* Of the driver. */
bool sqlite_in_transaction(struct store_session *session);
struct result sqlite_query(struct store_session *session, unsigned statement,
                           const struct store_value *values, size_t count);
struct result sqlite_next(struct store_session *session, const struct store_row **ret_row);
void sqlite_finish(struct store_session *session);
struct result sqlite_execute(struct store_session *session, unsigned statement,
                             const struct store_value *values, size_t count, int64_t *ret_changes);

#endif
