#include <stdlib.h>

#include "base/clock.h"
#include "os/threads.h"
#include "store/backoff.h"
#include "store/queue.h"

struct reader {
    struct store_readers *readers;
    struct store_session *session; /* NULL after it could not be reopened */
    unsigned outage;               /* the last one, when the session was opened */
    pthread_t thread;
};

struct store_readers {
    struct store *store;
    struct job_queue queue;
    atomic_bool is_away; /* the database, as it seems; one reader tries to come back */
    atomic_uint outages; /* how often it went away */
    bool stopped;
    unsigned count; /* threads that run */
    struct reader each[READERS_MAXIMUM];
};

static struct result reader_connect(struct reader *reader)
{
    store_session_close(reader->session);
    reader->session = NULL;
    reader->outage = atomic_load(&reader->readers->outages);
    return store_session_open(reader->readers->store, STORE_READ, &reader->session);
}

/* A session from before an outage may lead to a server that is no more. */
static bool reader_is_connected(struct reader *reader)
{
    return reader->session != NULL && !store_session_broken(reader->session) &&
           reader->outage == atomic_load(&reader->readers->outages);
}

/* In one transaction: a job sees one snapshot, and its statements share one deadline. */
static struct result reader_run_job(struct reader *reader, struct store_job *job)
{
    store_session_watch(reader->session, job->stopping);
    TRY(store_begin(reader->session));
    return job->run(job, reader->session, NULL);
}

static struct result reader_run(struct reader *reader, struct store_job *job)
{
    if (!reader_is_connected(reader)) {
        struct result result = reader_connect(reader);
        if (result_failed(result)) {
            worker_log_fault("store reader cannot open the database", result);
            return refuse(ERROR_STORE_UNAVAILABLE);
        }
    }
    struct result result = reader_run_job(reader, job);
    worker_log_fault("store job failed", result);
    /* A snapshot that is kept would keep the WAL from being reset. */
    store_finish(reader->session);
    store_rollback(reader->session);
    return result;
}

/*
 * Whether a job has shown that the database is away, and this reader is the first to see it. A
 * session may break for other reasons: the program ends, the writer has gone to another server.
 */
static bool reader_found_outage(struct reader *reader, struct result outcome)
{
    struct store_readers *readers = reader->readers;
    bool is_lost = outcome.error == ERROR_STORE_UNAVAILABLE &&
                   (reader->session == NULL || store_session_broken(reader->session));
    if (!is_lost || reader->outage != atomic_load(&readers->outages) ||
        atomic_exchange(&readers->is_away, true)) {
        return false;
    }
    atomic_fetch_add(&readers->outages, 1);
    return true;
}

/* In the place of a session that broke; not of one that could not be opened just now. */
static bool reader_replace_session(struct reader *reader)
{
    struct result result =
        reader->session != NULL ? reader_connect(reader) : refuse(ERROR_STORE_UNAVAILABLE);
    (void)fault_take(); /* said once, by the job */
    return !result_failed(result);
}

/* Until the database is back, or the readers stop. */
static void reader_wait_for_database(struct reader *reader)
{
    struct job_queue *queue = &reader->readers->queue;
    struct backoff backoff = { 0 };
    job_queue_refuse(queue);
    while (job_queue_rest(queue, clock_monotonic_microseconds() + backoff_next(&backoff)) &&
           result_failed(reader_connect(reader))) {
        (void)fault_take();
    }
    job_queue_accept(queue);
}

static void reader_come_back(struct reader *reader)
{
    if (!reader_replace_session(reader)) {
        reader_wait_for_database(reader);
    }
    atomic_store(&reader->readers->is_away, false);
}

static void *reader_main(void *context)
{
    struct reader *reader = context;
    struct store_job *job = NULL;
    size_t count = 0;
    thread_give_way();
    while (job_queue_take(&reader->readers->queue, 1, JOB_QUEUE_FOREVER, &job, &count) ==
           JOB_QUEUE_JOBS) {
        struct result outcome = reader_run(reader, job);
        bool is_outage = reader_found_outage(reader, outcome);
        job->done(job, outcome);
        if (is_outage) {
            reader_come_back(reader);
        }
    }
    store_session_close(reader->session);
    return NULL;
}

static struct result reader_start(struct store_readers *readers)
{
    struct reader *reader = &readers->each[readers->count];
    reader->readers = readers;
    TRY(store_session_open(readers->store, STORE_READ, &reader->session));
    struct result result = thread_start("store-reader", reader_main, reader, &reader->thread);
    if (result_failed(result)) {
        store_session_close(reader->session);
        return result;
    }
    readers->count++;
    return RESULT_OK;
}

struct result store_readers_start(struct store *store, unsigned threads, size_t queue_maximum,
                                  struct store_readers **ret_readers)
{
    ASSERT(threads >= 1 && threads <= READERS_MAXIMUM && queue_maximum >= 1);
    struct store_readers *readers = calloc(1, sizeof *readers);
    if (readers == NULL) {
        return fault(ERROR_INTERNAL, "no memory for the store's readers");
    }
    readers->store = store;
    job_queue_init(&readers->queue, queue_maximum);
    for (unsigned i = 0; i < threads; i++) {
        struct result result = reader_start(readers);
        if (result_failed(result)) {
            store_readers_free(readers);
            return result;
        }
    }
    *ret_readers = readers;
    return RESULT_OK;
}

bool store_readers_submit(struct store_readers *readers, struct store_job *job)
{
    return job_queue_put(&readers->queue, job);
}

void store_readers_stop(struct store_readers *readers)
{
    if (readers->stopped) {
        return;
    }
    readers->stopped = true;
    job_queue_stop(&readers->queue);
    for (unsigned i = 0; i < readers->count; i++) {
        (void)pthread_join(readers->each[i].thread, NULL);
    }
}

void store_readers_free(struct store_readers *readers)
{
    if (readers == NULL) {
        return;
    }
    store_readers_stop(readers);
    job_queue_free(&readers->queue);
    free(readers);
}
