/* What is sent to PostgreSQL, and what comes back: statements that it refuses, and lost
 * connections. */
#include <libpq-fe.h>
#include <sys/socket.h>

#include "failing.h"

static const char refused[] = "no statement";

static bool fails(const char *name)
{
    return failing_now(FAILING_STATEMENT, name);
}

/* A connection that is lost now, for both sides. */
static void may_lose(PGconn *connection, enum failing_kind kind, const char *name)
{
    if (failing_now(kind, name)) {
        (void)shutdown(PQsocket(connection), SHUT_RDWR);
    }
}

WRAPPED(int, PQsendQueryPrepared,
        (PGconn * connection, const char *name, int count, const char *const *values,
         const int *lengths, const int *formats, int format))
{
    may_lose(connection, FAILING_WRITE, "PQsendQueryPrepared");
    return __real_PQsendQueryPrepared(connection, fails("PQsendQueryPrepared") ? refused : name,
                                      count, values, lengths, formats, format);
}

WRAPPED(int, PQsendPrepare,
        (PGconn * connection, const char *name, const char *text, int count, const Oid *types))
{
    may_lose(connection, FAILING_WRITE, "PQsendPrepare");
    return __real_PQsendPrepare(connection, name, fails("PQsendPrepare") ? refused : text, count,
                                types);
}

WRAPPED(int, PQsendQuery, (PGconn * connection, const char *text))
{
    may_lose(connection, FAILING_WRITE, "PQsendQuery");
    return __real_PQsendQuery(connection, fails("PQsendQuery") ? refused : text);
}

WRAPPED(int, PQpipelineSync, (PGconn * connection))
{
    may_lose(connection, FAILING_WRITE, "PQpipelineSync");
    return __real_PQpipelineSync(connection);
}

WRAPPED(int, PQflush, (PGconn * connection))
{
    may_lose(connection, FAILING_WRITE, "PQflush");
    return __real_PQflush(connection);
}

WRAPPED(int, PQconsumeInput, (PGconn * connection))
{
    may_lose(connection, FAILING_READ, "PQconsumeInput");
    return __real_PQconsumeInput(connection);
}

WRAPPED(PGresult *, PQgetResult, (PGconn * connection))
{
    may_lose(connection, FAILING_READ, "PQgetResult");
    return __real_PQgetResult(connection);
}

WRAPPED(PGconn *, PQconnectdbParams,
        (const char *const *names, const char *const *values, int expand))
{
    static const char *const nowhere_names[] = { "host", NULL };
    static const char *const nowhere[] = { "/nowhere", NULL };
    bool is_away = failing_now(FAILING_OPEN, "PQconnectdbParams");
    return __real_PQconnectdbParams(is_away ? nowhere_names : names, is_away ? nowhere : values,
                                    expand);
}
