#include <errno.h>
#include <libpq-fe.h>
#include <poll.h>
#include <string.h>

#include "base/clock.h"
#include "store/postgres_session.h"

enum { STOPPING_MILLISECONDS = 50 }; /* between two looks at whether the program ends */

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
    if (session->base.access == STORE_WRITE || stopping == NULL || !atomic_load(stopping)) {
        return false;
    }
    int64_t now = clock_monotonic_microseconds();
    (void)atomic_compare_exchange_strong(&store->stop_deadline, &never,
                                         now + STORE_STOP_MAXIMUM_MICROSECONDS);
    return now > atomic_load(&store->stop_deadline);
}

static int64_t wait_deadline(const struct postgres_session *session)
{
    int64_t end = session->base.access == STORE_READ
                      ? session->deadline + POSTGRES_GRACE_MICROSECONDS
                      : clock_monotonic_microseconds() + session->patience;
    if (session->base.access == STORE_WRITE && session->deadline < end) {
        end = session->deadline;
    }
    return end < session->latest ? end : session->latest;
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
        postgres_drop_pending(session);
        return refuse(ERROR_QUERY_TIMEOUT);
    }
    if (now > deadline) {
        return postgres_session_lost(session, postgres_oldest_name(session),
                                     TEXT("the database does not answer"));
    }
    bool watches = session->base.stopping != NULL && left > STOPPING_MILLISECONDS;
    if (poll(&socket, 1, watches ? STOPPING_MILLISECONDS : (int)left) < 0 && errno != EINTR) {
        return postgres_session_lost(session, "poll", text_of(strerrordesc_np(errno)));
    }
    return RESULT_OK;
}

/* Until PQgetResult would not block. */
struct result postgres_wait_for_result(struct postgres_session *session)
{
    int64_t deadline = wait_deadline(session);
    while (PQisBusy(session->connection) == 1) {
        int unsent = PQflush(session->connection);
        if (unsent < 0) {
            return postgres_connection_lost(session, postgres_oldest_name(session));
        }
        TRY(wait_for_socket(session, deadline, unsent > 0));
        if (PQconsumeInput(session->connection) == 0) {
            return postgres_connection_lost(session, postgres_oldest_name(session));
        }
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
            return postgres_connection_lost(session, "notifications");
        }
    }
    return RESULT_OK;
}

bool postgres_hung_up(const struct postgres_session *session)
{
    struct pollfd socket = { .fd = PQsocket(session->connection), .events = POLLRDHUP };
    return socket.fd < 0 || (poll(&socket, 1, 0) > 0 && socket.revents != 0);
}
