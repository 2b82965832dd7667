#include "keyring/nodes.h"

#include "store/statements.h"

static struct result slowest(struct store_session *session, int64_t *ret_revision)
{
    const struct store_row *row = NULL;
    TRY(store_query(session, NODE_SLOWEST, NULL, 0));
    struct result result = store_next(session, &row);
    if (!result_failed(result)) {
        *ret_revision = row != NULL ? row->values[0].integer : 0;
    }
    store_finish(session);
    return result;
}

struct result node_report(struct store_session *session, struct text node, int64_t now,
                          int64_t revision, bool *ret_more)
{
    const struct store_value seen[] = { store_text(node), store_integer(now),
                                        store_integer(revision) };
    const struct store_value oldest[] = { store_integer(now - NODE_LIFETIME_SECONDS) };
    int64_t followed = 0;
    int64_t deleted = 0;
    TRY(store_execute(session, NODE_SEE, seen, 3, NULL));
    TRY(store_execute(session, NODE_FORGET, oldest, 1, NULL));
    TRY(slowest(session, &followed));
    /* Each node knows the newest commit that it followed again: see following.c. */
    const struct store_value prune[] = { store_integer(followed - 1),
                                         store_integer(NODE_PRUNE_MAXIMUM) };
    TRY(store_execute(session, CHANGE_PRUNE, prune, 2, &deleted));
    *ret_more = deleted == NODE_PRUNE_MAXIMUM;
    return RESULT_OK;
}
