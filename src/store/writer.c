#include <stdatomic.h>
#include <stdlib.h>

#include "base/clock.h"
#include "os/log.h"
#include "os/threads.h"
#include "store/backoff.h"
#include "store/queue.h"

/* A lack of space may come and go with every batch, and befalls each job of some. */
enum { FULL_SAID_EVERY_MICROSECONDS = 60 * MICROSECONDS_PER_SECOND };

struct store_writer {
    struct store *store;
    struct job_queue queue;
    pthread_t thread;
    bool stopped;
    atomic_bool healthy;

    pthread_mutex_t mutex; /* over the next two */
    struct store_writer_statistics statistics;
    struct store_observer observer;

    /* The thread's own. */
    struct store_session *session; /* NULL while the database is away: then no job is run */
    struct backoff backoff;
    int64_t full_said_at;      /* by the monotonic clock; 0: not yet */
    bool outage_said;          /* that the store is back will be said too */
    bool refused;              /* the last batch could not begin, on a session that works */
    int64_t retry_at;          /* then, or when not healthy; by the monotonic clock */
    bool doubtful;             /* jobs were told OUTCOME_UNKNOWN since the last recovery */
    int64_t doubtful_revision; /* of their batch */
};

struct batch {
    struct store_job *jobs[WRITER_BATCH_MAXIMUM];
    struct result outcomes[WRITER_BATCH_MAXIMUM];
    size_t count;
    bool begun;
    int64_t latest; /* when a job may begin, but for the first; by the monotonic clock */
    struct store_batch shared;
    int64_t issued_before; /* shared.state.last_issued_at at the begin */
    int64_t changes_before;
    bool succeeded; /* at least one job */
};

int64_t store_batch_issue(struct store_batch *batch)
{
    int64_t last = batch->state.last_issued_at;
    int64_t issued = batch->now > last ? batch->now : last + 1;
    batch->state.last_issued_at = issued;
    return issued;
}

static struct store_observer observer_of(struct store_writer *writer)
{
    (void)pthread_mutex_lock(&writer->mutex);
    struct store_observer observer = writer->observer;
    (void)pthread_mutex_unlock(&writer->mutex);
    return observer;
}

/* The transaction that advanced to `revision` is kept, and will not be undone. */
static void committed(struct store_writer *writer, int64_t revision)
{
    struct store_observer observer = observer_of(writer);
    if (observer.committed != NULL) {
        observer.committed(observer.context, revision);
    }
    (void)pthread_mutex_lock(&writer->mutex);
    writer->statistics.batches++;
    writer->statistics.revision = revision;
    (void)pthread_mutex_unlock(&writer->mutex);
}

static struct result commit(struct store_writer *writer, int64_t revision)
{
    struct store_observer observer = observer_of(writer);
    if (observer.prepare != NULL) {
        TRY(observer.prepare(observer.context, writer->session, revision));
    }
    TRY(store_commit(writer->session));
    committed(writer, revision);
    return RESULT_OK;
}

/* False when it was said not long ago, and is not said again. */
static bool log_failure(struct store_writer *writer, const char *event, struct result result)
{
    int64_t now = clock_monotonic_microseconds();
    bool is_full = result.error == ERROR_STORE_FULL;
    if (is_full && writer->full_said_at != 0 &&
        now - writer->full_said_at < FULL_SAID_EVERY_MICROSECONDS) {
        (void)fault_take();
        return false;
    }
    if (worker_log_fault(event, result) && is_full) {
        writer->full_said_at = now;
    }
    return true;
}

static struct result batch_begin(struct store_writer *writer, struct batch *batch)
{
    struct store_batch *shared = &batch->shared;
    struct store_observer observer = observer_of(writer);
    if (observer.begin != NULL) {
        observer.begin(observer.context);
    }
    TRY(store_begin(writer->session));
    TRY(store_state_advance(writer->session, &shared->state));
    batch->begun = true;
    batch->latest = clock_monotonic_microseconds() + WRITER_BATCH_MAXIMUM_MICROSECONDS;
    shared->now = clock_now_microseconds();
    batch->issued_before = shared->state.last_issued_at;
    batch->changes_before = store_changes(writer->session);
    return RESULT_OK;
}

/*
 * Fails when the batch is lost. A job's own failure may have ended the transaction, whatever it
 * made of it itself: a full disk is then said to all, anything else means that nothing was done.
 */
