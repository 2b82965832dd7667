#include <inttypes.h>
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/secret.h"
#include "store/postgres_session.h"

/*
 * libpq connects blocking, which is bounded by its connect_timeout for each address of each host:
 * only so does it go on to the next host of a URL. What the system takes to resolve a name comes
 * on top. Everything after that is non-blocking, with a deadline of our own.
 */
enum {
    SERVER_VERSION_MINIMUM = 140000,
    TEXT_FORMAT = 0,
    CONNECT_SECONDS_DEFAULT = 3, /* for each address */
    CONNECT_SECONDS_MAXIMUM = 10,
    SETTINGS_MAXIMUM_MICROSECONDS = 3000000, /* of a server that has let us in */
};

/*
 * Defaults that a URL may override. A server that is gone is noticed by the system within some
 * seconds also where nobody waits for an answer.
 */
static const char *const defaults[][2] = {
    { "fallback_application_name", "orgkeys" },
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
#define EVERY_SESSION                                                                     \
    "SELECT current_setting('server_encoding'), "                                         \
    "current_setting('transaction_read_only'), "                                          \
    "set_config('default_transaction_read_only', 'on', false), "                          \
    "set_config('synchronous_commit', CASE current_setting('synchronous_commit') "        \
    "WHEN 'off' THEN 'on' ELSE current_setting('synchronous_commit') END, false), "       \
    "set_config('jit', 'off', false), "                                                   \
    "set_config('tcp_keepalives_idle', '5', false), "                                     \
    "set_config('tcp_keepalives_interval', '2', false), "                                 \
    "set_config('tcp_keepalives_count', '3', false), "                                    \
    "set_config('tcp_user_timeout', '10000', false), "                                    \
    "set_config('idle_in_transaction_session_timeout', $1, false), "                      \
    "set_config('lock_timeout', $2, false), set_config('statement_timeout', $3, false), " \
    "set_config('plan_cache_mode', $4, false)"

/*
 * A writing session holds the row that all nodes write first. So a node that stops in a transaction
 * loses it before others give up waiting for it. Outside of transactions it loads whole tables.
 *
 * What a reader asks for is planned for its values each time, in a fraction of a millisecond: in a
 * plan for any values each filter of a list counts as given, and 100,000 keys were read for a
 * minute.
 */
enum { OWN_SETTINGS = 4 };
static const char *const own_settings[][OWN_SETTINGS] = {
    [STORE_READ] = { "10000", "4000", "5000", "force_custom_plan" },
    [STORE_WRITE] = { "2000", "4000", "0", "auto" },
    [STORE_FOLLOW] = { "10000", "4000", "0", "auto" },
};

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

/* The text of one option; NULL: it has none. */
static const char *value_of(const PQconninfoOption *options, const char *keyword)
{
    for (; options != NULL && options->keyword != NULL; options++) {
        if (strcmp(options->keyword, keyword) == 0) {
            return options->val;
        }
    }
    return NULL;
}

bool store_url_find_passfile(struct text url, char *ret_path, size_t size)
{
    PQconninfoOption *given = parse_url(url);
    PQconninfoOption *preset = PQconndefaults();
    const char *path = value_of(given, "passfile");
    if (path == NULL) {
        path = value_of(preset, "passfile");
    }
    bool found = path != NULL && strlen(path) < size;
    if (found) {
        (void)snprintf(ret_path, size, "%s", path);
    }
    PQconninfoFree(given);
    PQconninfoFree(preset);
    return found;
}

/* As the URL says. What libpq takes for no bound at all (0) gets the maximum, as too much does. */
static int64_t connect_seconds(const struct postgres_store *store)
{
    PQconninfoOption *options = parse_url(text_of(store->url));
    const char *given = value_of(options, "connect_timeout");
    int64_t seconds = CONNECT_SECONDS_DEFAULT;
    if (given != NULL && !text_to_integer(text_of(given), 1, CONNECT_SECONDS_MAXIMUM, &seconds)) {
        seconds = CONNECT_SECONDS_MAXIMUM;
    }
    PQconninfoFree(options);
    return seconds;
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
    enum { DEFAULTS = sizeof defaults / sizeof defaults[0], OURS = 3, SECONDS_SIZE = 24 };
    const struct postgres_store *store = (const struct postgres_store *)session->base.store;
    const char *names[DEFAULTS + OURS + 1] = { NULL };
    const char *values[DEFAULTS + OURS + 1] = { NULL };
    char seconds[SECONDS_SIZE];
    size_t count = 0;
    (void)snprintf(seconds, sizeof seconds, "%" PRId64, connect_seconds(store));
    for (; count < DEFAULTS; count++) {
        names[count] = defaults[count][0];
        values[count] = defaults[count][1];
    }
    names[count] = "dbname";
    values[count++] = store->url;
    names[count] = "connect_timeout";
    values[count++] = seconds;
    names[count] = "client_encoding";
    values[count] = "UTF8";
    session->connection = PQconnectdbParams(names, values, 1);
    if (session->connection == NULL) {
        return fault(ERROR_INTERNAL, "no memory for a connection");
    }
    if (PQstatus(session->connection) != CONNECTION_OK) {
        return postgres_connection_lost(session, "PostgreSQL");
    }
    return RESULT_OK;
}

static struct result look_at_server(struct postgres_session *session, const PGresult *settings)
{
    if (PQresultStatus(settings) != PGRES_TUPLES_OK) {
        return postgres_failure(session, "settings", settings);
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
    if (PQsendQueryParams(session->connection, EVERY_SESSION, OWN_SETTINGS, NULL,
                          own_settings[session->base.access], NULL, NULL, TEXT_FORMAT) == 0) {
        return postgres_connection_lost(session, "settings");
    }
    TRY(postgres_wait_for_result(session));
    PGresult *settings = PQgetResult(session->connection);
    struct result result = look_at_server(session, settings);
    PQclear(settings);
    TRY(result);
    TRY(postgres_wait_for_result(session));
    return PQgetResult(session->connection) == NULL ? RESULT_OK
                                                    : postgres_connection_lost(session, "settings");
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
        return postgres_connection_lost(session, "PostgreSQL");
    }
    session->deadline = clock_monotonic_microseconds() + STORE_READ_MAXIMUM_MICROSECONDS;
    session->latest = clock_monotonic_microseconds() + SETTINGS_MAXIMUM_MICROSECONDS;
    TRY(tell_settings(session));
    session->deadline = POSTGRES_NO_DEADLINE; /* before something begins */
    session->latest = POSTGRES_NO_DEADLINE;
    if (PQenterPipelineMode(connection) == 0) {
        return postgres_connection_lost(session, "PostgreSQL");
    }
    return RESULT_OK;
}

void postgres_disconnect(struct postgres_session *session)
{
    PQclear(session->row_result);
    PQfinish(session->connection);
}
