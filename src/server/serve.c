#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "api/api.h"
#include "base/clock.h"
#include "base/secret.h"
#include "http/tls.h"
#include "keyring/follower.h"
#include "os/log.h"
#include "os/metrics.h"
#include "os/process.h"
#include "os/random.h"
#include "os/threads.h"
#include "server/commands.h"
#include "server/confinement.h"
#include "server/data_directory.h"
#include "server/first_start.h"
#include "server/maintenance.h"
#include "server/public_url.h"
#include "server/transaction.h"

/* Open files beside those of connections that are served. */
enum {
    DESCRIPTORS_OF_THE_PROCESS = 384, /* log, listeners, writer, and connections over the maximum */
    DESCRIPTORS_OF_A_THREAD = 2,
    DESCRIPTORS_OF_A_READER = 4,
};

/* Everything that `orgkeys serve` is made of, in the order of its making. */
struct server {
    struct config *config;
    struct arena arena;   /* of texts that live as long as the server */
    struct arena secrets; /* until the operator was told */
    struct problem problem;
    struct settings settings;
    struct store *store;
    struct store_readers *readers;
    struct store_writer *writer;
    struct text node; /* the name of this one */
    struct keyring *keyring;
    struct following *following;
    struct follower *follower; /* of a shared store, else NULL */
    struct maintenance *maintenance;
    struct api *api;
    bool is_confined; /* server/confinement.h */
    struct tls *tls;  /* NULL: none is configured */
    struct http_server *http;
    struct first_start first_start;
};

/* ---- Addresses ---- */

static struct http_listener *make_listeners(struct server *server, size_t *ret_count)
{
    const struct config *config = server->config;
    const struct text *public = config->listen.items;
    const struct text *internal = config->internal_listen.items;
    size_t count = config->listen.count + config->internal_listen.count;
    struct http_listener *listeners =
        arena_allocate_array(&server->arena, count, sizeof *listeners);
    for (size_t i = 0; listeners != NULL && i < count; i++) {
        bool is_public = i < config->listen.count;
        bool is_socket = is_public && text_starts_with(public[i], TEXT("unix:"));
        listeners[i].tls = is_public && !is_socket ? server->tls : NULL;
        listeners[i].side = is_public ? HTTP_PUBLIC : HTTP_INTERNAL;
        listeners[i].address = is_public ? public[i] : internal[i - config->listen.count];
    }
    *ret_count = count;
    return listeners;
}

static void log_certificate(const struct server *server)
{
    int64_t expires_at = tls_expires_at(server->tls);
    bool has_expired = expires_at <= clock_now_microseconds() / MICROSECONDS_PER_SECOND;
    log_at(has_expired ? LOG_WARNING : LOG_INFO,
           has_expired ? "the TLS certificate has expired" : "TLS certificate loaded",
           LOG_TEXT_FIELD("path", server->config->tls_certificate),
           LOG_INTEGER_FIELD("expires_at", expires_at));
}

static struct result open_tls(struct server *server)
{
    const struct config *config = server->config;
    if (config->tls_certificate.data == NULL) {
        return RESULT_OK;
    }
    return tls_create(&(struct tls_files){ config->tls_certificate, config->tls_key },
                      &server->tls);
}

static void reload(struct server *server)
{
    if (server->tls == NULL) {
        log_at(LOG_INFO, "nothing to read again", LOG_TEXT_FIELD("reason", TEXT("no --tls-cert")));
        return;
    }
    if (result_failed(tls_reload(server->tls))) {
        log_at(LOG_ERROR, "the former TLS certificate stays",
               LOG_TEXT_FIELD("reason", fault_take_reason()));
        return;
    }
    log_certificate(server);
}

static struct result settle_public_url(struct server *server)
{
    struct text *url = &server->settings.public_url;
    *url = public_url(server->config, http_server_address(server->http, 0), &server->arena);
    return url->data != NULL ? RESULT_OK : fault(ERROR_INTERNAL, "no memory for the public URL");
}

