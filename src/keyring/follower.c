#include "keyring/follower.h"

#include <pthread.h>
#include <stdlib.h>

#include "os/log.h"
#include "os/threads.h"
#include "store/backoff.h"

struct follower {
    struct store *store;
    struct following *following;
    struct store_session *session; /* NULL while there is none */
    pthread_t thread;
    atomic_bool is_connected;
    atomic_bool is_stopping;
};

static void disconnect(struct follower *follower)
{
    store_session_close(follower->session);
    follower->session = NULL;
}

static struct result connect(struct follower *follower)
{
    TRY(store_session_open(follower->store, STORE_FOLLOW, &follower->session));
    store_session_watch(follower->session, &follower->is_stopping);
    return store_listen(follower->session);
}

/* What a session cannot follow, a new one may: it leads to where the database is now. */
static struct result look(struct follower *follower)
{
    if (follower->session != NULL && !store_session_broken(follower->session)) {
        struct result result = following_catch_up(follower->following, follower->session, false);
        if (!result_failed(result) || atomic_load(&follower->is_stopping)) {
            return result;
        }
        (void)fault_take();
    }
    disconnect(follower);
    TRY(connect(follower));
    return following_catch_up(follower->following, follower->session, true);
}

/* Said once, until it is over; not what ends because the program does. */
static void note(struct follower *follower, struct result result)
{
    bool connected = !result_failed(result);
    struct text fault = fault_take();
    if (connected == atomic_exchange(&follower->is_connected, connected) ||
        atomic_load(&follower->is_stopping)) {
        return;
    }
    if (connected) {
        log_event(LOG_INFO, "commits of other nodes are followed again", NULL, 0);
    } else {
        log_at(LOG_ERROR, "commits of other nodes cannot be followed",
               LOG_TEXT_FIELD("fault", fault));
    }
}

static void *follow(void *context)
{
    struct follower *follower = context;
    struct backoff backoff = { 0 };
    while (!atomic_load(&follower->is_stopping)) {
        struct result result = look(follower);
        if (!result_failed(result)) {
            result = store_wait(follower->session, FOLLOWER_SWEEP_MICROSECONDS);
        }
        note(follower, result);
        if (result_failed(result)) {
            disconnect(follower);
            backoff_wait(&backoff);
        } else {
            backoff_reset(&backoff);
        }
    }
    disconnect(follower);
    return NULL;
}

struct result follower_start(struct store *store, struct following *following,
                             struct follower **ret_follower)
{
    struct follower *follower = calloc(1, sizeof *follower);
    if (follower == NULL) {
        return fault(ERROR_INTERNAL, "no memory to follow other nodes");
    }
    follower->store = store;
    follower->following = following;
    atomic_store(&follower->is_connected, true);
    struct result result = thread_start("follower", follow, follower, &follower->thread);
    if (result_failed(result)) {
        free(follower);
        return result;
    }
    *ret_follower = follower;
    return RESULT_OK;
}

void follower_stop(struct follower *follower)
{
    if (follower != NULL) {
        atomic_store(&follower->is_stopping, true);
        (void)pthread_join(follower->thread, NULL);
        free(follower);
    }
}

bool follower_is_connected(struct follower *follower)
{
    return atomic_load(&follower->is_connected);
}
