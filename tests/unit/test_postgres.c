/*
 * What only a database beyond a connection can do: go away, between statements and in the middle of
 * a commit; say one thing and mean another; belong to others too. Run by
 * tests/support/with_postgres.py.
 */
#include "test_store_fixture.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "store/driver.h"

/* ---- A relay between the store and the server, which can be told to misbehave ---- */

enum { RELAY_CONNECTIONS = 16, RELAY_BUFFER = 65536 };

struct relay {
    int listener;
    in_port_t port;
    in_port_t server_port;
    atomic_bool swallows; /* what the server says */
    atomic_bool refuses;  /* connections, and those there are are cut */
    atomic_bool ends;
    atomic_llong swallowed; /* bytes */
    pthread_t thread;
    int clients[RELAY_CONNECTIONS];
    int servers[RELAY_CONNECTIONS];
    atomic_size_t count;
};

static int connect_to_port(in_port_t port)
{
    int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_port = htons(port),
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    assert_int_equal(connect(descriptor, (struct sockaddr *)&address, sizeof address), 0);
    return descriptor;
}

static void relay_cut(struct relay *relay, size_t i)
{
    (void)close(relay->clients[i]);
    (void)close(relay->servers[i]);
    relay->count--;
    relay->clients[i] = relay->clients[relay->count];
    relay->servers[i] = relay->servers[relay->count];
}

static void relay_accept(struct relay *relay)
{
    int client = accept4(relay->listener, NULL, NULL, SOCK_CLOEXEC);
    if (client < 0 || atomic_load(&relay->refuses) || relay->count == RELAY_CONNECTIONS) {
        (void)close(client);
        return;
    }
    relay->clients[relay->count] = client;
    relay->servers[relay->count] = connect_to_port(relay->server_port);
    relay->count++;
}

/* False when the other end is gone. */
static bool relay_move(struct relay *relay, int from, int to, bool is_servers)
{
    static char buffer[RELAY_BUFFER];
    ssize_t size = recv(from, buffer, sizeof buffer, MSG_DONTWAIT);
    if (size < 0) {
        return errno == EAGAIN;
    }
    if (is_servers && atomic_load(&relay->swallows)) {
        atomic_fetch_add(&relay->swallowed, size);
        return size > 0;
    }
    return size > 0 && send(to, buffer, (size_t)size, MSG_NOSIGNAL) == size;
}

static void *relay_main(void *context)
{
    struct relay *relay = context;
    while (!atomic_load(&relay->ends)) {
        struct pollfd polls[1 + 2 * RELAY_CONNECTIONS] = { { relay->listener, POLLIN, 0 } };
        for (size_t i = 0; i < relay->count; i++) {
            polls[1 + 2 * i] = (struct pollfd){ relay->clients[i], POLLIN, 0 };
            polls[2 + 2 * i] = (struct pollfd){ relay->servers[i], POLLIN, 0 };
        }
        (void)poll(polls, 1 + 2 * relay->count, 10);
        for (size_t i = relay->count; i-- > 0;) {
            if (atomic_load(&relay->refuses) ||
                !relay_move(relay, relay->clients[i], relay->servers[i], false) ||
                !relay_move(relay, relay->servers[i], relay->clients[i], true)) {
                relay_cut(relay, i);
            }
        }
        if (polls[0].revents != 0) {
            relay_accept(relay);
        }
    }
    while (relay->count > 0) {
        relay_cut(relay, 0);
    }
    return NULL;
}

static void relay_start(struct relay *relay)
{
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t size = sizeof address;
    const char *colon = strrchr(database_url(), ':');
    *relay = (struct relay){ .server_port = (in_port_t)atoi(colon + 1) };
    relay->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(relay->listener, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(relay->listener, RELAY_CONNECTIONS), 0);
    assert_int_equal(getsockname(relay->listener, (struct sockaddr *)&address, &size), 0);
    relay->port = ntohs(address.sin_port);
    assert_int_equal(pthread_create(&relay->thread, NULL, relay_main, relay), 0);
}

static void relay_stop(struct relay *relay)
{
    atomic_store(&relay->ends, true);
    (void)pthread_join(relay->thread, NULL);
    (void)close(relay->listener);
}

/* ---- The fixture: the store, behind the relay ---- */

struct behind_relay {
    struct fixture fixture;
    struct relay relay;
};

static struct result open_url(const char *url, enum store_creation creation,
                              struct store **ret_store)
{
    const struct store_options options = {
        .database_url = text_of(url),
        .creation = creation,
        .statements = test_statements,
        .statement_count = TEST_STATEMENTS,
    };
    return store_open(&options, ret_store);
}

static void relayed_url(const struct relay *relay, const char *credentials, char url[static 128])
{
    (void)snprintf(url, 128, "postgresql://%s@127.0.0.1:%d/postgres", credentials, relay->port);
}

static const char empty_schema[] =
    "SET client_min_messages = error; DROP SCHEMA public CASCADE; CREATE SCHEMA public";

