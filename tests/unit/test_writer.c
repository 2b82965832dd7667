#include "test_store_fixture.h"

#include <pthread.h>

#include "base/clock.h"

enum { QUEUE_MAXIMUM = 1000 };

static struct store_writer *writer_of(const struct fixture *fixture)
{
    struct store_writer *writer = NULL;
    assert_ok(store_writer_start(fixture->store, QUEUE_MAXIMUM, &writer));
    return writer;
}

static void test_waiting_jobs_share_commits(void **state)
{
    enum { JOBS = 200 };
    struct store_writer *writer = writer_of(*state);
    struct insert_job jobs[JOBS];
    struct gate_job gate;
    sem_t done;
    (void)sem_init(&done, 0, 0);
    gate_close(&gate, writer);
    for (int i = 0; i < JOBS; i++) {
        jobs[i] = insert_job_of(NULL, &done);
        assert_true(store_writer_submit(writer, &jobs[i].job));
    }
    assert_int_equal(store_writer_statistics(writer).waiting, JOBS);
    gate_let_go(&gate);
    wait_for(&done, JOBS);
    struct store_writer_statistics statistics = store_writer_statistics(writer);
    assert_int_equal(statistics.batches, (JOBS + WRITER_BATCH_MAXIMUM - 1) / WRITER_BATCH_MAXIMUM);
    assert_int_equal(statistics.revision, statistics.batches);
    assert_int_equal(statistics.jobs, JOBS + 1);
    assert_int_equal(statistics.waiting, 0);
    assert_int_equal(statistics.commit_failures, 0);
    for (int i = 0; i < JOBS; i++) {
        assert_ok(jobs[i].outcome);
        assert_int_equal(jobs[i].dones, 1);
        assert_true(i == 0 || jobs[i].issued > jobs[i - 1].issued);
        assert_true(jobs[i].now <= jobs[i].issued);
    }
    assert_true(store_writer_healthy(writer));
    store_writer_free(writer);
    assert_int_equal(count_rows(*state), JOBS);
}

static void test_a_failed_job_is_undone_alone(void **state)
{
    struct store_writer *writer = writer_of(*state);
    struct insert_job jobs[4];
    static const char *const names[4] = { "first", "refused", "broken", "last" };
    struct gate_job gate;
    sem_t done;
    (void)sem_init(&done, 0, 0);
    gate_close(&gate, writer);
    for (int i = 0; i < 4; i++) {
        jobs[i] = insert_job_of(names[i], &done);
    }
    jobs[1].fails_with = refuse(ERROR_LAST_OWNER);
    jobs[2].name = "first"; /* a broken constraint */
    for (int i = 0; i < 4; i++) {
        assert_true(store_writer_submit(writer, &jobs[i].job));
    }
    gate_let_go(&gate);
    wait_for(&done, 4);
    assert_ok(jobs[0].outcome);
    assert_error(jobs[1].outcome, LAST_OWNER);
    assert_error(jobs[2].outcome, INTERNAL);
    assert_ok(jobs[3].outcome);
    assert_int_equal(store_writer_statistics(writer).batches, 1);
    store_writer_free(writer);
    struct store_session *session = session_of(*state, STORE_READ);
    assert_true(has(session, "first"));
    assert_true(has(session, "last"));
    assert_int_equal(number_of(session, TEST_COUNT), 2);
    store_session_close(session);
}

/* Inserts until the file may not grow any more, and then says that all is well. */
static struct result filling_run(struct store_job *job, struct store_session *session,
                                 struct store_batch *batch)
{
    struct insert_job *self = (struct insert_job *)job;
    struct result result = RESULT_OK;
    (void)number_of(session, TEST_PAGES_MAXIMUM);
    self->runs++;
    while (!result_failed(result)) {
        char id[32];
        (void)snprintf(id, sizeof id, "org_%020lld", (long long)store_batch_issue(batch));
        result = insert(session, id);
    }
    (void)fault_take();
    return self->fails_with;
}

