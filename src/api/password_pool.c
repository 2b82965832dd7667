#include "api/password_pool.h"

#include <stdlib.h>

#include "os/password.h"
#include "os/threads.h"
#include "store/queue.h"

struct password_pool {
    struct job_queue queue;
    pthread_t threads[PASSWORD_POOL_THREADS];
    unsigned count; /* of threads that run */
};

static void *work(void *context)
{
    struct password_pool *pool = context;
    struct store_job *job = NULL;
    size_t count = 0;
    thread_give_way();
    while (job_queue_take(&pool->queue, 1, JOB_QUEUE_FOREVER, &job, &count) == JOB_QUEUE_JOBS) {
        job->done(job, job->run(job, NULL, NULL));
    }
    return NULL;
}

struct result password_pool_start(struct password_pool **ret_pool)
{
    TRY(password_initialize());
    struct password_pool *pool = calloc(1, sizeof *pool);
    if (pool == NULL) {
        return fault(ERROR_INTERNAL, "no memory for the passwords' threads");
    }
    job_queue_init(&pool->queue, PASSWORD_POOL_QUEUE_MAXIMUM);
    for (unsigned i = 0; i < PASSWORD_POOL_THREADS; i++) {
        struct result result = thread_start("password", work, pool, &pool->threads[i]);
        if (result_failed(result)) {
            password_pool_stop(pool);
            return result;
        }
        pool->count++;
    }
    *ret_pool = pool;
    return RESULT_OK;
}

void password_pool_stop(struct password_pool *pool)
{
    if (pool == NULL) {
        return;
    }
    job_queue_stop(&pool->queue);
    for (unsigned i = 0; i < pool->count; i++) {
        (void)pthread_join(pool->threads[i], NULL);
    }
    job_queue_free(&pool->queue);
    free(pool);
}

bool password_pool_submit(struct password_pool *pool, struct store_job *job)
{
    return job_queue_put(&pool->queue, job);
}