static void log_addresses(const struct server *server)
{
    const struct config *config = server->config;
    bool warned = false;
    for (size_t i = 0; i < config->listen.count + config->internal_listen.count; i++) {
        struct text address = http_server_address(server->http, i);
        bool is_public = i < config->listen.count;
        log_at(LOG_INFO, "listening", LOG_TEXT_FIELD("address", address),
               LOG_TEXT_FIELD("side", is_public ? TEXT("public") : TEXT("internal")));
        if (server->tls == NULL && !warned && !http_address_is_local(address)) {
            warned = true;
            log_at(LOG_WARNING, "keys travel unencrypted",
                   LOG_TEXT_FIELD("reason", TEXT("listening beyond loopback without TLS: give "
                                                 "--tls-cert, or put a proxy with TLS in front")));
        }
    }
}

static void log_started(const struct server *server)
{
    bool is_shared = store_is_shared(server->store);
    log_at(LOG_INFO, "started", LOG_TEXT_FIELD("version", TEXT(ORGKEYS_VERSION)),
           LOG_TEXT_FIELD("store", is_shared ? TEXT("postgresql") : TEXT("sqlite")),
           LOG_INTEGER_FIELD("keys", (int64_t)keyring_statistics(server->keyring).keys),
           LOG_TEXT_FIELD("confined", server->is_confined ? TEXT("yes") : TEXT("no")));
}

/* ---- Metrics ---- */

static int64_t read_connections_open(void *context)
{
    return (int64_t)http_server_statistics(context).connections_open;
}

static int64_t read_connections_accepted(void *context)
{
    return (int64_t)http_server_statistics(context).connections_accepted;
}

static int64_t read_connections_refused(void *context)
{
    return (int64_t)http_server_statistics(context).connections_refused;
}

static int64_t read_connections_displaced(void *context)
{
    return (int64_t)http_server_statistics(context).connections_displaced;
}

static int64_t read_batches(void *context)
{
    return (int64_t)store_writer_statistics(context).batches;
}

static int64_t read_jobs(void *context)
{
    return (int64_t)store_writer_statistics(context).jobs;
}

static int64_t read_waiting(void *context)
{
    return (int64_t)store_writer_statistics(context).waiting;
}

static int64_t read_commit_failures(void *context)
{
    return (int64_t)store_writer_statistics(context).commit_failures;
}

static int64_t read_revision(void *context)
{
    return store_writer_statistics(context).revision;
}

static int64_t read_keyring_keys(void *context)
{
    return (int64_t)keyring_statistics(context).keys;
}

static int64_t read_keyring_bytes(void *context)
{
    return (int64_t)keyring_statistics(context).bytes;
}

static int64_t read_keyring_revision(void *context)
{
    return keyring_statistics(context).revision;
}

/* Alone, who writes hands over every commit; only a doubtful one leaves the keyring behind. */
static int64_t read_keyring_age(void *context)
{
    const struct server *server = context;
    int64_t since = server->follower != NULL
                        ? keyring_statistics(server->keyring).confirmed_at
                        : store_writer_statistics(server->writer).doubtful_since;
    return since == 0 ? 0 : (clock_monotonic_microseconds() - since) / MICROSECONDS_PER_SECOND;
}

static int64_t read_keyring_lag(void *context)
{
    return following_lag(context);
}

static int64_t read_store_connected(void *context)
{
    const struct server *server = context;
    return store_writer_healthy(server->writer) &&
           (server->follower == NULL || follower_is_connected(server->follower));
}

