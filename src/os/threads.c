#include "os/threads.h"

#include <sched.h>
#include <signal.h>
#include <string.h>

unsigned threads_processors(void)
{
    cpu_set_t processors;
    CPU_ZERO(&processors);
    /* More than CPU_SETSIZE processors make this fail; then there is no lack of them either. */
    if (sched_getaffinity(0, sizeof processors, &processors) != 0) {
        return THREADS_PROCESSORS_MAXIMUM;
    }
    unsigned count = (unsigned)CPU_COUNT(&processors);
    if (count > THREADS_PROCESSORS_MAXIMUM) {
        return THREADS_PROCESSORS_MAXIMUM;
    }
    return count > 0 ? count : 1;
}

struct result thread_start(const char *name, void *(*run)(void *context), void *context,
                           pthread_t *ret_thread)
{
    sigset_t all;
    sigset_t before;
    ASSERT(strlen(name) <= THREAD_NAME_MAXIMUM);
    (void)sigfillset(&all);
    /* The new thread inherits the mask. */
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    int error = pthread_create(ret_thread, NULL, run, context);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (error != 0) {
        return fault(ERROR_INTERNAL, "cannot start the thread %s: %s", name,
                     strerrordesc_np(error));
    }
    (void)pthread_setname_np(*ret_thread, name);
    return RESULT_OK;
}
