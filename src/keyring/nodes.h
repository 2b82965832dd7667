#ifndef ORGKEYS_KEYRING_NODES_H
#define ORGKEYS_KEYRING_NODES_H

#include <stdbool.h>

#include "base/result.h"
#include "base/text.h"
#include "store/store.h"

/*
 * The nodes that share a database. Each says from time to time that it is there, and how far it has
 * followed; what all of them have gone beyond is deleted from `changes`. One that was not seen for
 * NODE_LIFETIME_SECONDS counts no more: should it come back, it loads everything anew. Times are
 * those of the nodes' clocks, which need not agree to the second.
 */
enum {
    NODE_REPORT_SECONDS = 5,
    NODE_LIFETIME_SECONDS = 600,
    NODE_PRUNE_MAXIMUM = 1000, /* commits whose changes one report deletes */
};

/* In a writing transaction. `now` in seconds since 1970. *ret_more: there is more to delete. */
struct result node_report(struct store_session *session, struct text node, int64_t now,
                          int64_t revision, bool *ret_more);

#endif
