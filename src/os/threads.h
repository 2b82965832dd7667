#ifndef ORGKEYS_OS_THREADS_H
#define ORGKEYS_OS_THREADS_H

/* How many processors this process may run on: at least 1, at most THREADS_PROCESSORS_MAXIMUM. */
enum { THREADS_PROCESSORS_MAXIMUM = 256 };
unsigned threads_processors(void);

#endif
