#include "os/threads.h"

#include <sched.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

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

/* What a new thread inherits. */
struct inherited {
    sigset_t blocked;
    char name[THREAD_NAME_MAXIMUM + 1];
};

static struct inherited current(void)
{
    struct inherited current = { .name = "" };
    (void)pthread_sigmask(SIG_SETMASK, NULL, &current.blocked);
    (void)pthread_getname_np(pthread_self(), current.name, sizeof current.name);
    return current;
}

static void become(const struct inherited *inherited)
{
    (void)pthread_sigmask(SIG_SETMASK, &inherited->blocked, NULL);
    (void)pthread_setname_np(pthread_self(), inherited->name);
}

/* A fault that is blocked ends the process before a sanitizer can say where it was. */
static sigset_t all_but_faults(void)
{
    static const int faults[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL };
    sigset_t signals;
    (void)sigfillset(&signals);
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        (void)sigdelset(&signals, faults[i]);
    }
    return signals;
}

/* The name of another thread is a file below /proc, which a confined process may not write. */
struct result thread_start(const char *name, void *(*run)(void *context), void *context,
                           pthread_t *ret_thread)
{
    struct inherited before = current();
    struct inherited inherited = { .blocked = all_but_faults() };
    ASSERT(strlen(name) <= THREAD_NAME_MAXIMUM);
    memcpy(inherited.name, name, strlen(name) + 1);
    become(&inherited);
    int error = pthread_create(ret_thread, NULL, run, context);
    become(&before);
    if (error != 0) {
        return fault(ERROR_INTERNAL, "cannot start the thread %s: %s", name,
                     strerrordesc_np(error));
    }
    return RESULT_OK;
}

/* On Linux, of this thread alone: see sched(7). */
enum { NICENESS = 10 };

void thread_give_way(void)
{
    /* -1 is a niceness too, and a failure changes nothing. */
    int niceness = nice(NICENESS);
    (void)niceness;
}
