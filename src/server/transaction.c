#include "server/transaction.h"

#include "base/clock.h"
#include "keyring/following.h"
#include "store/statements.h"

struct result store_open_for(const struct config *config, enum store_creation creation,
                             struct store **ret_store)
{
    return store_open(
        &(struct store_options){
            .database_url = config->database_url,
            .directory = config->data,
            .creation = creation,
            .statements = statements,
            .statement_count = STATEMENT_COUNT,
        },
        ret_store);
}

static struct result run_and_commit(struct store *store, struct work *work,
                                    struct result (*run)(struct work *work, void *context),
                                    void *context)
{
    struct store_batch batch = { .now = clock_now_microseconds() };
    TRY(store_begin(work->session));
    TRY(store_state_advance(work->session, &batch.state));
    work->batch = &batch;
    TRY(run(work, context));
    TRY(store_state_keep(work->session, batch.state.last_issued_at));
    if (store_is_shared(store)) {
        TRY(following_publish(work->session, TEXT("command"), batch.state.revision, work->changes));
    }
    return store_commit(work->session);
}

struct result transaction_run(struct store *store, const struct settings *settings,
                              struct arena *arena,
                              struct result (*run)(struct work *work, void *context), void *context)
{
    struct work work = { .arena = arena, .settings = settings };
    TRY(store_session_open(store, STORE_WRITE, &work.session));
    struct result result = run_and_commit(store, &work, run, context);
    if (result_failed(result) && store_in_transaction(work.session)) {
        store_rollback(work.session);
    }
    store_session_close(work.session);
    return result;
}
