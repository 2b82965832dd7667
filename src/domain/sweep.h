#ifndef ORGKEYS_DOMAIN_SWEEP_H
#define ORGKEYS_DOMAIN_SWEEP_H

#include "domain/work.h"

enum { SWEEP_ROWS_MAXIMUM = 1000 };

/*
 * Deletes what is dead already but still takes room: keys and memberships of owners that are gone,
 * and audit events older than the retention. At most SWEEP_ROWS_MAXIMUM rows of each kind in one
 * call, so that no call waits long behind it; *ret_more says whether there may be more.
 */
struct result sweep(struct work *work, bool *ret_more);

#endif
