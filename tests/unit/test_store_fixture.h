#ifndef ORGKEYS_TEST_STORE_FIXTURE_H
#define ORGKEYS_TEST_STORE_FIXTURE_H

/*
 * What the tests of the store share: a database of their own, a few statements, one kind of job. It
 * is SQLite's, in a directory; or, where ORGKEYS_TEST_DATABASE_URL names one, PostgreSQL's, in
 * which the schema `public` is made anew for each test.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <ftw.h>
#include <libpq-fe.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/store.h"
#include "store/worker.h"

enum test_statement {
    TEST_INSERT,    /* id, name, project, time */
    TEST_RETURNING, /* as TEST_INSERT, its parameters in another order; gives id and name */
    TEST_COUNT,
    TEST_FIND, /* id */
    TEST_LIST,
    TEST_DELETE_ALL,
    TEST_ENDLESS,
    TEST_TWO_OF_ENDLESS, /* limit; goes on looking for a third */
    TEST_PAGES_MAXIMUM,
    TEST_ECHO, /* integer, text, blob, NULL */
    TEST_REAL,
    TEST_NUMBER_OF_MIGRATIONS,
    TEST_FAKE_MIGRATION, /* number */
    TEST_SYNTAX_ERROR,
    TEST_TWO_STATEMENTS,
    TEST_OTHER_PARAMETERS,
    TEST_CHANGE, /* revision, node */
    TEST_STATEMENTS,
};

static const struct store_statement test_statements[TEST_STATEMENTS] = {
    [TEST_INSERT] = { "insert", "INSERT INTO organizations (id, name, default_project_id, "
                                "created_at) VALUES ($1, $2, $3, $4)" },
    [TEST_RETURNING] = { "returning", "INSERT INTO organizations (created_at, "
                                      "default_project_id, name, id) VALUES ($4, $3, $2, $1) "
                                      "RETURNING id, name" },
    [TEST_COUNT] = { "count", "SELECT count(*) FROM organizations" },
    [TEST_FIND] = { "find", "SELECT id FROM organizations WHERE id = $1" },
    [TEST_LIST] = { "list", "SELECT id FROM organizations ORDER BY id" },
    [TEST_DELETE_ALL] = { "delete_all", "DELETE FROM organizations" },
    [TEST_ENDLESS] = { "endless", "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM "
                                  "n) SELECT max(i) FROM n" },
    [TEST_TWO_OF_ENDLESS] = { "two_of_endless",
                              "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
                              "SELECT CAST(i AS TEXT) AS id FROM n WHERE i <= 2 LIMIT $1" },
    [TEST_PAGES_MAXIMUM] = { "pages_maximum", "PRAGMA max_page_count = 1" },
    [TEST_ECHO] = { "echo", "SELECT $1 AS one, $2 AS two, $3 AS three, $4 AS four" },
    [TEST_REAL] = { "real", "SELECT 1.5" },
    [TEST_NUMBER_OF_MIGRATIONS] = { "migrations", "SELECT count(*) FROM schema_migrations" },
    [TEST_FAKE_MIGRATION] = { "fake", "INSERT INTO schema_migrations (number, applied_at) "
                                      "VALUES ($1, 0)" },
    [TEST_SYNTAX_ERROR] = { "syntax", "SELEC 1" },
    [TEST_TWO_STATEMENTS] = { "two", "SELECT 1; SELECT 2" },
    [TEST_OTHER_PARAMETERS] = { "other", "SELECT $1, $3" },
    [TEST_CHANGE] = { "change", "INSERT INTO changes (revision, node, made_at, changes) "
                                "VALUES ($1, $2, 0, '[]')" },
};

struct fixture {
    char directory[64];
    struct store *store;
};

#define assert_ok(result) assert_int_equal((result).error, ERROR_NONE)
#define assert_error(result, name) assert_int_equal((result).error, ERROR_##name)

static inline const char *database_url(void)
{
    return getenv("ORGKEYS_TEST_DATABASE_URL");
}

static inline bool is_on_postgres(void)
{
    return database_url() != NULL;
}

