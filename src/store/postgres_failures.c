#include <libpq-fe.h>
#include <string.h>

#include "store/postgres_session.h"

enum { STATE_SIZE = 5 }; /* of an SQLSTATE */

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
    { "0A000", ERROR_STORE_UNAVAILABLE, true },  /* of a statement prepared before a restore */
    { "08", ERROR_STORE_UNAVAILABLE, true },     /* connection */
    { "25P02", ERROR_STORE_UNAVAILABLE, false }, /* the transaction has failed before */
    { "25P03", ERROR_STORE_UNAVAILABLE, true },  /* idle_in_transaction_session_timeout */
    { "25P04", ERROR_STORE_UNAVAILABLE, true },  /* transaction_timeout */
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

/* libpq's own messages have several lines, of which the first says it. */
static struct text first_line(const char *message)
{
    struct text rest = text_of(message);
    return text_cut(&rest, '\n');
}

struct result postgres_session_lost(struct postgres_session *session, const char *what,
                                    struct text why)
{
    session->base.broken = true;
    postgres_drop_pending(session);
    return session->discarding
               ? refuse(ERROR_STORE_UNAVAILABLE)
               : fault(ERROR_STORE_UNAVAILABLE, "%s: %.*s", what, TEXT_ARGUMENTS(why));
}

struct result postgres_connection_lost(struct postgres_session *session, const char *what)
{
    return postgres_session_lost(session, what, first_line(PQerrorMessage(session->connection)));
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
 * FATAL and PANIC end the session, whatever befell it: a server whose log finds no space stops. It
 * may have kept a COMMIT that it says so to, as that may be on disk already.
 */
static bool ends_session(const PGresult *result)
{
    const char *severity = PQresultErrorField(result, PG_DIAG_SEVERITY_NONLOCALIZED);
    return severity != NULL && strcmp(severity, "ERROR") != 0;
}

static struct meaning meaning_of_failure(const struct postgres_session *session, const char *state,
                                         const PGresult *result)
{
    if (ends_session(result)) {
        return (struct meaning){ state, ERROR_STORE_UNAVAILABLE, true };
    }
    return strcmp(state, read_only_state) == 0 ? meaning_of_read_only(session) : *meaning_of(state);
}

/*
 * Of an error that the server sent. Its primary message names tables and constraints; DETAIL, which
 * may hold what rows hold, is left out.
 */
struct result postgres_failure(struct postgres_session *session, const char *what,
                               const PGresult *result)
{
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char *message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    if (state == NULL || message == NULL) {
        return postgres_connection_lost(session, what);
    }
    struct meaning meaning = meaning_of_failure(session, state, result);
    session->base.broken = session->base.broken || meaning.breaks;
    if (session->base.access == STORE_READ && strcmp(state, cancelled_state) == 0) {
        return refuse(ERROR_QUERY_TIMEOUT);
    }
    return session->discarding ? refuse(meaning.error)
                               : fault(meaning.error, "%s: %.*s (PostgreSQL %.*s)", what,
                                       TEXT_ARGUMENTS(first_line(message)), STATE_SIZE, state);
}