static struct result batch_run_job(struct store_writer *writer, struct batch *batch, size_t i)
{
    struct store_session *session = writer->session;
    TRY(store_savepoint(session));
    struct result outcome = batch->jobs[i]->run(batch->jobs[i], session, &batch->shared);
    store_finish(session);
    /* Also what nobody waited for has to have worked (store_execute). */
    if (!result_failed(outcome) && store_in_transaction(session)) {
        outcome = store_savepoint_keep(session);
    }
    (void)log_failure(writer, "store job failed", outcome);
    batch->outcomes[i] = outcome;
    if (!store_in_transaction(session)) {
        return refuse(outcome.error == ERROR_STORE_FULL ? ERROR_STORE_FULL
                                                        : ERROR_STORE_UNAVAILABLE);
    }
    if (result_failed(outcome)) {
        return store_savepoint_undo(session);
    }
    batch->succeeded = true;
    if (batch->jobs[i]->kept != NULL) {
        batch->jobs[i]->kept(batch->jobs[i]);
    }
    return RESULT_OK;
}

static struct result batch_run_jobs(struct store_writer *writer, struct batch *batch)
{
    size_t ran = 0;
    do {
        TRY(batch_run_job(writer, batch, ran));
        ran++;
    } while (ran < batch->count && clock_monotonic_microseconds() < batch->latest);
    job_queue_return(&writer->queue, &batch->jobs[ran], batch->count - ran);
    batch->count = ran;
    return RESULT_OK;
}

static struct result batch_end(struct store_writer *writer, struct batch *batch)
{
    struct store_state *state = &batch->shared.state;
    if (!batch->succeeded || store_changes(writer->session) == batch->changes_before) {
        store_rollback(writer->session);
        state->revision--; /* the newest one is still that of before */
        return RESULT_OK;
    }
    if (state->last_issued_at != batch->issued_before) {
        TRY(store_state_keep(writer->session, state->last_issued_at));
    }
    return commit(writer, state->revision);
}

static struct result batch_in_transaction(struct store_writer *writer, struct batch *batch)
{
    TRY(batch_begin(writer, batch));
    TRY(batch_run_jobs(writer, batch));
    return batch_end(writer, batch);
}

/* From then on jobs are told that the database is away. */
static void writer_disconnect(struct store_writer *writer)
{
    store_session_close(writer->session);
    writer->session = NULL;
    job_queue_refuse(&writer->queue);
}

static bool writer_is_connected(struct store_writer *writer)
{
    return writer->session != NULL && !store_session_broken(writer->session);
}

/* In the place of the session that there was. */
static struct result writer_connect(struct store_writer *writer)
{
    store_session_close(writer->session);
    writer->session = NULL;
    return store_session_open(writer->store, STORE_WRITE, &writer->session);
}

static void set_doubtful_since(struct store_writer *writer, int64_t since)
{
    (void)pthread_mutex_lock(&writer->mutex);
    writer->statistics.doubtful_since = since;
    (void)pthread_mutex_unlock(&writer->mutex);
}

static int64_t settle_maximum(const struct store_writer *writer)
{
    return store_is_shared(writer->store) ? WRITER_SETTLE_MAXIMUM_MICROSECONDS
                                          : WRITER_SETTLE_FILES_MAXIMUM_MICROSECONDS;
}

static struct result try_to_settle(struct store_writer *writer, int64_t revision, int64_t deadline,
                                   bool *ret_kept)
{
    TRY(writer_connect(writer));
    return store_settle(writer->session, revision, deadline, ret_kept);
}

/* False when there is no time left for another attempt. */
static bool rest_before_attempt(struct store_writer *writer, int64_t deadline)
{
    int64_t next = clock_monotonic_microseconds() + backoff_next(&writer->backoff);
    return next < deadline && job_queue_rest(&writer->queue, next);
}

static struct result settle_until(struct store_writer *writer, int64_t revision, int64_t deadline,
                                  bool *ret_kept)
{
    struct result result = try_to_settle(writer, revision, deadline, ret_kept);
    bool said = false;
    while (result_failed(result) && result.error != ERROR_OUTCOME_UNKNOWN) {
        said = said || worker_log_fault("store outcome cannot be settled", result);
        (void)fault_take();
        if (!rest_before_attempt(writer, deadline)) {
            return result;
        }
        result = try_to_settle(writer, revision, deadline, ret_kept);
    }
    return result;
}

/*
 * After a commit with an unknown outcome: OK when it was kept, STORE_UNAVAILABLE when it was not.
 * Where neither can be told, nothing is written before writer_resolve_doubt.
 */
static struct result writer_settle(struct store_writer *writer, int64_t revision)
{
    bool kept = false;
    int64_t deadline = clock_monotonic_microseconds() + settle_maximum(writer);
    struct result result = settle_until(writer, revision, deadline, &kept);
    if (!result_failed(result)) {
        log_at(LOG_WARNING, "store outcome settled", LOG_INTEGER_FIELD("revision", revision),
               LOG_INTEGER_FIELD("kept", kept));
        return kept ? RESULT_OK : refuse(ERROR_STORE_UNAVAILABLE);
    }
    writer->doubtful = true;
    writer->doubtful_revision = revision;
    set_doubtful_since(writer, clock_monotonic_microseconds());
    return refuse(ERROR_OUTCOME_UNKNOWN);
}

