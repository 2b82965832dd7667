#ifndef ORGKEYS_STORE_QUEUE_H
#define ORGKEYS_STORE_QUEUE_H

#include <pthread.h>

#include "store/worker.h"

/* Jobs that wait for a worker, in the order in which they came, at most `maximum`. */
struct job_queue {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    struct store_job *first;
    struct store_job **end; /* where the next one is linked */
    size_t count;
    size_t maximum;
    bool stopping;
    bool refusing;
};

void job_queue_init(struct job_queue *queue, size_t maximum);
/* The queue must be empty and nobody may use it any more. */
void job_queue_free(struct job_queue *queue);

/*
 * False, and the job was not taken, when the queue is full or stopping. While the queue refuses,
 * the job is done before this returns.
 */
bool job_queue_put(struct job_queue *queue, struct store_job *job);
/*
 * The jobs that wait, and those that are put until job_queue_accept, are done with
 * STORE_UNAVAILABLE at once, without being run.
 */
void job_queue_refuse(struct job_queue *queue);
void job_queue_accept(struct job_queue *queue);
/* From then on nothing is put; what waits can still be taken. */
void job_queue_stop(struct job_queue *queue);
size_t job_queue_count(struct job_queue *queue);

enum job_queue_event { JOB_QUEUE_JOBS, JOB_QUEUE_DEADLINE, JOB_QUEUE_STOPPED };

/* A deadline that never comes. */
#define JOB_QUEUE_FOREVER INT64_MAX

/*
 * Waits for jobs and takes those that are there, at most `maximum`: JOBS. Without any: DEADLINE
 * once the monotonic clock has reached it, STOPPED once the queue is stopping.
 */
enum job_queue_event job_queue_take(struct job_queue *queue, size_t maximum, int64_t deadline,
                                    struct store_job **ret_jobs, size_t *ret_count);

/* Jobs that were taken last, and not begun: they are again the first that wait, in their order. */
void job_queue_return(struct job_queue *queue, struct store_job *const *jobs, size_t count);

/* Waits until the monotonic clock has reached `end`. False: the queue is stopping. */
bool job_queue_rest(struct job_queue *queue, int64_t end);

/* Logs the thread's fault text, and forgets it. False: there was none. */
bool worker_log_fault(const char *event, struct result result);

#endif