static void test_an_error_that_ends_the_transaction_is_everybodys(void **state)
{
    static const enum error said[] = { ERROR_NONE, ERROR_STORE_FULL };
    static const enum error outcomes[] = { ERROR_STORE_UNAVAILABLE, ERROR_STORE_FULL };
    for (int round = 0; round < 2; round++) {
        struct store_writer *writer = writer_of(*state);
        struct insert_job jobs[3];
        struct gate_job gate;
        sem_t done;
        (void)sem_init(&done, 0, 0);
        gate_close(&gate, writer);
        for (int i = 0; i < 3; i++) {
            jobs[i] = insert_job_of(NULL, &done);
            jobs[i].job.run = i == 1 ? filling_run : insert_job_run;
            jobs[i].fails_with = i == 1 ? refuse(said[round]) : RESULT_OK;
            assert_true(store_writer_submit(writer, &jobs[i].job));
        }
        gate_let_go(&gate);
        wait_for(&done, 3);
        for (int i = 0; i < 3; i++) {
            assert_int_equal(jobs[i].outcome.error, outcomes[round]);
            assert_int_equal(jobs[i].runs, i < 2);
        }
        store_writer_free(writer);
        assert_int_equal(count_rows(*state), 0);
    }
}

static void test_nothing_done_is_not_committed(void **state)
{
    struct store_writer *writer = writer_of(*state);
    struct gate_job gate; /* succeeds, changes nothing */
    gate_close(&gate, writer);
    gate_let_go(&gate);
    sem_t done;
    (void)sem_init(&done, 0, 0);
    struct insert_job job = insert_job_of("refused", &done);
    job.fails_with = refuse(ERROR_USER_NOT_FOUND);
    assert_true(store_writer_submit(writer, &job.job));
    wait_for(&done, 1);
    assert_error(job.outcome, USER_NOT_FOUND);
    assert_int_equal(store_writer_statistics(writer).batches, 0);
    store_writer_free(writer);
    struct store_session *session = session_of(*state, STORE_READ);
    struct store_state read;
    assert_ok(store_state_read(session, &read));
    assert_int_equal(read.revision, 0);
    assert_int_equal(read.last_issued_at, 0);
    store_session_close(session);
}

struct looking_job {
    struct insert_job insert;
    struct store_session *reader; /* used by the writer's thread only */
    bool seen;
};

static void look_when_done(struct store_job *job, struct result outcome)
{
    struct looking_job *self = (struct looking_job *)job;
    self->seen = has(self->reader, self->insert.id);
    insert_job_done(job, outcome);
}

static void test_done_comes_after_the_commit(void **state)
{
    struct store_writer *writer = writer_of(*state);
    struct store_session *reader = session_of(*state, STORE_READ);
    sem_t done;
    (void)sem_init(&done, 0, 0);
    for (int i = 0; i < 20; i++) {
        struct looking_job job = { .insert = insert_job_of(NULL, &done), .reader = reader };
        job.insert.job.done = look_when_done;
        assert_true(store_writer_submit(writer, &job.insert.job));
        wait_for(&done, 1);
        assert_ok(job.insert.outcome);
        assert_true(job.seen);
    }
    store_session_close(reader);
    store_writer_free(writer);
}

/* As if the clock had been set back by a year since the last id was issued. */
static void test_ids_increase_when_the_clock_goes_back(void **state)
{
    struct fixture *fixture = *state;
    struct store_session *session = session_of(fixture, STORE_WRITE);
    int64_t future = clock_now_microseconds() + INT64_C(365) * 86400 * MICROSECONDS_PER_SECOND;
    assert_ok(store_begin(session));
    assert_ok(store_state_keep(session, future));
    assert_ok(store_commit(session));
    store_session_close(session);

    int64_t last = future;
    for (int run = 0; run < 2; run++) {
        struct store_writer *writer = writer_of(fixture);
        sem_t done;
        (void)sem_init(&done, 0, 0);
        for (int i = 0; i < 5; i++) {
            struct insert_job job = insert_job_of(NULL, &done);
            assert_true(store_writer_submit(writer, &job.job));
            wait_for(&done, 1);
            assert_true(job.issued > last);
            /* What expires goes by the clock, not by the ids. */
            assert_true(job.now < future);
            last = job.issued;
        }
        store_writer_free(writer);
        fixture_close(fixture);
        fixture_open(fixture);
    }
}