static int setup(void **state)
{
    struct behind_relay *self = calloc(1, sizeof *self);
    char url[128];
    (void)run_sql(empty_schema);
    relay_start(&self->relay);
    relayed_url(&self->relay, "orgkeys", url);
    *state = self;
    if (result_failed(open_url(url, STORE_MAY_BE_CREATED, &self->fixture.store))) {
        return -1;
    }
    store_set_node(self->fixture.store, TEXT("this"));
    return 0;
}

static int teardown(void **state)
{
    struct behind_relay *self = *state;
    store_close(self->fixture.store);
    relay_stop(&self->relay);
    free(self);
    return 0;
}

/* Ends the sessions of the store, and waits until they are gone. */
static void end_sessions(void)
{
    (void)run_sql("SELECT count(pg_terminate_backend(pid, 10000)) FROM pg_stat_activity "
                  "WHERE application_name = 'orgkeys'");
}

static int64_t rows(void)
{
    return run_sql("SELECT count(*) FROM organizations");
}

static struct result begin_and_insert(struct store_session *session, const char *id,
                                      struct store_state *state)
{
    TRY(store_begin(session));
    TRY(store_state_advance(session, state));
    const struct store_value change[] = { store_integer(state->revision),
                                          store_text(TEXT("this")) };
    TRY(store_change(session, TEST_CHANGE, change, 2));
    return insert(session, id);
}

static struct result settle(struct store_session *session, const struct store_state *lost,
                            bool *ret_kept)
{
    int64_t deadline = clock_monotonic_microseconds() + WRITER_SETTLE_MAXIMUM_MICROSECONDS;
    return store_settle(session, lost->revision, deadline, ret_kept);
}

/* Of a revision, whether kept or not: the row that tells whose it is. */
static void set_node_of(const struct store_state *state, const char *node)
{
    char text[192];
    (void)snprintf(text, sizeof text,
                   "INSERT INTO changes VALUES (%lld, '%s', 0, '[]') "
                   "ON CONFLICT (revision) DO UPDATE SET node = excluded.node",
                   (long long)state->revision, node);
    (void)run_sql(text);
}

/* ---- Tests ---- */

static void test_a_failure_comes_out_at_the_latest_with_the_savepoint(void **state)
{
    const struct behind_relay *self = *state;
    struct store_session *session = session_of(&self->fixture, STORE_WRITE);
    const struct store_value values[] = { store_text(TEXT("a")), store_text(TEXT("Name")),
                                          store_text(TEXT("proj")), store_integer(1) };
    assert_ok(store_begin(session));
    assert_ok(insert(session, "a"));
    assert_ok(store_savepoint(session));
    assert_ok(store_change(session, TEST_INSERT, values, 4));
    assert_ok(store_execute(session, TEST_COUNT, NULL, 0, NULL));
    assert_error(store_savepoint_keep(session), INTERNAL);
    struct text text = fault_take();
    assert_non_null(strstr(text.data, "insert: duplicate key value violates unique constraint"));
    assert_null(strstr(text.data, "Key (id)")); /* the detail, with what rows hold */
    assert_ok(store_savepoint_undo(session));

    /* One that changes another number of rows than one. */
    assert_ok(store_savepoint(session));
    assert_ok(store_change(session, TEST_COUNT, NULL, 0));
    assert_error(store_savepoint_keep(session), INTERNAL);
    assert_non_null(strstr(fault_take().data, "count changed 0 rows"));
    assert_ok(store_savepoint_undo(session));

    /* And the next job is not touched by it. */
    assert_ok(store_savepoint(session));
    assert_ok(insert(session, "b"));
    assert_ok(store_savepoint_keep(session));
    assert_ok(store_commit(session));
    assert_int_equal(rows(), 2);
    store_session_close(session);
}

/* As many as wait for an answer at most, and more. */
static void test_any_number_of_statements_may_go_unwaited(void **state)
{
    enum { MANY = 1000 };
    const struct behind_relay *self = *state;
    struct store_session *session = session_of(&self->fixture, STORE_WRITE);
    assert_ok(store_begin(session));
    assert_ok(store_savepoint(session));
    for (int i = 0; i < MANY; i++) {
        char id[32];
        (void)snprintf(id, sizeof id, "org_%d", i);
        const struct store_value values[] = { store_text(text_of(id)), store_text(TEXT("Name")),
                                              store_text(TEXT("proj")), store_integer(1) };
        assert_ok(store_change(session, TEST_INSERT, values, 4));
    }
    assert_ok(store_savepoint_keep(session));
    assert_int_equal(store_changes(session), MANY);
    assert_ok(store_commit(session));
    assert_int_equal(rows(), MANY);
    store_session_close(session);
}