/* Another attempt is made after `pause` microseconds. */
static void writer_unhealthy(struct store_writer *writer, int64_t pause)
{
    writer->retry_at = clock_monotonic_microseconds() + pause;
    writer->refused = false;
    atomic_store(&writer->healthy, false);
}

static void writer_healthy(struct store_writer *writer)
{
    if (writer->outage_said) {
        log_event(LOG_INFO, "store can be used again", NULL, 0);
        writer->outage_said = false;
    }
    backoff_reset(&writer->backoff);
    writer->refused = false;
    atomic_store(&writer->healthy, true);
    job_queue_accept(&writer->queue);
}

static void batch_finish(struct store_writer *writer, struct batch *batch)
{
    (void)pthread_mutex_lock(&writer->mutex);
    writer->statistics.jobs += batch->count;
    (void)pthread_mutex_unlock(&writer->mutex);
    for (size_t i = 0; i < batch->count; i++) {
        batch->jobs[i]->done(batch->jobs[i], batch->outcomes[i]);
    }
}

static void batch_fail(struct batch *batch, struct result error)
{
    for (size_t i = 0; i < batch->count; i++) {
        batch->outcomes[i] = error;
    }
}

/*
 * Whether a session that failed is: without space, so that jobs on it are told STORE_FULL. Else it
 * may lead to a primary of the past, where all wait for a commit that waits for a standby.
 */
static bool is_of_use(struct result failure)
{
    return failure.error == ERROR_STORE_FULL;
}

/*
 * Whether a batch could not begin for the first time, on a session that works: others may hold the
 * row, or somebody restores the tables. The second time it counts as lost (see is_of_use).
 */
static bool batch_was_refused(struct store_writer *writer, const struct batch *batch,
                              struct result error)
{
    return !batch->begun && !is_of_use(error) && writer_is_connected(writer) &&
           atomic_load(&writer->healthy) && !writer->refused;
}

/* The session stays, and so does what waits. */
static void batch_refused(struct store_writer *writer, struct batch *batch)
{
    writer->refused = true;
    writer->retry_at = clock_monotonic_microseconds();
    batch_fail(batch, refuse(ERROR_STORE_UNAVAILABLE));
}

static void batch_lost(struct store_writer *writer, struct batch *batch, struct result error)
{
    bool is_unknown = error.error == ERROR_OUTCOME_UNKNOWN;
    if (!is_of_use(error)) {
        writer_disconnect(writer);
    }
    /* A new session is tried at once; what is refused on one that works, a second later. */
    writer_unhealthy(writer, writer->session == NULL ? 0 : BACKOFF_MAXIMUM_MICROSECONDS);
    if (is_unknown) {
        error = writer_settle(writer, batch->shared.state.revision);
        if (!result_failed(error)) {
            committed(writer, batch->shared.state.revision);
        }
        if (!writer->doubtful) {
            writer_healthy(writer);
        }
    }
    if (result_failed(error)) {
        /* What failed is no job's doing, and nothing was done. */
        batch_fail(batch, error.error == ERROR_INTERNAL ? refuse(ERROR_STORE_UNAVAILABLE) : error);
    }
}

static void batch_failed(struct store_writer *writer, struct batch *batch, struct result error)
{
    if (atomic_load(&writer->healthy) && log_failure(writer, "store batch failed", error)) {
        writer->outage_said = true;
    }
    (void)fault_take(); /* said once until the store is back */
    (void)pthread_mutex_lock(&writer->mutex);
    writer->statistics.commit_failures++;
    (void)pthread_mutex_unlock(&writer->mutex);
    if (writer->session != NULL) {
        store_rollback(writer->session);
    }
    if (batch_was_refused(writer, batch, error)) {
        batch_refused(writer, batch);
    } else {
        batch_lost(writer, batch, error);
    }
}

/* What broke since the last batch is replaced: nothing was done on it yet. */
static struct result batch_connect(struct store_writer *writer)
{
    return writer_is_connected(writer) ? RESULT_OK : writer_connect(writer);
}

static void batch_run(struct store_writer *writer, struct batch *batch)
{
    struct result result = batch_connect(writer);
    if (!result_failed(result)) {
        result = batch_in_transaction(writer, batch);
    }
    if (result_failed(result)) {
        batch_failed(writer, batch, result);
    } else if (writer->refused || !atomic_load(&writer->healthy)) {
        writer_healthy(writer);
    }
    batch_finish(writer, batch);
}

