#ifndef ORGKEYS_STORE_WORKER_H
#define ORGKEYS_STORE_WORKER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/result.h"
#include "store/store.h"

/*
 * The threads that use the store: a pool of readers, each with a session of its own, and one
 * writer. Work comes to them as jobs in bounded queues.
 */

enum { WRITER_BATCH_MAXIMUM = 64 };

struct store_job;

/* What the writer gives to each job of a batch: the time and the ids' source of the transaction. */
struct store_batch {
    struct store_state state; /* last_issued_at moves forward with store_batch_issue */
    int64_t now;              /* microseconds since 1970; not before the newest id's time */
};

/* A time for a new id: after every time issued before, by any batch (DESIGN 5). */
int64_t store_batch_issue(struct store_batch *batch);

struct store_job {
    /*
     * Does the work. On a reader: inside no transaction, batch is NULL. On the writer: inside a
     * savepoint of the batch's transaction; when it fails, what it did is undone.
     */
    struct result (*run)(struct store_job *job, struct store_session *session,
                         struct store_batch *batch);
    /*
     * Called once, on the worker's thread, when the outcome is final: for the writer after the
     * commit of the batch is on disk. `outcome` is what run returned, or what befell the batch
     * afterwards (STORE_FULL, STORE_UNAVAILABLE, OUTCOME_UNKNOWN), or SHUTTING_DOWN when the job
     * was never run. The job may free itself here.
     */
    void (*done)(struct store_job *job, struct result outcome);
    struct store_job *next; /* of the queue */
};

struct store_readers;

/* `threads` readers (1 to 64), at most `queue_maximum` jobs that wait. */
struct result store_readers_start(struct store *store, unsigned threads, size_t queue_maximum,
                                  struct store_readers **ret_readers);
/* False when the queue is full or stopping; the job was not taken then. */
bool store_readers_submit(struct store_readers *readers, struct store_job *job);
/* Finishes the jobs that wait, then ends the threads. */
void store_readers_stop(struct store_readers *readers);
void store_readers_free(struct store_readers *readers);

/*
 * The one writer. It takes the jobs that wait (at most WRITER_BATCH_MAXIMUM), runs each in a
 * savepoint of one transaction, commits once, then calls every done. A batch in which every job
 * failed, or changed nothing, is rolled back instead. After an error that ended the transaction the
 * whole batch gets that error. After a COMMIT whose outcome is unknown the session is reopened and
 * the revision compared with the batch's own: known then, the jobs get what happened; else
 * OUTCOME_UNKNOWN.
 */
struct store_writer;

struct result store_writer_start(struct store *store, size_t queue_maximum,
                                 struct store_writer **ret_writer);
bool store_writer_submit(struct store_writer *writer, struct store_job *job);
/* Whether the last attempt to use the database worked. */
bool store_writer_healthy(struct store_writer *writer);
void store_writer_stop(struct store_writer *writer);
void store_writer_free(struct store_writer *writer);

/* What /metrics shows. */
struct store_writer_statistics {
    uint64_t batches;
    uint64_t jobs;
    uint64_t waiting;
    uint64_t commit_failures;
    int64_t revision;
};
struct store_writer_statistics store_writer_statistics(struct store_writer *writer);

#endif
