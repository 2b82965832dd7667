/*
 * bench-notify URL COUNT: that many times, a NOTIFY by one connection and the notification's coming
 * to another. Prints the microseconds in between, a line each. The URL has no password in it.
 */
#include <libpq-fe.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "rows.h"

enum { NOTICE_MAXIMUM_MILLISECONDS = 10000 };

_Noreturn static void fail(PGconn *connection)
{
    (void)fprintf(stderr, "bench-notify: %s\n", PQerrorMessage(connection));
    exit(EXIT_FAILURE);
}

static PGconn *connect_to(const char *url)
{
    PGconn *connection = PQconnectdb(url);
    if (PQstatus(connection) != CONNECTION_OK) {
        fail(connection);
    }
    return connection;
}

/* Of what was sent before. */
static void read_result(PGconn *connection)
{
    for (PGresult *result = PQgetResult(connection); result != NULL;
         result = PQgetResult(connection)) {
        if (PQresultStatus(result) != PGRES_COMMAND_OK) {
            fail(connection);
        }
        PQclear(result);
    }
}

static void send_command(PGconn *connection, const char *command)
{
    if (PQsendQuery(connection, command) == 0) {
        fail(connection);
    }
}

static void wait_for_notice(PGconn *listener)
{
    PGnotify *notice = PQnotifies(listener);
    while (notice == NULL) {
        struct pollfd readable = { .fd = PQsocket(listener), .events = POLLIN };
        if (poll(&readable, 1, NOTICE_MAXIMUM_MILLISECONDS) != 1 || PQconsumeInput(listener) == 0) {
            fail(listener);
        }
        notice = PQnotifies(listener);
    }
    PQfreemem(notice);
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        (void)fprintf(stderr, "usage: bench-notify URL COUNT\n");
        return EXIT_FAILURE;
    }
    PGconn *notifier = connect_to(argv[1]);
    PGconn *listener = connect_to(argv[1]);
    send_command(listener, "LISTEN bench");
    read_result(listener);
    for (int64_t left = rows_number(argv[2]); left > 0; left--) {
        int64_t sent_at = clock_monotonic_microseconds();
        send_command(notifier, "NOTIFY bench");
        wait_for_notice(listener);
        (void)printf("%lld\n", (long long)(clock_monotonic_microseconds() - sent_at));
        read_result(notifier);
    }
    PQfinish(notifier);
    PQfinish(listener);
    return EXIT_SUCCESS;
}