static void test_the_queue_has_a_bound_and_stop_drains_it(void **state)
{
    enum { WAITING = 7 };
    struct fixture *fixture = *state;
    struct store_writer *writer = NULL;
    struct insert_job jobs[WAITING + 1];
    struct gate_job gate;
    sem_t done;
    (void)sem_init(&done, 0, 0);
    assert_ok(store_writer_start(fixture->store, WAITING, &writer));
    gate_close(&gate, writer);
    for (int i = 0; i <= WAITING; i++) {
        jobs[i] = insert_job_of(NULL, &done);
        assert_int_equal(store_writer_submit(writer, &jobs[i].job), i < WAITING);
    }
    (void)sem_post(&gate.open);
    store_writer_stop(writer);
    for (int i = 0; i < WAITING; i++) {
        assert_int_equal(jobs[i].dones, 1);
        assert_ok(jobs[i].outcome);
    }
    assert_false(store_writer_submit(writer, &jobs[WAITING].job));
    assert_int_equal(jobs[WAITING].dones, 0);
    store_writer_stop(writer);
    store_writer_free(writer);
    assert_int_equal(count_rows(fixture), WAITING);
}

struct slow_job {
    struct insert_job insert;
    int64_t pause; /* microseconds */
    struct store_writer *writer;
    struct store_job *late; /* or NULL: comes while this one runs */
    int64_t revision;
};

static struct result slow_run(struct store_job *job, struct store_session *session,
                              struct store_batch *batch)
{
    struct slow_job *self = (struct slow_job *)job;
    self->revision = batch->state.revision;
    if (self->late != NULL) {
        assert_true(store_writer_submit(self->writer, self->late));
    }
    (void)usleep((useconds_t)self->pause);
    return insert_job_run(job, session, batch);
}

/* What it does not get to keeps its place, also when the program ends. */
static void test_a_batch_has_a_time(void **state)
{
    enum { JOBS = 5, SLOW = 2, LATE = JOBS - 1 };
    struct store_writer *writer = writer_of(*state);
    struct slow_job jobs[JOBS];
    struct gate_job gate;
    sem_t done;
    (void)sem_init(&done, 0, 0);
    gate_close(&gate, writer);
    for (int i = 0; i < JOBS; i++) {
        jobs[i] = (struct slow_job){
            .insert = insert_job_of(NULL, &done),
            .pause = i < SLOW ? WRITER_BATCH_MAXIMUM_MICROSECONDS : 0,
            .writer = writer,
            .late = i == 0 ? &jobs[LATE].insert.job : NULL,
        };
        jobs[i].insert.job.run = slow_run;
    }
    for (int i = 0; i < LATE; i++) {
        assert_true(store_writer_submit(writer, &jobs[i].insert.job));
    }
    (void)sem_post(&gate.open);
    wait_for(&done, 1); /* all others have come */
    store_writer_stop(writer);
    for (int i = 0; i < JOBS; i++) {
        assert_ok(jobs[i].insert.outcome);
        assert_int_equal(jobs[i].insert.runs, 1);
        assert_int_equal(jobs[i].insert.dones, 1);
        assert_true(i == 0 || jobs[i].insert.issued > jobs[i - 1].insert.issued);
        assert_true(i == 0 || i > SLOW || jobs[i].revision == jobs[i - 1].revision + 1);
    }
    assert_int_equal(store_writer_statistics(writer).jobs, JOBS + 1);
    assert_int_equal(store_writer_statistics(writer).waiting, 0);
    store_writer_free(writer);
    assert_int_equal(count_rows(*state), JOBS);
}

/* Several threads, each submitting its next job when the last is done. */
struct client {
    struct store_writer *writer;
    pthread_t thread;
    int64_t last;
    bool in_order;
};

enum { CLIENTS = 8, JOBS_OF_CLIENT = 50 };

static void *client_main(void *context)
{
    struct client *self = context;
    sem_t done;
    (void)sem_init(&done, 0, 0);
    self->in_order = true;
    for (int i = 0; i < JOBS_OF_CLIENT; i++) {
        struct insert_job job = insert_job_of(NULL, &done);
        if (!store_writer_submit(self->writer, &job.job)) {
            self->in_order = false;
            break;
        }
        wait_for(&done, 1);
        self->in_order = self->in_order && !result_failed(job.outcome) && job.issued > self->last;
        self->last = job.issued;
    }
    (void)sem_destroy(&done);
    return NULL;
}

