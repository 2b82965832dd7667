#include <stdio.h>

#include "domain/organizations.h"
#include "server/commands.h"
#include "server/transaction.h"

/* The commands that work on the files of --data while no server holds them. */

struct outcome {
    const struct config *config;
    struct text admin_key;
    struct text organization_id;
    struct problem problem;
};

static struct result recover(struct work *work, void *context)
{
    struct outcome *outcome = context;
    struct result result = organization_recover(
        work, outcome->config->owner_email, outcome->config->revoke_others, &outcome->admin_key);
    outcome->organization_id = work->caller.organization_id;
    outcome->problem = work->problem;
    return result;
}

static struct result create(struct work *work, void *context)
{
    struct outcome *outcome = context;
    const struct config *config = outcome->config;
    struct result result = organization_found(work,
                                              &(struct organization_founding){
                                                  .name = config->organization_name,
                                                  .owner_email = config->owner_email,
                                                  .owner_name = config->owner_name,
                                              },
                                              &outcome->admin_key);
    outcome->organization_id = work->caller.organization_id;
    outcome->problem = work->problem;
    return result;
}

static int report_refusal(const struct outcome *outcome, struct result result)
{
    struct buffer message;
    buffer_init(&message, 1024);
    problem_write_message(&outcome->problem, result.error, &message);
    (void)fprintf(stderr, "orgkeys: %.*s\n", TEXT_ARGUMENTS(buffer_text(&message)));
    buffer_free(&message);
    return EXIT_STATUS_FAILURE;
}

static int run(struct config *config, struct result (*action)(struct work *, void *),
               const char *done)
{
    struct outcome outcome = { .config = config };
    struct store *store;
    struct arena arena;
    int status = EXIT_STATUS_OK;
    struct result result = store_open_for(config, &store);
    if (result_failed(result)) {
        return command_failed("cannot open the data", result);
    }
    arena_init(&arena, TRANSACTION_MEMORY_MAXIMUM);
    result = transaction_run(store, &arena, action, &outcome);
    if (error_describe(result.error)->status >= 500) {
        status = command_failed("nothing was done", result);
    } else if (result_failed(result)) {
        status = report_refusal(&outcome, result);
    } else {
        (void)fprintf(stderr, "%s of organization %.*s, shown this once:\n", done,
                      TEXT_ARGUMENTS(outcome.organization_id));
        (void)printf("%.*s\n", TEXT_ARGUMENTS(outcome.admin_key));
    }
    arena_reset(&arena);
    store_close(store);
    return status;
}

int command_recover(struct config *config)
{
    return run(config, recover, "A new admin key");
}

int command_organization_create(struct config *config)
{
    return run(config, create, "The first admin key");
}