static void test_a_text_with_a_nul_is_refused(void **state)
{
    const struct behind_relay *self = *state;
    struct store_session *session = session_of(&self->fixture, STORE_READ);
    const struct store_value value = store_text((struct text){ "a\0b", 3 });
    assert_error(store_query(session, TEST_FIND, &value, 1), INTERNAL);
    assert_non_null(strstr(fault_take().data, "NUL"));
    assert_int_equal(number_of(session, TEST_COUNT), 0);
    store_session_close(session);
}

static void test_a_server_that_ends_the_session(void **state)
{
    const struct behind_relay *self = *state;
    struct store_session *writer = session_of(&self->fixture, STORE_WRITE);
    struct store_session *reader = session_of(&self->fixture, STORE_READ);
    struct store_state at;
    assert_ok(begin_and_insert(writer, "a", &at));
    assert_int_equal(number_of(reader, TEST_COUNT), 0);
    assert_false(store_session_broken(reader));
    end_sessions();
    assert_error(insert(writer, "b"), STORE_UNAVAILABLE);
    assert_non_null(strstr(fault_take().data, "57P01"));
    assert_false(store_in_transaction(writer));
    assert_true(store_session_broken(writer));
    /* A session at rest knows before it is used. */
    assert_true(store_session_broken(reader));
    store_session_close(writer);
    store_session_close(reader);
    assert_int_equal(rows(), 0);
    writer = session_of(&self->fixture, STORE_WRITE);
    assert_ok(begin_and_insert(writer, "a", &at));
    assert_ok(store_commit(writer));
    store_session_close(writer);
    assert_int_equal(rows(), 1);
}

static void test_a_connection_that_is_lost_before_the_commit(void **state)
{
    const struct behind_relay *self = *state;
    struct store_session *session = session_of(&self->fixture, STORE_WRITE);
    struct store_state at;
    bool kept = true;
    assert_ok(begin_and_insert(session, "a", &at));
    end_sessions();
    assert_error(store_commit(session), OUTCOME_UNKNOWN);
    (void)fault_take();
    assert_true(store_session_broken(session));
    store_session_close(session);
    session = session_of(&self->fixture, STORE_WRITE);
    assert_ok(settle(session, &at, &kept));
    assert_false(kept);
    store_session_close(session);
    assert_int_equal(rows(), 0);
}

/* The server commits, and nobody hears it. */
static void test_an_answer_to_commit_that_is_lost(void **state)
{
    struct behind_relay *self = *state;
    struct store_session *session = session_of(&self->fixture, STORE_WRITE);
    struct store_state at;
    bool kept = false;
    assert_ok(begin_and_insert(session, "a", &at));
    atomic_store(&self->relay.swallows, true);
    int64_t start = clock_monotonic_microseconds();
    assert_error(store_commit(session), OUTCOME_UNKNOWN);
    assert_true(clock_monotonic_microseconds() - start < 10 * MICROSECONDS_PER_SECOND);
    assert_non_null(strstr(fault_take().data, "does not answer"));
    assert_true(atomic_load(&self->relay.swallowed) > 0);
    assert_int_equal(rows(), 1);
    atomic_store(&self->relay.swallows, false);
    store_session_close(session);

    /* Another node goes on meanwhile: the revision alone would not tell. */
    (void)run_sql("UPDATE store_state SET revision = revision + 5");
    session = session_of(&self->fixture, STORE_WRITE);
    assert_ok(settle(session, &at, &kept));
    assert_true(kept);
    store_session_close(session);
}

/* As a failover may leave it: another node's transaction has the revision of ours. */
static void test_a_revision_belongs_to_the_node_that_made_it(void **state)
{
    static const struct {
        const char *node;
        bool kept;
    } cases[] = { { "this", true }, { "another", false } };
    struct behind_relay *self = *state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct store_session *session = session_of(&self->fixture, STORE_WRITE);
        struct store_state at;
        bool kept = !cases[i].kept;
        assert_ok(begin_and_insert(session, cases[i].node, &at));
        atomic_store(&self->relay.swallows, true);
        assert_error(store_commit(session), OUTCOME_UNKNOWN);
        (void)fault_take();
        atomic_store(&self->relay.swallows, false);
        store_session_close(session);
        set_node_of(&at, cases[i].node);
        session = session_of(&self->fixture, STORE_WRITE);
        assert_ok(settle(session, &at, &kept));
        assert_int_equal(kept, cases[i].kept);
        store_session_close(session);
    }
}

/* Though others advanced to its revision. */
static void test_a_lost_transaction_is_not_taken_for_anothers(void **state)
{
    const struct behind_relay *self = *state;
    struct store_session *session = session_of(&self->fixture, STORE_WRITE);
    struct store_state at;
    bool kept = true;
    assert_ok(begin_and_insert(session, "a", &at));
    end_sessions();
    assert_error(store_commit(session), OUTCOME_UNKNOWN);
    (void)fault_take();
    store_session_close(session);
    (void)run_sql("UPDATE store_state SET revision = revision + 5");
    set_node_of(&at, "another");
    session = session_of(&self->fixture, STORE_WRITE);
    assert_ok(settle(session, &at, &kept));
    assert_false(kept);
    store_session_close(session);
}