static void set_metrics(struct server *server)
{
    const struct {
        enum metric metric;
        metric_reader *reader;
        void *context;
    } readers[] = {
        { METRIC_HTTP_CONNECTIONS_OPEN, read_connections_open, server->http },
        { METRIC_HTTP_CONNECTIONS_ACCEPTED, read_connections_accepted, server->http },
        { METRIC_HTTP_CONNECTIONS_DISPLACED, read_connections_displaced, server->http },
        { METRIC_HTTP_CONNECTIONS_REFUSED, read_connections_refused, server->http },
        { METRIC_KEYRING_KEYS, read_keyring_keys, server->keyring },
        { METRIC_KEYRING_BYTES, read_keyring_bytes, server->keyring },
        { METRIC_KEYRING_REVISION, read_keyring_revision, server->keyring },
        { METRIC_KEYRING_AGE, read_keyring_age, server },
        { METRIC_KEYRING_LAG, read_keyring_lag, server->following },
        { METRIC_STORE_CONNECTED, read_store_connected, server },
        { METRIC_STORE_BATCHES, read_batches, server->writer },
        { METRIC_STORE_JOBS, read_jobs, server->writer },
        { METRIC_STORE_JOBS_WAITING, read_waiting, server->writer },
        { METRIC_STORE_COMMIT_FAILURES, read_commit_failures, server->writer },
        { METRIC_STORE_REVISION, read_revision, server->writer },
    };
    for (size_t i = 0; i < sizeof readers / sizeof readers[0]; i++) {
        metric_set_reader(readers[i].metric, readers[i].reader, readers[i].context);
    }
    process_set_metrics();
}

/* ---- Start and stop ---- */

static struct result start_api(struct server *server)
{
    const struct config *config = server->config;
    return api_create(
        &(struct api_options){
            .readers = server->readers,
            .writer = server->writer,
            .keyring = server->keyring,
            .following = server->following,
            .follower = server->follower,
            .settings = &server->settings,
            .trusted_proxies = config->trusted_proxies.items,
            .trusted_proxy_count = config->trusted_proxies.count,
            .has_internal_listener = config->internal_listen.count > 0,
            .header_maximum = (size_t)config->header_maximum,
            .body_maximum = (size_t)config->body_maximum,
        },
        &server->api);
}

/*
 * As many as asked for, or as the limit of open files allows: a flood that took the last descriptor
 * would keep the internal listener from accepting, too, and the database from its files.
 */
static struct result settle_connections(const struct config *config, size_t threads,
                                        unsigned *ret_connections)
{
    size_t sides = config->internal_listen.count > 0 ? 2 : 1;
    size_t wanted = (size_t)config->connections_maximum;
    size_t others = DESCRIPTORS_OF_THE_PROCESS + DESCRIPTORS_OF_A_THREAD * threads * sides +
                    DESCRIPTORS_OF_A_READER * (size_t)config->readers;
    size_t allowed = 0;
    TRY(process_allow_descriptors(others + wanted * sides, &allowed));
    size_t possible = allowed >= others + sides ? (allowed - others) / sides : 1;
    if (possible >= wanted) {
        *ret_connections = (unsigned)wanted;
        return RESULT_OK;
    }
    log_at(LOG_WARNING, "fewer connections than --max-connections",
           LOG_INTEGER_FIELD("connections", (int64_t)possible),
           LOG_INTEGER_FIELD("open_files_allowed", (int64_t)allowed),
           LOG_INTEGER_FIELD("open_files_wanted", (int64_t)(others + wanted * sides)),
           LOG_TEXT_FIELD("remedy", TEXT("LimitNOFILE= of the unit, or ulimit -n")));
    *ret_connections = (unsigned)possible;
    return RESULT_OK;
}

static struct result open_http(struct server *server)
{
    const struct config *config = server->config;
    unsigned threads = config->threads > 0 ? (unsigned)config->threads : threads_processors();
    unsigned connections;
    TRY(settle_connections(config, threads, &connections));
    size_t count;
    struct http_listener *listeners = make_listeners(server, &count);
    if (listeners == NULL) {
        return fault(ERROR_INTERNAL, "no memory for the listeners");
    }
    return http_server_open(
        &(struct http_options){
            .listeners = listeners,
            .listener_count = count,
            .threads = threads,
            .connections_maximum = connections,
            .header_maximum = (size_t)config->header_maximum,
            .body_maximum = (size_t)config->body_maximum,
            .bodies_maximum = (size_t)config->bodies_maximum,
            .request_timeout = config->request_timeout,
            .idle_timeout = config->idle_timeout,
            .write_timeout = config->write_timeout,
        },
        &server->http);
}

static struct result settle_first_organization(struct server *server)
{
    struct text *id = &server->settings.first_organization_id;
    *id = arena_copy(&server->arena, server->first_start.organization_id);
    return id->data != NULL ? RESULT_OK : fault(ERROR_INTERNAL, "no memory for an id");
}