/* Whoever was left in doubt compares before anything else is written. */
static struct result writer_resolve_doubt(struct store_writer *writer)
{
    bool kept = false;
    int64_t deadline = clock_monotonic_microseconds() + settle_maximum(writer);
    struct result settled =
        store_settle(writer->session, writer->doubtful_revision, deadline, &kept);
    if (settled.error != ERROR_OUTCOME_UNKNOWN) {
        TRY(settled); /* it has ended, which is enough */
    }
    struct store_observer observer = observer_of(writer);
    if (observer.recover != NULL) {
        TRY(observer.recover(observer.context, writer->session));
        store_finish(writer->session);
    }
    writer->doubtful = false;
    set_doubtful_since(writer, 0);
    return RESULT_OK;
}

/* A batch without jobs, to see whether a commit works again. */
static struct result writer_probe(struct store_writer *writer)
{
    struct batch batch = { .count = 0 };
    struct result result = batch_begin(writer, &batch);
    if (!result_failed(result)) {
        result = commit(writer, batch.shared.state.revision);
    }
    if (result_failed(result)) {
        store_rollback(writer->session);
    }
    return result;
}

static struct result writer_try_recovery(struct store_writer *writer)
{
    if (!writer_is_connected(writer)) {
        TRY(writer_connect(writer));
    }
    return writer->doubtful ? writer_resolve_doubt(writer) : writer_probe(writer);
}

static void writer_recover(struct store_writer *writer)
{
    struct result result = writer_try_recovery(writer);
    if (!result_failed(result)) {
        writer_healthy(writer);
        return;
    }
    (void)fault_take();
    writer_unhealthy(writer, backoff_next(&writer->backoff));
    if (writer->doubtful || !is_of_use(result)) {
        writer_disconnect(writer);
    } else {
        job_queue_accept(&writer->queue);
    }
}

static void *writer_main(void *context)
{
    struct store_writer *writer = context;
    enum job_queue_event event = JOB_QUEUE_DEADLINE;
    /* In a shared database all nodes wait for the one that writes. */
    if (!store_is_shared(writer->store)) {
        thread_give_way();
    }
    while (event != JOB_QUEUE_STOPPED) {
        struct batch batch = { 0 };
        bool rests = atomic_load(&writer->healthy) && !writer->refused;
        event =
            job_queue_take(&writer->queue, WRITER_BATCH_MAXIMUM,
                           rests ? JOB_QUEUE_FOREVER : writer->retry_at, batch.jobs, &batch.count);
        if (event == JOB_QUEUE_JOBS) {
            batch_run(writer, &batch);
        } else if (event == JOB_QUEUE_DEADLINE) {
            writer_recover(writer);
        }
    }
    writer_disconnect(writer);
    return NULL;
}

struct result store_writer_start(struct store *store, size_t queue_maximum,
                                 struct store_writer **ret_writer)
{
    ASSERT(queue_maximum >= 1);
    struct store_writer *writer = calloc(1, sizeof *writer);
    if (writer == NULL) {
        return fault(ERROR_INTERNAL, "no memory for the store's writer");
    }
    writer->store = store;
    writer->stopped = true; /* until the thread runs */
    atomic_store(&writer->healthy, true);
    job_queue_init(&writer->queue, queue_maximum);
    ASSERT(pthread_mutex_init(&writer->mutex, NULL) == 0);
    struct result result = writer_connect(writer);
    if (!result_failed(result)) {
        result = thread_start("store-writer", writer_main, writer, &writer->thread);
    }
    if (result_failed(result)) {
        writer_disconnect(writer);
        store_writer_free(writer);
        return result;
    }
    writer->stopped = false;
    *ret_writer = writer;
    return RESULT_OK;
}

void store_writer_observe(struct store_writer *writer, const struct store_observer *observer)
{
    (void)pthread_mutex_lock(&writer->mutex);
    writer->observer = *observer;
    (void)pthread_mutex_unlock(&writer->mutex);
}

bool store_writer_submit(struct store_writer *writer, struct store_job *job)
{
    return job_queue_put(&writer->queue, job);
}

bool store_writer_healthy(struct store_writer *writer)
{
    return atomic_load(&writer->healthy);
}

void store_writer_stop(struct store_writer *writer)
{
    if (writer->stopped) {
        return;
    }
    writer->stopped = true;
    job_queue_stop(&writer->queue);
    (void)pthread_join(writer->thread, NULL);
}

void store_writer_free(struct store_writer *writer)
{
    if (writer == NULL) {
        return;
    }
    store_writer_stop(writer);
    job_queue_free(&writer->queue);
    (void)pthread_mutex_destroy(&writer->mutex);
    free(writer);
}

struct store_writer_statistics store_writer_statistics(struct store_writer *writer)
{
    (void)pthread_mutex_lock(&writer->mutex);
    struct store_writer_statistics statistics = writer->statistics;
    (void)pthread_mutex_unlock(&writer->mutex);
    statistics.waiting = job_queue_count(&writer->queue);
    return statistics;
}