static void test_a_commit_whose_row_was_deleted_cannot_be_told(void **state)
{
    struct behind_relay *self = *state;
    struct store_session *session = session_of(&self->fixture, STORE_WRITE);
    struct store_state at;
    bool kept = false;
    assert_ok(begin_and_insert(session, "a", &at));
    atomic_store(&self->relay.swallows, true);
    assert_error(store_commit(session), OUTCOME_UNKNOWN);
    (void)fault_take();
    atomic_store(&self->relay.swallows, false);
    store_session_close(session);
    (void)run_sql("DELETE FROM changes");
    session = session_of(&self->fixture, STORE_WRITE);
    assert_error(settle(session, &at, &kept), OUTCOME_UNKNOWN);
    assert_null(fault_take().data);
    assert_ok(begin_and_insert(session, "b", &at));
    assert_ok(store_commit(session));
    store_session_close(session);
}

static void test_settling_has_one_deadline(void **state)
{
    struct behind_relay *self = *state;
    struct store_session *session = session_of(&self->fixture, STORE_WRITE);
    bool kept = false;
    atomic_store(&self->relay.swallows, true);
    int64_t start = clock_monotonic_microseconds();
    assert_error(store_settle(session, 1, start + 1000, &kept), STORE_UNAVAILABLE);
    assert_true(clock_monotonic_microseconds() - start < 3 * MICROSECONDS_PER_SECOND);
    assert_non_null(strstr(fault_take().data, "does not answer"));
    assert_true(store_session_broken(session));
    atomic_store(&self->relay.swallows, false);
    store_session_close(session);
}

static void wait_until_sql(const char *text)
{
    while (run_sql(text) == 0) {
        (void)usleep(10000);
    }
}

static void *cancel_commit(void *context)
{
    (void)context;
    wait_until_sql("SELECT count(pg_cancel_backend(pid)) FROM pg_stat_activity WHERE "
                   "application_name = 'orgkeys' AND wait_event = 'SyncRep'");
    return NULL;
}

static void set_synchronous_standby(const char *names)
{
    char text[128];
    (void)snprintf(text, sizeof text, "ALTER SYSTEM SET synchronous_standby_names = '%s'", names);
    (void)run_sql(text);
    (void)run_sql("SELECT pg_reload_conf()");
    (void)snprintf(text, sizeof text,
                   "SELECT count(*) FROM pg_settings WHERE name = 'synchronous_standby_names' AND "
                   "setting = '%s'",
                   names);
    wait_until_sql(text);
}

/* PostgreSQL warns, and says that it was kept; the standby does not have it. */
static void test_a_cancelled_wait_for_a_standby_is_no_success(void **state)
{
    const struct behind_relay *self = *state;
    struct store_session *session = session_of(&self->fixture, STORE_WRITE);
    struct store_state at;
    pthread_t thread;
    bool kept = false;
    set_synchronous_standby("nobody");
    assert_ok(begin_and_insert(session, "a", &at));
    assert_int_equal(pthread_create(&thread, NULL, cancel_commit, NULL), 0);
    assert_error(store_commit(session), OUTCOME_UNKNOWN);
    (void)pthread_join(thread, NULL);
    (void)fault_take();
    store_session_close(session);

    /* Nor is it known as long as a failover could undo it. */
    session = session_of(&self->fixture, STORE_WRITE);
    assert_error(settle(session, &at, &kept), STORE_UNAVAILABLE);
    (void)fault_take();
    store_session_close(session);
    set_synchronous_standby("");
    end_sessions();
    session = session_of(&self->fixture, STORE_WRITE);
    assert_ok(settle(session, &at, &kept));
    assert_true(kept);
    store_session_close(session);
}

/* As a restart of the database does, and waits until the other ends know. */
static void end_resting_sessions(struct relay *relay)
{
    end_sessions();
    while (atomic_load(&relay->count) > 0) {
        (void)usleep(10000);
    }
}

/* Nothing was done on the session, so nobody is told. */
static void test_readers_replace_a_session_that_broke_at_rest(void **state)
{
    enum { READERS = 3, CALLS = 10 };
    struct behind_relay *self = *state;
    struct store_readers *readers = NULL;
    assert_ok(store_readers_start(self->fixture.store, READERS, CALLS, &readers));
    for (int i = 0; i < 2 * CALLS; i++) {
        if (i == CALLS) {
            end_resting_sessions(&self->relay);
        }
        assert_ok(read_one(readers));
    }
    store_readers_free(readers);
}

static void test_the_writer_replaces_a_session_that_broke_at_rest(void **state)
{
    struct behind_relay *self = *state;
    struct store_writer *writer = NULL;
    assert_ok(store_writer_start(self->fixture.store, 10, &writer));
    assert_ok(write_one(writer, "before"));
    end_resting_sessions(&self->relay);
    assert_ok(write_one(writer, "after"));
    assert_int_equal(store_writer_statistics(writer).commit_failures, 0);
    store_writer_free(writer);
    assert_int_equal(rows(), 2);
}

