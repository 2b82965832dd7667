#ifndef ORGKEYS_OS_PROCESS_H
#define ORGKEYS_OS_PROCESS_H

#include <stddef.h>

#include "base/result.h"

/* Lets the metrics of the process itself (its start, its memory) be read. At start, once. */
void process_set_metrics(void);

/*
 * Lets the process open as many descriptors, or as many as its hard limit allows; gives how many it
 * may have open from now on.
 */
struct result process_allow_descriptors(size_t wanted, size_t *ret_allowed);

#endif
