#include "os/threads.h"

#include <sched.h>

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