/* Waits behind another call of its reader, whose session ends then. */
struct breaking_job {
    struct finding_job finding;
    struct store_readers *readers;
    struct finding_job *next;
};

static struct result breaking_run(struct store_job *job, struct store_session *session,
                                  struct store_batch *batch)
{
    struct breaking_job *self = (struct breaking_job *)job;
    (void)finding_run(job, session, batch);
    store_finish(session);
    assert_true(store_readers_submit(self->readers, &self->next->job));
    end_sessions();
    return finding_run(job, session, batch);
}

static void test_a_session_that_breaks_costs_its_job_alone(void **state)
{
    struct behind_relay *self = *state;
    struct store_readers *readers = NULL;
    assert_ok(store_readers_start(self->fixture.store, 1, 10, &readers));
    struct finding_job next = { .job = { .run = finding_run, .done = finding_done } };
    struct breaking_job job = { { .job = { .run = breaking_run, .done = finding_done } },
                                readers,
                                &next };
    (void)sem_init(&next.done, 0, 0);
    (void)sem_init(&job.finding.done, 0, 0);
    assert_true(store_readers_submit(readers, &job.finding.job));
    wait_for(&job.finding.done, 1);
    wait_for(&next.done, 1);
    assert_error(job.finding.outcome, STORE_UNAVAILABLE);
    assert_ok(next.outcome);
    store_readers_free(readers);
}

static PGconn *hold_row(void)
{
    PGconn *holder = PQconnectdb(database_url());
    PQclear(PQexec(holder, "BEGIN; UPDATE store_state SET revision = revision"));
    return holder;
}

static int64_t store_pid(void)
{
    return run_sql("SELECT pid FROM pg_stat_activity WHERE application_name = 'orgkeys'");
}

/* Who comes meanwhile is not refused; a node that never gets it looks for another server. */
static void test_a_row_that_others_hold_costs_a_batch_not_the_session(void **state)
{
    struct behind_relay *self = *state;
    struct store_writer *writer = NULL;
    sem_t done;
    (void)sem_init(&done, 0, 0);
    assert_ok(store_writer_start(self->fixture.store, 10, &writer));
    int64_t pid = store_pid();
    PGconn *holder = hold_row();
    struct insert_job first = insert_job_of("first", &done);
    struct insert_job second = insert_job_of("second", &done);
    assert_true(store_writer_submit(writer, &first.job));
    wait_until_sql("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'orgkeys' AND "
                   "wait_event_type = 'Lock'");
    assert_true(store_writer_submit(writer, &second.job));
    wait_for(&done, 1);
    assert_error(first.outcome, STORE_UNAVAILABLE);
    PQfinish(holder);
    wait_for(&done, 1);
    assert_ok(second.outcome);
    assert_true(store_writer_healthy(writer));
    assert_int_equal(store_pid(), pid);

    holder = hold_row();
    assert_error(write_one(writer, "third"), STORE_UNAVAILABLE);
    while (store_writer_healthy(writer)) {
        (void)usleep(10000);
    }
    PQfinish(holder);
    while (!store_writer_healthy(writer)) {
        (void)usleep(10000);
    }
    assert_int_not_equal(store_pid(), pid);
    assert_ok(write_one(writer, "fourth"));
    store_writer_free(writer);
    assert_int_equal(rows(), 2);
}

/* As while a dump is restored. */
static void test_what_the_writer_itself_is_refused_is_an_outage(void **state)
{
    struct behind_relay *self = *state;
    struct store_writer *writer = NULL;
    assert_ok(store_writer_start(self->fixture.store, 10, &writer));
    assert_ok(write_one(writer, "before"));
    (void)run_sql("ALTER TABLE store_state RENAME TO missing");
    for (int i = 0; i < 3; i++) {
        assert_error(write_one(writer, "during"), STORE_UNAVAILABLE);
    }
    (void)run_sql("ALTER TABLE missing RENAME TO store_state");
    while (result_failed(write_one(writer, "after"))) {
        (void)usleep(10000);
    }
    store_writer_free(writer);
    assert_int_equal(rows(), 2);
}

/* However many statements it has, of which each is quick enough. */
static void test_a_writing_transaction_has_one_deadline(void **state)
{
    enum { STATEMENTS = 4 }; /* of three seconds */
    const struct behind_relay *self = *state;
    static const char *const ids[STATEMENTS] = { "a", "b", "c", "d" };
    (void)run_sql("CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS "
                  "'BEGIN PERFORM pg_sleep(3); RETURN NEW; END'; CREATE TRIGGER waits BEFORE "
                  "INSERT ON organizations FOR EACH ROW EXECUTE FUNCTION wait()");
    for (int is_long = 0; is_long < 2; is_long++) {
        struct store_session *session = session_of(&self->fixture, STORE_WRITE);
        struct result result = store_begin(session);
        assert_ok(is_long ? store_take_time(session) : result);
        for (int i = 0; i < STATEMENTS && !result_failed(result); i++) {
            result = insert(session, ids[i]);
        }
        assert_int_equal(result.error, is_long ? ERROR_NONE : ERROR_STORE_UNAVAILABLE);
        assert_int_equal(store_session_broken(session), !is_long);
        (void)fault_take();
        store_session_close(session);
    }
}

