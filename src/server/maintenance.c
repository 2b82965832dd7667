#include "server/maintenance.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "domain/sweep.h"
#include "os/log.h"
#include "os/threads.h"

enum { MAINTENANCE_MEMORY_MAXIMUM = 4 * 1024 * 1024 };

struct maintenance {
    struct store_job job; /* first, so that the job is its maintenance */
    struct store_writer *writer;
    struct keyring *keyring;
    const struct settings *settings;
    struct arena arena; /* of a round: holds the changes to follow */
    struct key_change *changes;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool is_stopping;
    bool is_running; /* the job is with the writer */
    bool has_more;
};

static struct result run(struct store_job *job, struct store_session *session,
                         struct store_batch *batch)
{
    struct maintenance *maintenance = (struct maintenance *)job;
    struct work work = {
        .session = session,
        .batch = batch,
        .arena = &maintenance->arena,
        .settings = maintenance->settings,
    };
    bool has_more = false;
    struct result result = sweep(&work, &has_more);
    if (result_failed(result)) {
        log_at(LOG_ERROR, "sweep failed", LOG_TEXT_FIELD("fault", fault_take()));
    }
    (void)pthread_mutex_lock(&maintenance->lock);
    maintenance->has_more = has_more && !result_failed(result);
    (void)pthread_mutex_unlock(&maintenance->lock);
    maintenance->changes = work.changes;
    return result;
}

static void done(struct store_job *job, struct result outcome)
{
    struct maintenance *maintenance = (struct maintenance *)job;
    if (!result_failed(outcome)) {
        keyring_follow(maintenance->keyring, maintenance->changes);
    }
    arena_reset(&maintenance->arena);
    (void)pthread_mutex_lock(&maintenance->lock);
    maintenance->is_running = false;
    maintenance->has_more &= !result_failed(outcome);
    (void)pthread_cond_signal(&maintenance->changed);
    (void)pthread_mutex_unlock(&maintenance->lock);
}

/* Under the lock. A full queue only means that the next round has more to do. */
static void sweep_once(struct maintenance *maintenance)
{
    maintenance->has_more = false;
    maintenance->is_running = true;
    maintenance->job = (struct store_job){ .run = run, .done = done };
    (void)pthread_mutex_unlock(&maintenance->lock);
    bool submitted = store_writer_submit(maintenance->writer, &maintenance->job);
    (void)pthread_mutex_lock(&maintenance->lock);
    if (!submitted) {
        maintenance->is_running = false;
    }
    while (maintenance->is_running) {
        (void)pthread_cond_wait(&maintenance->changed, &maintenance->lock);
    }
}

/* Under the lock, until the next round is due. */
static void rest(struct maintenance *maintenance)
{
    struct timespec due;
    (void)clock_gettime(CLOCK_MONOTONIC, &due);
    due.tv_sec += MAINTENANCE_INTERVAL_SECONDS;
    while (!maintenance->is_stopping &&
           pthread_cond_timedwait(&maintenance->changed, &maintenance->lock, &due) == 0) {
    }
}

static void *maintain(void *context)
{
    struct maintenance *maintenance = context;
    (void)pthread_mutex_lock(&maintenance->lock);
    while (!maintenance->is_stopping) {
        sweep_once(maintenance);
        if (!maintenance->has_more) {
            rest(maintenance);
        }
    }
    (void)pthread_mutex_unlock(&maintenance->lock);
    return NULL;
}

static void initialize_signalling(struct maintenance *maintenance)
{
    pthread_condattr_t attributes;
    (void)pthread_mutex_init(&maintenance->lock, NULL);
    (void)pthread_condattr_init(&attributes);
    (void)pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&maintenance->changed, &attributes);
    (void)pthread_condattr_destroy(&attributes);
}

struct result maintenance_start(struct store_writer *writer, struct keyring *keyring,
                                const struct settings *settings,
                                struct maintenance **ret_maintenance)
{
    struct maintenance *maintenance = calloc(1, sizeof *maintenance);
    if (maintenance == NULL) {
        return fault(ERROR_INTERNAL, "no memory for the maintenance");
    }
    maintenance->writer = writer;
    maintenance->settings = settings;
    maintenance->keyring = keyring;
    arena_init(&maintenance->arena, MAINTENANCE_MEMORY_MAXIMUM);
    initialize_signalling(maintenance);
    struct result result = thread_start("maintenance", maintain, maintenance, &maintenance->thread);
    if (result_failed(result)) {
        (void)pthread_cond_destroy(&maintenance->changed);
        (void)pthread_mutex_destroy(&maintenance->lock);
        free(maintenance);
        return result;
    }
    *ret_maintenance = maintenance;
    return RESULT_OK;
}

void maintenance_stop(struct maintenance *maintenance)
{
    if (maintenance == NULL) {
        return;
    }
    (void)pthread_mutex_lock(&maintenance->lock);
    maintenance->is_stopping = true;
    (void)pthread_cond_signal(&maintenance->changed);
    (void)pthread_mutex_unlock(&maintenance->lock);
    (void)pthread_join(maintenance->thread, NULL);
    (void)pthread_cond_destroy(&maintenance->changed);
    (void)pthread_mutex_destroy(&maintenance->lock);
    free(maintenance);
}
