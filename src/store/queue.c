#include "store/queue.h"

#include <errno.h>
#include <time.h>

#include "base/clock.h"
#include "os/log.h"

void job_queue_init(struct job_queue *queue, size_t maximum)
{
    pthread_condattr_t attributes;
    *queue = (struct job_queue){ .maximum = maximum };
    queue->end = &queue->first;
    ASSERT(pthread_mutex_init(&queue->mutex, NULL) == 0);
    ASSERT(pthread_condattr_init(&attributes) == 0);
    ASSERT(pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC) == 0);
    ASSERT(pthread_cond_init(&queue->changed, &attributes) == 0);
    (void)pthread_condattr_destroy(&attributes);
}

void job_queue_free(struct job_queue *queue)
{
    ASSERT(queue->first == NULL);
    (void)pthread_cond_destroy(&queue->changed);
    (void)pthread_mutex_destroy(&queue->mutex);
}

bool job_queue_put(struct job_queue *queue, struct store_job *job)
{
    (void)pthread_mutex_lock(&queue->mutex);
    bool taken = !queue->stopping && queue->count < queue->maximum;
    bool refused = taken && queue->refusing;
    if (taken && !refused) {
        job->next = NULL;
        *queue->end = job;
        queue->end = &job->next;
        queue->count++;
        (void)pthread_cond_signal(&queue->changed);
    }
    (void)pthread_mutex_unlock(&queue->mutex);
    if (refused) {
        job->done(job, refuse(ERROR_STORE_UNAVAILABLE));
    }
    return taken;
}

void job_queue_refuse(struct job_queue *queue)
{
    (void)pthread_mutex_lock(&queue->mutex);
    struct store_job *job = queue->first;
    queue->refusing = true;
    queue->first = NULL;
    queue->end = &queue->first;
    queue->count = 0;
    (void)pthread_mutex_unlock(&queue->mutex);
    while (job != NULL) {
        struct store_job *next = job->next;
        job->done(job, refuse(ERROR_STORE_UNAVAILABLE));
        job = next;
    }
}

void job_queue_accept(struct job_queue *queue)
{
    (void)pthread_mutex_lock(&queue->mutex);
    queue->refusing = false;
    (void)pthread_mutex_unlock(&queue->mutex);
}

void job_queue_stop(struct job_queue *queue)
{
    (void)pthread_mutex_lock(&queue->mutex);
    queue->stopping = true;
    (void)pthread_cond_broadcast(&queue->changed);
    (void)pthread_mutex_unlock(&queue->mutex);
}

size_t job_queue_count(struct job_queue *queue)
{
    (void)pthread_mutex_lock(&queue->mutex);
    size_t count = queue->count;
    (void)pthread_mutex_unlock(&queue->mutex);
    return count;
}

/* With the mutex held. */
static size_t take_waiting(struct job_queue *queue, size_t maximum, struct store_job **ret_jobs)
{
    size_t count = 0;
    while (queue->first != NULL && count < maximum) {
        ret_jobs[count] = queue->first;
        queue->first = queue->first->next;
        count++;
    }
    if (queue->first == NULL) {
        queue->end = &queue->first;
    }
    queue->count -= count;
    return count;
}

/* With the mutex held. False once the deadline has passed. */
static bool wait_for_change(struct job_queue *queue, int64_t deadline)
{
    if (deadline == JOB_QUEUE_FOREVER) {
        return pthread_cond_wait(&queue->changed, &queue->mutex) == 0;
    }
    struct timespec time = {
        .tv_sec = deadline / MICROSECONDS_PER_SECOND,
        .tv_nsec = deadline % MICROSECONDS_PER_SECOND * 1000,
    };
    return pthread_cond_timedwait(&queue->changed, &queue->mutex, &time) != ETIMEDOUT;
}

enum job_queue_event job_queue_take(struct job_queue *queue, size_t maximum, int64_t deadline,
                                    struct store_job **ret_jobs, size_t *ret_count)
{
    (void)pthread_mutex_lock(&queue->mutex);
    bool in_time = true;
    while (queue->first == NULL && !queue->stopping && in_time) {
        in_time = wait_for_change(queue, deadline);
    }
    size_t count = take_waiting(queue, maximum, ret_jobs);
    bool stopping = queue->stopping;
    (void)pthread_mutex_unlock(&queue->mutex);
    *ret_count = count;
    if (count > 0) {
        return JOB_QUEUE_JOBS;
    }
    return stopping ? JOB_QUEUE_STOPPED : JOB_QUEUE_DEADLINE;
}

void job_queue_return(struct job_queue *queue, struct store_job *const *jobs, size_t count)
{
    (void)pthread_mutex_lock(&queue->mutex);
    for (size_t i = count; i > 0; i--) {
        struct store_job *job = jobs[i - 1];
        job->next = queue->first;
        if (queue->first == NULL) {
            queue->end = &job->next;
        }
        queue->first = job;
    }
    queue->count += count;
    (void)pthread_mutex_unlock(&queue->mutex);
}

bool job_queue_rest(struct job_queue *queue, int64_t end)
{
    (void)pthread_mutex_lock(&queue->mutex);
    while (!queue->stopping && wait_for_change(queue, end)) {
    }
    bool stopping = queue->stopping;
    (void)pthread_mutex_unlock(&queue->mutex);
    return !stopping;
}

bool worker_log_fault(const char *event, struct result result)
{
    struct text text = fault_take();
    if (text.data == NULL) {
        return false;
    }
    log_at(LOG_ERROR, event, LOG_TEXT_FIELD("error", text_of(error_describe(result.error)->name)),
           LOG_TEXT_FIELD("fault", text));
    return true;
}