/* Who stops in the middle loses the row that all nodes need; who waits for it does not wait long.
 */
static void test_a_stuck_node_does_not_hold_the_others(void **state)
{
    const struct behind_relay *self = *state;
    struct store_session *stuck = session_of(&self->fixture, STORE_WRITE);
    struct store *other = NULL;
    struct store_session *session = NULL;
    struct store_state at;
    assert_ok(begin_and_insert(stuck, "a", &at));
    assert_ok(open_url(database_url(), STORE_MUST_EXIST, &other));
    assert_ok(store_session_open(other, STORE_WRITE, &session));
    assert_ok(begin_and_insert(session, "b", &at));
    assert_ok(store_commit(session));
    store_session_close(session);
    store_close(other);
    assert_error(insert(stuck, "c"), STORE_UNAVAILABLE);
    assert_non_null(strstr(fault_take().data, "25P03"));
    assert_true(store_session_broken(stuck));
    store_session_close(stuck);
    assert_int_equal(rows(), 1);
}

static void test_a_row_that_somebody_locks_is_not_waited_for_for_ever(void **state)
{
    const struct behind_relay *self = *state;
    struct store_session *session = session_of(&self->fixture, STORE_WRITE);
    struct store_state at;
    PGconn *other = hold_row();
    assert_ok(store_begin(session));
    assert_error(store_state_advance(session, &at), STORE_UNAVAILABLE);
    assert_non_null(strstr(fault_take().data, "55P03"));
    store_rollback(session);
    assert_false(store_session_broken(session));
    PQfinish(other);
    assert_ok(begin_and_insert(session, "a", &at));
    assert_ok(store_commit(session));
    store_session_close(session);
}

static void test_a_server_that_does_not_answer_is_left(void **state)
{
    struct behind_relay *self = *state;
    struct store_session *session = session_of(&self->fixture, STORE_READ);
    const struct store_row *row = NULL;
    assert_int_equal(number_of(session, TEST_COUNT), 0);
    atomic_store(&self->relay.swallows, true);
    int64_t start = clock_monotonic_microseconds();
    struct result result = store_query(session, TEST_COUNT, NULL, 0);
    assert_error(result_failed(result) ? result : store_next(session, &row), STORE_UNAVAILABLE);
    assert_true(clock_monotonic_microseconds() - start <
                STORE_READ_MAXIMUM_MICROSECONDS + 3 * MICROSECONDS_PER_SECOND);
    (void)fault_take();
    assert_true(store_session_broken(session));
    store_session_close(session);

    struct store_session *another = NULL;
    start = clock_monotonic_microseconds();
    assert_error(store_session_open(self->fixture.store, STORE_READ, &another), STORE_UNAVAILABLE);
    assert_true(clock_monotonic_microseconds() - start < 10 * MICROSECONDS_PER_SECOND);
    (void)fault_take();
    atomic_store(&self->relay.swallows, false);
    store_session_close(session_of(&self->fixture, STORE_READ));
}

static void test_an_outage_costs_the_calls_of_its_time_only(void **state)
{
    struct behind_relay *self = *state;
    struct store_writer *writer = NULL;
    assert_ok(store_writer_start(self->fixture.store, 10, &writer));
    assert_ok(write_one(writer, "before"));
    atomic_store(&self->relay.refuses, true);
    struct result result = RESULT_OK;
    for (int i = 0; i < 3; i++) {
        result = write_one(writer, "during");
        assert_error(result, STORE_UNAVAILABLE);
    }
    atomic_store(&self->relay.refuses, false);
    while (!store_writer_healthy(writer)) {
        (void)usleep(10000);
    }
    assert_ok(write_one(writer, "after"));
    store_writer_free(writer);
    assert_int_equal(rows(), 2);
}

static void test_a_read_only_server_is_none_to_write_on(void **state)
{
    const struct behind_relay *self = *state;
    struct store_session *session = NULL;
    (void)run_sql("ALTER DATABASE postgres SET default_transaction_read_only = on");
    struct result result = store_session_open(self->fixture.store, STORE_WRITE, &session);
    (void)run_sql("BEGIN READ WRITE; "
                  "ALTER DATABASE postgres RESET default_transaction_read_only; COMMIT");
    assert_error(result, STORE_UNAVAILABLE);
    assert_non_null(strstr(fault_take().data, "read-only"));
}