/* On a connection of its own. Gives the first column of the first row, or 0. */
static inline long long run_sql(const char *text)
{
    PGconn *connection = PQconnectdb(database_url());
    PGresult *result = PQexec(connection, text);
    ExecStatusType status = PQresultStatus(result);
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
        fail_msg("%s: %s", text, PQerrorMessage(connection));
    }
    long long number = PQntuples(result) > 0 ? atoll(PQgetvalue(result, 0, 0)) : 0;
    PQclear(result);
    PQfinish(connection);
    return number;
}

static inline struct result fixture_try_open(const struct fixture *fixture,
                                             struct store **ret_store)
{
    const struct store_options options = {
        .database_url = text_of(database_url()),
        .directory = text_of(fixture->directory),
        .statements = test_statements,
        .statement_count = TEST_STATEMENTS,
    };
    return store_open(&options, ret_store);
}

static inline void fixture_open(struct fixture *fixture)
{
    struct result result = fixture_try_open(fixture, &fixture->store);
    if (result_failed(result)) {
        fail_msg("store_open: %s", fault_take().data);
    }
}

static inline void fixture_close(struct fixture *fixture)
{
    store_close(fixture->store);
    fixture->store = NULL;
}

/* The directory is inside one of the test's own, so that the store has to make it. */
static inline int fixture_setup(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    char parent[] = "/tmp/orgkeys-test-XXXXXX";
    if (fixture == NULL || mkdtemp(parent) == NULL) {
        return -1;
    }
    (void)snprintf(fixture->directory, sizeof fixture->directory, "%s/data", parent);
    *state = fixture;
    if (is_on_postgres()) {
        (void)run_sql(
            "SET client_min_messages = error; DROP SCHEMA public CASCADE; CREATE SCHEMA public");
    }
    fixture_open(fixture);
    return 0;
}

static inline int fixture_remove_one(const char *path, const struct stat *status, int type,
                                     struct FTW *place)
{
    (void)status;
    (void)type;
    (void)place;
    return remove(path);
}

/* After a failed assertion sessions may still be open: store_close aborts then. */
static inline int fixture_teardown(void **state)
{
    struct fixture *fixture = *state;
    if (fixture->store != NULL) {
        fixture_close(fixture);
    }
    *strrchr(fixture->directory, '/') = '\0';
    int failures = nftw(fixture->directory, fixture_remove_one, 8, FTW_DEPTH | FTW_PHYS);
    free(fixture);
    return failures;
}

static inline struct store_session *session_of(const struct fixture *fixture,
                                               enum store_access access)
{
    struct store_session *session = NULL;
    assert_ok(store_session_open(fixture->store, access, &session));
    return session;
}

static inline struct result insert(struct store_session *session, const char *id)
{
    const struct store_value values[] = {
        store_text(text_of(id)),
        store_text(TEXT("Name")),
        store_text(TEXT("proj")),
        store_integer(1),
    };
    int64_t changes = 0; /* asked for, so that the outcome is waited for */
    return store_execute(session, TEST_INSERT, values, 4, &changes);
}

/* The first column of the first row of a statement without parameters, or -1. */
static inline int64_t number_of(struct store_session *session, enum test_statement statement)
{
    const struct store_row *row = NULL;
    int64_t number = -1;
    if (!result_failed(store_query(session, statement, NULL, 0)) &&
        !result_failed(store_next(session, &row)) && row != NULL) {
        number = row->values[0].integer;
    }
    store_finish(session);
    return number;
}

static inline bool has(struct store_session *session, const char *id)
{
    const struct store_value value = store_text(text_of(id));
    const struct store_row *row = NULL;
    bool found = !result_failed(store_query(session, TEST_FIND, &value, 1)) &&
                 !result_failed(store_next(session, &row)) && row != NULL;
    store_finish(session);
    return found;
}

/* Through a session of its own. */
static inline int64_t count_rows(const struct fixture *fixture)
{
    struct store_session *session = session_of(fixture, STORE_READ);
    int64_t count = number_of(session, TEST_COUNT);
    store_session_close(session);
    return count;
}

