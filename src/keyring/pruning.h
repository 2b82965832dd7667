#ifndef ORGKEYS_KEYRING_PRUNING_H
#define ORGKEYS_KEYRING_PRUNING_H

#include <stdbool.h>

#include "base/result.h"
#include "store/store.h"

/*
 * What commits leave in `changes` for other nodes is deleted between PRUNING_AGE_SECONDS and twice
 * that later, by any of them. A node that has not followed it by then loads everything anew, so
 * nobody needs to know which nodes there are. The age goes by the monotonic clock of the node that
 * deletes: no two clocks are compared.
 */
enum {
    PRUNING_AGE_SECONDS = 600,
    PRUNING_ROWS_MAXIMUM = 1000, /* that are deleted at a time */
};

/* Zero at first. */
struct pruning {
    int64_t old;   /* the newest commit of at least PRUNING_AGE_SECONDS ago; 0: not known */
    int64_t young; /* the same, PRUNING_AGE_SECONDS before due_at */
    int64_t due_at;
};

/*
 * In a writing transaction, which advanced to `revision`. `now` in microseconds of the monotonic
 * clock. *ret_more: there is more to delete.
 */
struct result pruning_run(struct pruning *pruning, struct store_session *session, int64_t revision,
                          int64_t now, bool *ret_more);

#endif