/* As the server itself says them; the texts are its, the meanings are ours. */
static void test_errors_have_their_meaning(void **state)
{
    static const struct {
        const char *state;
        enum error error;
        bool breaks;
    } cases[] = {
        { "53100", ERROR_STORE_FULL, false },        { "53300", ERROR_STORE_UNAVAILABLE, false },
        { "55P03", ERROR_STORE_UNAVAILABLE, false }, { "40001", ERROR_STORE_UNAVAILABLE, false },
        { "40P01", ERROR_STORE_UNAVAILABLE, false }, { "57P01", ERROR_STORE_UNAVAILABLE, true },
        { "08006", ERROR_STORE_UNAVAILABLE, true },  { "57014", ERROR_STORE_UNAVAILABLE, false },
        { "25006", ERROR_STORE_UNAVAILABLE, true },  { "22012", ERROR_INTERNAL, false },
        { "25P04", ERROR_STORE_UNAVAILABLE, true },  { "0A000", ERROR_STORE_UNAVAILABLE, true },
    };
    const struct behind_relay *self = *state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[512];
        (void)snprintf(text, sizeof text,
                       "SET client_min_messages = error; CREATE OR REPLACE FUNCTION fail() RETURNS "
                       "trigger LANGUAGE plpgsql AS "
                       "'BEGIN RAISE EXCEPTION ''no way'' USING ERRCODE = ''%s'', DETAIL = ''a "
                       "secret''; END'; DROP TRIGGER IF EXISTS fails ON organizations; CREATE "
                       "TRIGGER fails BEFORE INSERT ON organizations EXECUTE FUNCTION fail()",
                       cases[i].state);
        (void)run_sql(text);
        struct store_session *session = session_of(&self->fixture, STORE_WRITE);
        struct store_state at;
        assert_int_equal(begin_and_insert(session, "a", &at).error, cases[i].error);
        struct text said = fault_take();
        assert_non_null(strstr(said.data, cases[i].state));
        assert_non_null(strstr(said.data, "insert: no way"));
        assert_null(strstr(said.data, "secret"));
        assert_int_equal(store_session_broken(session), cases[i].breaks);
        store_session_close(session);
    }
}

struct opening {
    char url[128];
    pthread_t thread;
    struct result result;
    struct store *store;
};

static void *open_one(void *context)
{
    struct opening *opening = context;
    opening->result = open_url(opening->url, STORE_MAY_BE_CREATED, &opening->store);
    return NULL;
}

static void test_any_number_of_nodes_may_start_at_once(void **state)
{
    enum { NODES = 12 };
    struct opening openings[NODES];
    (void)state;
    (void)run_sql(empty_schema);
    for (int i = 0; i < NODES; i++) {
        (void)snprintf(openings[i].url, sizeof openings[i].url, "%s", database_url());
        assert_int_equal(pthread_create(&openings[i].thread, NULL, open_one, &openings[i]), 0);
    }
    for (int i = 0; i < NODES; i++) {
        (void)pthread_join(openings[i].thread, NULL);
        assert_ok(openings[i].result);
        store_close(openings[i].store);
    }
    assert_int_equal(run_sql("SELECT count(*) FROM store_state"), 1);
}

/* libpq takes 0 for waiting without an end, and any number. */
static void test_no_url_makes_connecting_endless(void **state)
{
    enum { URLS = 5 };
    static const char *const timeouts[URLS] = { "0", "-1", "3600", "%2B0", "%200" };
    struct opening openings[URLS];
    struct behind_relay *self = *state;
    atomic_store(&self->relay.swallows, true);
    int64_t start = clock_monotonic_microseconds();
    for (int i = 0; i < URLS; i++) {
        (void)snprintf(openings[i].url, sizeof openings[i].url,
                       "postgresql://orgkeys@127.0.0.1:%d/postgres?connect_timeout=%s",
                       self->relay.port, timeouts[i]);
        assert_int_equal(pthread_create(&openings[i].thread, NULL, open_one, &openings[i]), 0);
    }
    for (int i = 0; i < URLS; i++) {
        (void)pthread_join(openings[i].thread, NULL);
        assert_error(openings[i].result, STORE_UNAVAILABLE);
    }
    assert_true(clock_monotonic_microseconds() - start < 60 * MICROSECONDS_PER_SECOND);
    atomic_store(&self->relay.swallows, false);
}

static void test_where_there_is_no_data_nothing_is_made(void **state)
{
    struct store *store = NULL;
    (void)state;
    (void)run_sql(empty_schema);
    assert_error(open_url(database_url(), STORE_MUST_EXIST, &store), STORE_UNAVAILABLE);
    assert_non_null(strstr(fault_take().data, "no data of orgkeys"));
    assert_int_equal(run_sql("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"), 0);
}