static void test_many_threads_may_submit(void **state)
{
    struct store_writer *writer = writer_of(*state);
    struct client clients[CLIENTS] = { 0 };
    for (int i = 0; i < CLIENTS; i++) {
        clients[i].writer = writer;
        assert_int_equal(pthread_create(&clients[i].thread, NULL, client_main, &clients[i]), 0);
    }
    for (int i = 0; i < CLIENTS; i++) {
        (void)pthread_join(clients[i].thread, NULL);
        assert_true(clients[i].in_order);
    }
    assert_int_equal(store_writer_statistics(writer).jobs, CLIENTS * JOBS_OF_CLIENT);
    store_writer_free(writer);
    assert_int_equal(count_rows(*state), CLIENTS * JOBS_OF_CLIENT);
}

struct counting_job {
    struct store_job job;
    bool stops_reading;
    int64_t count;
    bool no_batch;
    bool in_transaction;
    struct result outcome;
    sem_t *done;
};

static struct result counting_run(struct store_job *job, struct store_session *session,
                                  struct store_batch *batch)
{
    struct counting_job *self = (struct counting_job *)job;
    self->no_batch = batch == NULL;
    self->in_transaction = store_in_transaction(session);
    self->count = number_of(session, TEST_COUNT);
    if (self->stops_reading) {
        TRY(store_query(session, TEST_LIST, NULL, 0));
    }
    return RESULT_OK;
}

static void counting_done(struct store_job *job, struct result outcome)
{
    struct counting_job *self = (struct counting_job *)job;
    self->outcome = outcome;
    (void)sem_post(self->done);
}

static void test_readers_run_jobs(void **state)
{
    enum { JOBS = 100 };
    struct fixture *fixture = *state;
    struct store_readers *readers = NULL;
    struct counting_job jobs[JOBS];
    sem_t done;
    (void)sem_init(&done, 0, 0);
    struct store_writer *writer = writer_of(fixture);
    assert_ok(write_one(writer, "one"));
    assert_ok(store_readers_start(fixture->store, 4, JOBS, &readers));
    for (int i = 0; i < JOBS; i++) {
        jobs[i] = (struct counting_job){
            .job = { .run = counting_run, .done = counting_done },
            .stops_reading = i % 3 == 0,
            .done = &done,
        };
        assert_true(store_readers_submit(readers, &jobs[i].job));
    }
    wait_for(&done, JOBS);
    for (int i = 0; i < JOBS; i++) {
        assert_ok(jobs[i].outcome);
        assert_int_equal(jobs[i].count, 1);
        assert_true(jobs[i].no_batch);
        assert_true(jobs[i].in_transaction);
    }
    store_readers_free(readers);
    store_writer_free(writer);
}

/* Counts twice, and is held in between. */
struct snapshot_job {
    struct gate_job gate;
    int64_t counts[2];
};

static struct result snapshot_run(struct store_job *job, struct store_session *session,
                                  struct store_batch *batch)
{
    struct snapshot_job *self = (struct snapshot_job *)job;
    self->counts[0] = number_of(session, TEST_COUNT);
    TRY(gate_run(job, session, batch));
    self->counts[1] = number_of(session, TEST_COUNT);
    return RESULT_OK;
}

static void test_a_job_of_a_reader_sees_one_snapshot(void **state)
{
    struct fixture *fixture = *state;
    struct store_readers *readers = NULL;
    struct snapshot_job job = { .counts = { -1, -1 } };
    struct store_writer *writer = writer_of(fixture);
    assert_ok(store_readers_start(fixture->store, 1, 1, &readers));
    for (int before = 0; before < 2; before++) {
        char name[16];
        (void)snprintf(name, sizeof name, "%d", before);
        gate_init(&job.gate);
        job.gate.job.run = snapshot_run;
        assert_true(store_readers_submit(readers, &job.gate.job));
        wait_for(&job.gate.entered, 1);
        assert_ok(write_one(writer, name));
        gate_let_go(&job.gate);
        assert_int_equal(job.counts[0], before);
        assert_int_equal(job.counts[1], before);
    }
    store_readers_free(readers);
    store_writer_free(writer);
}

