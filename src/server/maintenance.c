#include "server/maintenance.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "domain/key_uses.h"
#include "domain/sweep.h"
#include "keyring/pruning.h"
#include "os/log.h"
#include "os/threads.h"

enum { MAINTENANCE_MEMORY_MAXIMUM = 4 * 1024 * 1024 };

enum task_name { TASK_SWEEP, TASK_USES, TASK_PRUNE, TASK_COUNT };

struct maintenance {
    struct store_job job; /* first, so that the job is its maintenance */
    struct maintenance_options options;
    int64_t due[TASK_COUNT]; /* by the monotonic clock */
    pthread_t thread;

    /* Of the task that runs; the writer's as long as is_running. */
    enum task_name task;
    struct arena arena; /* holds the changes to follow */
    struct work work;
    bool has_more;
    int64_t begun_at; /* by the monotonic clock */
    struct pruning pruning;

    /* Taken from the keyring; kept until they are written. */
    struct key_use uses[KEY_USES_MAXIMUM];
    size_t use_count;

    pthread_mutex_t lock; /* over the next two */
    pthread_cond_t changed;
    bool is_stopping;
    bool is_running; /* the job is with the writer */
};

/* ---- The tasks, on the writer's thread ---- */

static struct result run_sweep(struct maintenance *maintenance)
{
    return sweep(&maintenance->work, &maintenance->has_more);
}

static struct result run_uses(struct maintenance *maintenance)
{
    if (maintenance->use_count == 0) {
        maintenance->use_count =
            keyring_take_uses(maintenance->options.keyring, maintenance->uses, KEY_USES_MAXIMUM);
    }
    maintenance->has_more = maintenance->use_count == KEY_USES_MAXIMUM;
    return key_uses_record(&maintenance->work, maintenance->uses, maintenance->use_count);
}

/* It keeps what is there already, so that there is something to commit. */
static struct result run_prune(struct maintenance *maintenance)
{
    struct store_session *session = maintenance->work.session;
    const struct store_state *state = &maintenance->work.batch->state;
    TRY(store_state_keep(session, state->last_issued_at));
    return pruning_run(&maintenance->pruning, session, state->revision,
                       clock_monotonic_microseconds(), &maintenance->has_more);
}

static const struct task {
    const char *failure; /* for the log */
    struct result (*run)(struct maintenance *maintenance);
} tasks[TASK_COUNT] = {
    [TASK_SWEEP] = { "sweep failed", run_sweep },
    [TASK_USES] = { "uses of keys cannot be recorded", run_uses },
    [TASK_PRUNE] = { "changes that were followed cannot be deleted", run_prune },
};

static struct result run(struct store_job *job, struct store_session *session,
                         struct store_batch *batch)
{
    struct maintenance *maintenance = (struct maintenance *)job;
    const struct task *task = &tasks[maintenance->task];
    maintenance->work = (struct work){
        .session = session,
        .batch = batch,
        .arena = &maintenance->arena,
        .settings = maintenance->options.settings,
    };
    struct result result = task->run(maintenance);
    if (result_failed(result)) {
        log_at(LOG_ERROR, task->failure, LOG_TEXT_FIELD("fault", fault_take()));
    }
    return result;
}

static void kept(struct store_job *job)
{
    struct maintenance *maintenance = (struct maintenance *)job;
    following_add(maintenance->options.following, maintenance->work.changes);
}

static void done(struct store_job *job, struct result outcome)
{
    struct maintenance *maintenance = (struct maintenance *)job;
    /* Without space nobody can commit: what the node has is all there is. */
    if (outcome.error == ERROR_STORE_FULL) {
        following_prove(maintenance->options.following, maintenance->begun_at);
    }
    if (result_failed(outcome)) {
        maintenance->has_more = false;
    } else if (maintenance->task == TASK_USES) {
        maintenance->use_count = 0;
    }
    arena_reset(&maintenance->arena);
    (void)pthread_mutex_lock(&maintenance->lock);
    maintenance->is_running = false;
    (void)pthread_cond_signal(&maintenance->changed);
    (void)pthread_mutex_unlock(&maintenance->lock);
}

/* ---- The thread ---- */

static int64_t interval_of(const struct maintenance *maintenance, enum task_name task)
{
    static const int64_t seconds[TASK_COUNT] = {
        [TASK_SWEEP] = MAINTENANCE_SWEEP_SECONDS,
        [TASK_PRUNE] = MAINTENANCE_PRUNE_SECONDS,
    };
    return task == TASK_USES ? maintenance->options.last_used_interval
                             : seconds[task] * MICROSECONDS_PER_SECOND;
}

/* Under the lock. A full queue only means that the next round has more to do. */
static void run_once(struct maintenance *maintenance, enum task_name task)
{
    maintenance->task = task;
    maintenance->has_more = false;
    maintenance->begun_at = clock_monotonic_microseconds();
    maintenance->job = (struct store_job){ .run = run, .kept = kept, .done = done };
    maintenance->is_running = true;
    (void)pthread_mutex_unlock(&maintenance->lock);
    bool submitted = store_writer_submit(maintenance->options.writer, &maintenance->job);
    (void)pthread_mutex_lock(&maintenance->lock);
    if (!submitted) {
        maintenance->is_running = false;
    }
    while (maintenance->is_running) {
        (void)pthread_cond_wait(&maintenance->changed, &maintenance->lock);
    }
    maintenance->due[task] = clock_monotonic_microseconds() +
                             (maintenance->has_more ? 0 : interval_of(maintenance, task));
}

static enum task_name next_task(const struct maintenance *maintenance)
{
    enum task_name next = 0;
    for (enum task_name task = 0; task < TASK_COUNT; task++) {
        next = maintenance->due[task] < maintenance->due[next] ? task : next;
    }
    return next;
}

/* Under the lock. False when the time has come, or the end. */
static bool rest_until(struct maintenance *maintenance, int64_t due)
{
    struct timespec time = {
        .tv_sec = due / MICROSECONDS_PER_SECOND,
        .tv_nsec = due % MICROSECONDS_PER_SECOND * 1000,
    };
    return !maintenance->is_stopping &&
           pthread_cond_timedwait(&maintenance->changed, &maintenance->lock, &time) == 0;
}

static void *maintain(void *context)
{
    struct maintenance *maintenance = context;
    thread_give_way();
    (void)pthread_mutex_lock(&maintenance->lock);
    while (!maintenance->is_stopping) {
        enum task_name task = next_task(maintenance);
        while (rest_until(maintenance, maintenance->due[task])) {
        }
        if (!maintenance->is_stopping) {
            run_once(maintenance, task);
        }
    }
    do {
        run_once(maintenance, TASK_USES);
    } while (maintenance->has_more);
    if (maintenance->use_count > 0) {
        log_event(LOG_WARNING, "the last uses of keys could not be recorded", NULL, 0);
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

struct result maintenance_start(const struct maintenance_options *options,
                                struct maintenance **ret_maintenance)
{
    struct maintenance *maintenance = calloc(1, sizeof *maintenance);
    if (maintenance == NULL) {
        return fault(ERROR_INTERNAL, "no memory for the maintenance");
    }
    maintenance->options = *options;
    maintenance->due[TASK_USES] = clock_monotonic_microseconds() + options->last_used_interval;
    maintenance->due[TASK_PRUNE] = options->is_shared ? 0 : INT64_MAX;
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