static void test_no_error_shows_a_password(void **state)
{
    static const char *const credentials[] = { "orgkeys:Passw0rd", "nobody:Passw0rd" };
    static const char *const urls[] = {
        "postgresql://orgkeys:Passw0rd@127.0.0.1:1/postgres",
        "postgresql://orgkeys:Passw0rd%zz@127.0.0.1:1/postgres",
        "postgresql://orgkeys@127.0.0.1:1/postgres?password=Passw0rd",
    };
    struct behind_relay *self = *state;
    struct store *store = NULL;
    for (size_t i = 0; i < sizeof urls / sizeof urls[0]; i++) {
        assert_true(result_failed(open_url(urls[i], STORE_MAY_BE_CREATED, &store)));
        assert_null(strstr(fault_take().data, "Passw0rd"));
    }
    atomic_store(&self->relay.refuses, true);
    for (size_t i = 0; i < 2; i++) {
        char url[128];
        relayed_url(&self->relay, credentials[i], url);
        assert_error(open_url(url, STORE_MAY_BE_CREATED, &store), STORE_UNAVAILABLE);
        assert_null(strstr(fault_take().data, "Passw0rd"));
    }
    assert_true(store_url_has_password(text_of(urls[0])));
    assert_true(store_url_has_password(text_of(urls[2])));
    assert_false(store_url_has_password(TEXT("postgresql://orgkeys@[::1]:1/d?passfile=/a")));
    assert_true(store_url_is_valid(TEXT("postgres://a,b/d?target_session_attrs=read-write")));
    assert_false(store_url_is_valid(text_of(urls[1])));
    assert_false(store_url_is_valid(TEXT("postgresql://h/d?no_such_parameter=1")));
    assert_false(store_url_is_valid(TEXT("host=127.0.0.1")));
}

static void test_who_listens_is_woken_by_commits(void **state)
{
    const struct behind_relay *self = *state;
    struct store_session *follower = session_of(&self->fixture, STORE_FOLLOW);
    struct store_session *writer = session_of(&self->fixture, STORE_WRITE);
    int64_t start = clock_monotonic_microseconds();
    assert_ok(store_listen(follower));
    assert_ok(store_wait(follower, 1000));
    assert_true(clock_monotonic_microseconds() - start >= 1000);
    for (int i = 0; i < 2; i++) {
        assert_ok(store_begin(writer));
        assert_ok(store_notify(writer));
        assert_ok(store_commit(writer));
        /* Also when it came while something else was read. */
        assert_true(i == 0 || number_of(follower, TEST_COUNT) == 0);
        start = clock_monotonic_microseconds();
        assert_ok(store_wait(follower, INT64_C(60) * MICROSECONDS_PER_SECOND));
        assert_true(clock_monotonic_microseconds() - start < 50 * MICROSECONDS_PER_SECOND);
    }
    end_sessions();
    assert_error(store_wait(follower, 1000), STORE_UNAVAILABLE);
    (void)fault_take();
    store_session_close(writer);
    store_session_close(follower);
}

#define TEST_CASE(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST_CASE(test_a_failure_comes_out_at_the_latest_with_the_savepoint),
        TEST_CASE(test_any_number_of_statements_may_go_unwaited),
        TEST_CASE(test_a_text_with_a_nul_is_refused),
        TEST_CASE(test_a_server_that_ends_the_session),
        TEST_CASE(test_a_connection_that_is_lost_before_the_commit),
        TEST_CASE(test_an_answer_to_commit_that_is_lost),
        TEST_CASE(test_a_lost_transaction_is_not_taken_for_anothers),
        TEST_CASE(test_a_revision_belongs_to_the_node_that_made_it),
        TEST_CASE(test_a_commit_whose_row_was_deleted_cannot_be_told),
        TEST_CASE(test_settling_has_one_deadline),
        TEST_CASE(test_a_cancelled_wait_for_a_standby_is_no_success),
        TEST_CASE(test_readers_replace_a_session_that_broke_at_rest),
        TEST_CASE(test_the_writer_replaces_a_session_that_broke_at_rest),
        TEST_CASE(test_a_session_that_breaks_costs_its_job_alone),
        TEST_CASE(test_a_row_that_others_hold_costs_a_batch_not_the_session),
        TEST_CASE(test_what_the_writer_itself_is_refused_is_an_outage),
        TEST_CASE(test_a_writing_transaction_has_one_deadline),
        TEST_CASE(test_a_stuck_node_does_not_hold_the_others),
        TEST_CASE(test_a_row_that_somebody_locks_is_not_waited_for_for_ever),
        TEST_CASE(test_a_server_that_does_not_answer_is_left),
        TEST_CASE(test_an_outage_costs_the_calls_of_its_time_only),
        TEST_CASE(test_a_read_only_server_is_none_to_write_on),
        TEST_CASE(test_errors_have_their_meaning),
        TEST_CASE(test_any_number_of_nodes_may_start_at_once),
        TEST_CASE(test_no_url_makes_connecting_endless),
        TEST_CASE(test_where_there_is_no_data_nothing_is_made),
        TEST_CASE(test_no_error_shows_a_password),
        TEST_CASE(test_who_listens_is_woken_by_commits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