static struct result endless_run(struct store_job *job, struct store_session *session,
                                 struct store_batch *batch)
{
    const struct store_row *row = NULL;
    (void)batch;
    (void)sem_post(((struct counting_job *)job)->done);
    TRY(store_query(session, TEST_ENDLESS, NULL, 0));
    return store_next(session, &row);
}

static void test_what_is_read_ends_when_the_program_does(void **state)
{
    enum { JOBS = 20 };
    struct fixture *fixture = *state;
    struct store_readers *readers = NULL;
    struct counting_job jobs[JOBS];
    atomic_bool stopping = false;
    sem_t done;
    (void)sem_init(&done, 0, 0);
    assert_ok(store_readers_start(fixture->store, 2, JOBS, &readers));
    for (int i = 0; i < JOBS; i++) {
        jobs[i] = (struct counting_job){
            .job = { .run = endless_run, .done = counting_done, .stopping = &stopping },
            .done = &done,
        };
        assert_true(store_readers_submit(readers, &jobs[i].job));
    }
    wait_for(&done, 2); /* both readers read */
    int64_t start = clock_monotonic_microseconds();
    atomic_store(&stopping, true);
    store_readers_stop(readers);
    assert_true(clock_monotonic_microseconds() - start < STORE_READ_MAXIMUM_MICROSECONDS);
    for (int i = 0; i < JOBS; i++) {
        assert_error(jobs[i].outcome, QUERY_TIMEOUT);
    }
    store_readers_free(readers);
}

static void test_readers_have_a_bound_and_drain(void **state)
{
    enum { WAITING = 3 };
    struct fixture *fixture = *state;
    struct store_readers *readers = NULL;
    struct counting_job jobs[WAITING + 1];
    struct gate_job gate;
    sem_t done;
    (void)sem_init(&done, 0, 0);
    assert_ok(store_readers_start(fixture->store, 1, WAITING, &readers));
    gate_init(&gate);
    assert_true(store_readers_submit(readers, &gate.job));
    wait_for(&gate.entered, 1);
    for (int i = 0; i <= WAITING; i++) {
        jobs[i] = (struct counting_job){ .job = { .run = counting_run, .done = counting_done },
                                         .done = &done };
        assert_int_equal(store_readers_submit(readers, &jobs[i].job), i < WAITING);
    }
    (void)sem_post(&gate.open);
    store_readers_stop(readers);
    wait_for(&done, WAITING);
    assert_false(store_readers_submit(readers, &jobs[WAITING].job));
    store_readers_free(readers);
}

#define TEST_CASE(function) \
    cmocka_unit_test_setup_teardown(function, fixture_setup, fixture_teardown)

static const struct CMUnitTest tests[] = {
    TEST_CASE(test_waiting_jobs_share_commits),
    TEST_CASE(test_a_failed_job_is_undone_alone),
    TEST_CASE(test_nothing_done_is_not_committed),
    TEST_CASE(test_done_comes_after_the_commit),
    TEST_CASE(test_ids_increase_when_the_clock_goes_back),
    TEST_CASE(test_the_queue_has_a_bound_and_stop_drains_it),
    TEST_CASE(test_a_batch_has_a_time),
    TEST_CASE(test_many_threads_may_submit),
    TEST_CASE(test_readers_run_jobs),
    TEST_CASE(test_a_job_of_a_reader_sees_one_snapshot),
    TEST_CASE(test_what_is_read_ends_when_the_program_does),
    TEST_CASE(test_readers_have_a_bound_and_drain),
};

/* With PostgreSQL no error but a lost connection ends a transaction. */
static const struct CMUnitTest sqlite_tests[] = {
    TEST_CASE(test_an_error_that_ends_the_transaction_is_everybodys),
};

int main(void)
{
    int failures = is_on_postgres() ? 0 : cmocka_run_group_tests(sqlite_tests, NULL, NULL);
    return failures + cmocka_run_group_tests(tests, NULL, NULL);
}