/* Inserts one organization: `name`, or the time that it was issued. */
struct insert_job {
    struct store_job job;
    const char *name;
    struct result fails_with; /* after the insert */
    char id[32];
    int64_t issued;
    int64_t now;
    struct result outcome;
    unsigned runs;
    unsigned dones;
    sem_t *done;
};

static inline struct result insert_job_run(struct store_job *job, struct store_session *session,
                                           struct store_batch *batch)
{
    struct insert_job *self = (struct insert_job *)job;
    self->runs++;
    self->issued = store_batch_issue(batch);
    self->now = batch->now;
    if (self->name != NULL) {
        (void)snprintf(self->id, sizeof self->id, "%s", self->name);
    } else {
        (void)snprintf(self->id, sizeof self->id, "org_%020lld", (long long)self->issued);
    }
    TRY(insert(session, self->id));
    return self->fails_with;
}

static inline void insert_job_done(struct store_job *job, struct result outcome)
{
    struct insert_job *self = (struct insert_job *)job;
    self->outcome = outcome;
    self->dones++;
    (void)sem_post(self->done);
}

static inline struct insert_job insert_job_of(const char *name, sem_t *done)
{
    return (struct insert_job){
        .job = { .run = insert_job_run, .done = insert_job_done },
        .name = name,
        .done = done,
    };
}

static inline void wait_for(sem_t *semaphore, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        while (sem_wait(semaphore) != 0) {
        }
    }
}

/* Submits one and waits for its outcome. */
static inline struct result write_one(struct store_writer *writer, const char *name)
{
    sem_t done;
    (void)sem_init(&done, 0, 0);
    struct insert_job job = insert_job_of(name, &done);
    assert_true(store_writer_submit(writer, &job.job));
    wait_for(&done, 1);
    (void)sem_destroy(&done);
    return job.outcome;
}

/* Reads one row. */
struct finding_job {
    struct store_job job;
    struct result outcome;
    sem_t done;
};

static inline struct result finding_run(struct store_job *job, struct store_session *session,
                                        struct store_batch *batch)
{
    const struct store_row *row = NULL;
    (void)job;
    (void)batch;
    TRY(store_query(session, TEST_LIST, NULL, 0));
    return store_next(session, &row);
}

static inline void finding_done(struct store_job *job, struct result outcome)
{
    struct finding_job *self = (struct finding_job *)job;
    self->outcome = outcome;
    (void)sem_post(&self->done);
}

/* Submits one and waits for its outcome. */
static inline struct result read_one(struct store_readers *readers)
{
    struct finding_job job = { .job = { .run = finding_run, .done = finding_done } };
    (void)sem_init(&job.done, 0, 0);
    assert_true(store_readers_submit(readers, &job.job));
    wait_for(&job.done, 1);
    return job.outcome;
}

/* Keeps a worker in its run until it is let go, so that what is submitted meanwhile waits. */
struct gate_job {
    struct store_job job;
    sem_t entered;
    sem_t open;
    sem_t done;
};

static inline struct result gate_run(struct store_job *job, struct store_session *session,
                                     struct store_batch *batch)
{
    struct gate_job *self = (struct gate_job *)job;
    (void)session;
    (void)batch;
    (void)sem_post(&self->entered);
    wait_for(&self->open, 1);
    return RESULT_OK;
}

static inline void gate_done(struct store_job *job, struct result outcome)
{
    (void)outcome;
    (void)sem_post(&((struct gate_job *)job)->done);
}

static inline void gate_init(struct gate_job *gate)
{
    *gate = (struct gate_job){ .job = { .run = gate_run, .done = gate_done } };
    (void)sem_init(&gate->entered, 0, 0);
    (void)sem_init(&gate->open, 0, 0);
    (void)sem_init(&gate->done, 0, 0);
}

/* Closes the gate of a writer that has nothing to do. */
static inline void gate_close(struct gate_job *gate, struct store_writer *writer)
{
    gate_init(gate);
    assert_true(store_writer_submit(writer, &gate->job));
    wait_for(&gate->entered, 1);
}

static inline void gate_let_go(struct gate_job *gate)
{
    (void)sem_post(&gate->open);
    wait_for(&gate->done, 1);
}

#endif