/* Told apart by the machine and by chance: a node that starts again is another one. */
static struct result name_node(struct server *server)
{
    char host[HOST_NAME_MAX + 1] = "";
    uint32_t number;
    (void)gethostname(host, sizeof host - 1);
    TRY(random_fill(&number, sizeof number));
    server->node = arena_format(&server->arena, "%s-%08x", host, number);
    return server->node.data != NULL ? RESULT_OK : fault(ERROR_INTERNAL, "no memory for a name");
}

static struct result load(struct server *server)
{
    bool is_shared = store_is_shared(server->store);
    struct store_session *session = NULL;
    TRY(store_session_open(server->store, is_shared ? STORE_FOLLOW : STORE_WRITE, &session));
    struct result result = following_load(server->following, session);
    store_session_close(session);
    return result;
}

static struct result load_keyring(struct server *server)
{
    bool is_shared = store_is_shared(server->store);
    TRY(name_node(server));
    store_set_node(server->store, server->node);
    TRY(keyring_create(&server->keyring));
    TRY(following_create(server->keyring, is_shared, server->node, &server->following));
    if (is_shared) {
        keyring_share(server->keyring, server->config->max_staleness);
    }
    return load(server);
}

static void begin_batch(void *context)
{
    following_begin_batch(context);
}

static struct result prepare_commit(void *context, struct store_session *session, int64_t revision)
{
    return following_prepare(context, session, revision);
}

static void follow_commit(void *context, int64_t revision)
{
    following_commit(context, revision);
}

/* What the keyring holds may not be what the store has: nobody else can tell it. */
static struct result recover_following(void *context, struct store_session *session)
{
    return following_recover(context, session);
}

static struct result start_workers(struct server *server)
{
    const struct config *config = server->config;
    TRY(store_writer_start(server->store, (size_t)config->write_queue, &server->writer));
    TRY(store_readers_start(server->store, (unsigned)config->readers, (size_t)config->read_queue,
                            &server->readers));
    store_writer_observe(server->writer, &(struct store_observer){
                                             .context = server->following,
                                             .begin = begin_batch,
                                             .prepare = prepare_commit,
                                             .committed = follow_commit,
                                             .recover = recover_following,
                                         });
    if (store_is_shared(server->store)) {
        TRY(follower_start(server->store, server->following, &server->follower));
    }
    return maintenance_start(
        &(struct maintenance_options){
            .writer = server->writer,
            .keyring = server->keyring,
            .following = server->following,
            .settings = &server->settings,
            .last_used_interval = config->last_used_interval,
            .is_shared = store_is_shared(server->store),
        },
        &server->maintenance);
}

/* Once its lock is held: whoever copies it holds that until it is marked. */
static struct result check_not_copied(const struct config *config)
{
    char mark[PATH_MAX];
    if (config->database_url.data == NULL && data_was_copied(config->data, mark)) {
        return fault(ERROR_STORE_UNAVAILABLE,
                     "%.*s was copied to a PostgreSQL database: serve that one "
                     "(ORGKEYS_DATABASE_URL), or, to serve this all the same, delete %s",
                     TEXT_ARGUMENTS(config->data), mark);
    }
    return RESULT_OK;
}

static struct result open_data(struct server *server)
{
    TRY(store_open_for(server->config, STORE_MAY_BE_CREATED, &server->store));
    return check_not_copied(server->config);
}

/* The addresses are bound before the first key is made: it is shown once. */
static struct result open_all(struct server *server)
{
    const struct config *config = server->config;
    server->settings.invite_lifetime = config->invite_lifetime / MICROSECONDS_PER_SECOND;
    server->settings.audit_log_retention = config->audit_log_retention / MICROSECONDS_PER_SECOND;
    TRY(open_data(server));
    TRY(open_tls(server));
    TRY(open_http(server));
    TRY(settle_public_url(server));
    TRY(first_start(server->store, config, &server->settings, &server->secrets, &server->problem,
                    &server->first_start));
    TRY(settle_first_organization(server));
    return confine(config, &server->arena, &server->is_confined);
}

