#include "keyring/pruning.h"

#include "base/clock.h"
#include "store/statements.h"

static void grow_older(struct pruning *pruning, int64_t newest, int64_t now)
{
    if (newest < pruning->young) {
        *pruning = (struct pruning){ 0 }; /* a database that was put back */
    }
    if (now >= pruning->due_at) {
        pruning->old = pruning->young;
        pruning->young = newest;
        pruning->due_at = now + (int64_t)PRUNING_AGE_SECONDS * MICROSECONDS_PER_SECOND;
    }
}

struct result pruning_run(struct pruning *pruning, struct store_session *session, int64_t revision,
                          int64_t now, bool *ret_more)
{
    int64_t deleted = 0;
    grow_older(pruning, revision - 1, now);
    /* Each node knows the newest commit that it followed again: see following.c. */
    const struct store_value values[] = { store_integer(pruning->old - 1),
                                          store_integer(PRUNING_ROWS_MAXIMUM) };
    TRY(store_execute(session, CHANGE_PRUNE, values, 2, &deleted));
    *ret_more = deleted == PRUNING_ROWS_MAXIMUM;
    return RESULT_OK;
}
