#ifndef ORGKEYS_STORE_WORKER_H
#define ORGKEYS_STORE_WORKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/result.h"
#include "store/store.h"

/*
 * The threads that use the store: a pool of readers, each with a session of its own, and one
 * writer. Work comes to them as jobs in bounded queues. The threads block all signals.
 *
 * Fault texts (base/result.h) are kept per thread, and jobs share a thread. So `run` takes its own,
 * with fault_take, before it returns: it knows the request that the line in the log must name. What
 * it leaves the worker logs without a name and forgets, before the next job is run. What befalls a
 * whole batch, or a session, the worker logs once; `done` then has an error without a text.
 */

enum {
    WRITER_BATCH_MAXIMUM = 64,
    /* Of a batch, after which it begins no other job: all nodes wait for the row that it holds. */
    WRITER_BATCH_MAXIMUM_MICROSECONDS = 500000,
    READERS_MAXIMUM = 64, /* threads of a pool */
    /* For finding out what became of a commit; after it no other connection is tried. */
    WRITER_SETTLE_MAXIMUM_MICROSECONDS = 15000000,
    /* The same with SQLite: no standby takes the place of a disk that fails. */
    WRITER_SETTLE_FILES_MAXIMUM_MICROSECONDS = 2000000,
};

struct store_job;

/* What the writer gives to each job of a batch: the time and the ids' source of the transaction. */
struct store_batch {
    struct store_state state; /* last_issued_at moves forward with store_batch_issue */
    int64_t now;              /* microseconds since 1970, by the clock: for what expires */
};

/* A time for a new id: after every time issued before, by any batch. */
int64_t store_batch_issue(struct store_batch *batch);

/*
 * Whoever follows what the writer commits, on the writer's thread. `prepare` is called in the
 * transaction, as the last thing before its commit, and can refuse it; `committed` once it is
 * known to be kept, before any job of it is done. `recover`: jobs were told OUTCOME_UNKNOWN, and
 * the database can be used again; nothing is written before it succeeds.
 */
struct store_observer {
    void *context;
    void (*begin)(void *context);
    struct result (*prepare)(void *context, struct store_session *session, int64_t revision);
    void (*committed)(void *context, int64_t revision);
    struct result (*recover)(void *context, struct store_session *session);
};

struct store_job {
    /*
     * Does the work. On a reader: inside a reading transaction of its own, so that all it reads is
     * of one snapshot and of one deadline; batch is NULL. On the writer: inside a savepoint of the
     * batch's transaction; when it fails, what it did is undone. It begins, ends and undoes no
     * transaction. A statement that it leaves half read is finished.
     */
    struct result (*run)(struct store_job *job, struct store_session *session,
                         struct store_batch *batch);
    /*
     * Called once, on the worker's thread, when the outcome is final: for the writer after the
     * commit of the batch is on disk. `outcome` is what run returned, or what befell the batch
     * (STORE_FULL, STORE_UNAVAILABLE, OUTCOME_UNKNOWN): then every job of the batch gets it, also
     * one that was refused, because a neighbour's undone work may be why. The job may free itself
     * here. It should be quick: the next batch waits for it. While the database is away it is
     * called instead of run, on the thread that submits and before that returns.
     */
    void (*done)(struct store_job *job, struct result outcome);
    /*
     * Of a writer's job, or NULL: called in the transaction once all that the job did has worked,
     * and is part of what will be committed.
     */
    void (*kept)(struct store_job *job);
    /* Of a reader's job: becomes true when the program ends, and ends the job soon (store.h). */
    const atomic_bool *stopping;
    struct store_job *next; /* of the queue */
};

struct store_readers;

/*
 * `threads` readers (1 to READERS_MAXIMUM), at most `queue_maximum` jobs that wait.
 *
 * When a session breaks in a job, and no other can be opened, the database is away: the jobs that
 * wait, and all that come, get STORE_UNAVAILABLE at once. One reader tries to come back, after
 * pauses (backoff.h). Once it has, at the first attempt too, the others open new sessions with
 * their next job.
 */
struct result store_readers_start(struct store *store, unsigned threads, size_t queue_maximum,
                                  struct store_readers **ret_readers);
/* False when the queue is full or stopping; the job was not taken then. */
bool store_readers_submit(struct store_readers *readers, struct store_job *job);
/* Finishes the jobs that wait, then ends the threads. Only the first call does anything. */
void store_readers_stop(struct store_readers *readers);
/* Stops first. NULL is allowed. */
void store_readers_free(struct store_readers *readers);

/*
 * The one writer. It takes the jobs that wait (at most WRITER_BATCH_MAXIMUM), runs each in a
 * savepoint of one transaction, commits once, then calls every done, in the order of submission.
 * What it did not begin within WRITER_BATCH_MAXIMUM_MICROSECONDS is the next batch's; at least one
 * job is begun. A batch in which every job failed, or changed nothing, is rolled back instead.
 * After an error that ended the transaction the whole batch gets that error.
 *
 * A transaction that the database does not let begin, as while others hold the row that it begins
 * with, costs its batch alone, which gets STORE_UNAVAILABLE; another one is tried at once. Only if
 * that may not begin either, the database is away.
 *
 * After a COMMIT whose outcome is unknown the session is reopened and the transaction's fate
 * settled (store_settle), for the time above and the connection that is tried then at most: known
 * then, the jobs get what happened; else OUTCOME_UNKNOWN. While it is settled, and while the
 * database is away, other jobs get STORE_UNAVAILABLE at once, without being run; the writer tries
 * to come back as readers do, also when no jobs come. A session that broke while nothing was done
 * is replaced when the next batch begins.
 */
struct store_writer;

struct result store_writer_start(struct store *store, size_t queue_maximum,
                                 struct store_writer **ret_writer);
/* Once, before the first job. The observer is copied; functions that are NULL are not called. */
void store_writer_observe(struct store_writer *writer, const struct store_observer *observer);
bool store_writer_submit(struct store_writer *writer, struct store_job *job);
/* Whether the last attempt to use the database worked. */
bool store_writer_healthy(struct store_writer *writer);
/* Finishes the jobs that wait, then ends the thread. Only the first call does anything. */
void store_writer_stop(struct store_writer *writer);
/* Stops first. NULL is allowed. */
void store_writer_free(struct store_writer *writer);

/* What /metrics shows. */
struct store_writer_statistics {
    uint64_t batches; /* that were committed */
    uint64_t jobs;    /* of batches, whatever their outcome */
    uint64_t waiting;
    uint64_t commit_failures; /* batches that ended in an error of the store */
    int64_t revision;         /* of the last commit; 0 before the first */
    int64_t doubtful_since;   /* by the monotonic clock; 0: every commit's outcome is known */
};
struct store_writer_statistics store_writer_statistics(struct store_writer *writer);

#endif
