#ifndef ORGKEYS_OS_THREADS_H
#define ORGKEYS_OS_THREADS_H

#include <pthread.h>

#include "base/result.h"

/* How many processors this process may run on: at least 1, at most THREADS_PROCESSORS_MAXIMUM. */
enum { THREADS_PROCESSORS_MAXIMUM = 256 };
unsigned threads_processors(void);

/*
 * Starts a thread. It blocks all signals but those of its own faults: the others are for the thread
 * that the process began with.
 * `name`, at most THREAD_NAME_MAXIMUM bytes, is what ps, top and debuggers show.
 */
enum { THREAD_NAME_MAXIMUM = 15 };
struct result thread_start(const char *name, void *(*run)(void *context), void *context,
                           pthread_t *ret_thread);

/*
 * The calling thread waits, where processors are short, for those that answer checks: it is nicer
 * by 10 than the process was started, a tenth of the weight. For those that can wait. Where the
 * system does not allow it, nothing changes.
 */
void thread_give_way(void);

#endif