static struct result start(struct server *server)
{
    TRY(open_all(server));
    TRY(load_keyring(server));
    TRY(start_workers(server));
    TRY(start_api(server));
    set_metrics(server);
    TRY(log_start());
    struct http_application application = api_application(server->api);
    return http_server_start(server->http, &application);
}

static void stop(struct server *server)
{
    if (server->api != NULL) {
        api_stop(server->api);
    }
    if (server->http != NULL) {
        http_server_stop(server->http, server->config->shutdown_timeout);
    }
    maintenance_stop(server->maintenance);
    follower_stop(server->follower);
    store_readers_free(server->readers);
    store_writer_free(server->writer);
    http_server_free(server->http);
    tls_free(server->tls);
    api_free(server->api);
    following_free(server->following);
    keyring_free(server->keyring);
    if (server->store != NULL) {
        store_close(server->store);
    }
    arena_reset(&server->arena);
    arena_reset(&server->secrets);
}

/* The first key is not needed any more afterwards: neither shown nor configured. */
static void announce(struct server *server)
{
    struct text *configured = &server->config->admin_key;
    first_start_announce(&server->first_start, server->settings.public_url);
    server->first_start = (struct first_start){ .admin_key = TEXT_NONE };
    arena_reset(&server->secrets);
    secret_wipe((void *)(uintptr_t)configured->data, configured->length);
    *configured = TEXT_NONE;
}

/* Blocked in every thread, and waited for here. */
static sigset_t ending_signals(void)
{
    sigset_t signals;
    (void)sigemptyset(&signals);
    (void)sigaddset(&signals, SIGTERM);
    (void)sigaddset(&signals, SIGINT);
    (void)sigaddset(&signals, SIGHUP);
    return signals;
}

/* On a terminal, without a certificate to read again, SIGHUP says that the terminal is gone. */
static void wait_for_end(struct server *server, const sigset_t *signals)
{
    bool hangs_up = server->tls == NULL && isatty(STDIN_FILENO) == 1;
    int signal = 0;
    while (sigwait(signals, &signal) != 0 || (signal == SIGHUP && !hangs_up)) {
        if (signal == SIGHUP) {
            reload(server);
        }
    }
    log_at(LOG_INFO, "stopping", LOG_TEXT_FIELD("signal", text_of(strsignal(signal))));
}

static void warn_of_variable(void *context, struct text name, struct text nearest)
{
    (void)context;
    log_at(LOG_WARNING, "unknown variable", LOG_TEXT_FIELD("name", name),
           LOG_TEXT_FIELD("did_you_mean", nearest));
}

static void warn_of_exposed(void *context, const char *path, unsigned mode)
{
    char remedy[PATH_MAX + sizeof "chmod 700 "];
    (void)context;
    (void)snprintf(remedy, sizeof remedy, "chmod %o %s", mode, path);
    log_at(LOG_WARNING, "others can read the data", LOG_TEXT_FIELD("path", text_of(path)),
           LOG_TEXT_FIELD("remedy", text_of(remedy)));
}

int command_serve(struct config *config)
{
    struct server server = { .config = config };
    sigset_t signals = ending_signals();
    int status = EXIT_STATUS_OK;
    (void)pthread_sigmask(SIG_BLOCK, &signals, NULL);
    log_configure((enum log_level)config->log_level, (enum log_format)config->log_format);
    config_find_unknown(environ, warn_of_variable, NULL);
    arena_init(&server.arena, TRANSACTION_MEMORY_MAXIMUM);
    arena_init(&server.secrets, TRANSACTION_MEMORY_MAXIMUM);
    struct result result = start(&server);
    if (result_failed(result)) {
        status = command_failed("cannot start", result, &server.problem);
    } else {
        data_find_exposed(config->data, warn_of_exposed, NULL);
        log_addresses(&server);
        if (server.tls != NULL) {
            log_certificate(&server);
        }
        log_started(&server);
        announce(&server);
        wait_for_end(&server, &signals);
    }
    stop(&server);
    if (status == EXIT_STATUS_OK) {
        log_event(LOG_INFO, "stopped", NULL, 0);
    }
    log_stop();
    return status;
}
