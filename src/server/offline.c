#include <stdio.h>

#include "domain/organizations.h"
#include "server/commands.h"
#include "server/transaction.h"
#include "store/directory.h"

/* The commands that work on the files of --data while no server holds them. */

struct outcome {
    const struct config *config;
    struct text admin_key;
    struct text organization_id;
    bool is_new; /* the organization */
    struct problem problem;
};

static struct result recover(struct work *work, void *context)
{
    struct outcome *outcome = context;
    const struct config *config = outcome->config;
    struct result result = organization_recover(work,
                                                &(struct organization_recovery){
                                                    .organization_id = config->organization_id,
                                                    .owner_email = config->owner_email,
                                                    .revoke_others = config->revoke_others,
                                                },
                                                &outcome->admin_key);
    outcome->organization_id = work->caller.organization_id;
    outcome->problem = work->problem;
    return result;
}

static struct result create(struct work *work, void *context)
{
    struct outcome *outcome = context;
    const struct config *config = outcome->config;
    struct text owner_id;
    struct result result = organization_found(work,
                                              &(struct organization_founding){
                                                  .name = config->organization_name,
                                                  .owner_email = config->owner_email,
                                                  .owner_name = config->owner_name,
                                              },
                                              &outcome->admin_key, &owner_id);
    outcome->organization_id = work->caller.organization_id;
    outcome->problem = work->problem;
    outcome->is_new = !result_failed(result);
    return result;
}

/* A commit whose outcome is unknown may have made the key: then it is worth showing. */
static bool may_have_key(struct result result)
{
    return !result_failed(result) || result.error == ERROR_OUTCOME_UNKNOWN;
}

static int run(struct config *config, struct result (*action)(struct work *, void *),
               const char *done)
{
    const struct settings settings = { .public_url = TEXT("") };
    struct outcome outcome = { .config = config };
    struct store *store;
    struct arena arena;
    struct result result =
        config->database_url.data == NULL ? store_directory_act_as_owner(config->data) : RESULT_OK;
    if (!result_failed(result)) {
        result = store_open_for(config, STORE_MUST_EXIST, &store);
    }
    if (result_failed(result)) {
        return command_failed("cannot open the data", result, &outcome.problem);
    }
    arena_init(&arena, TRANSACTION_MEMORY_MAXIMUM);
    result = transaction_run(store, &settings, &arena, action, &outcome);
    int status =
        result_failed(result) ? command_failed("failed", result, &outcome.problem) : EXIT_STATUS_OK;
    if (may_have_key(result)) {
        (void)fprintf(stderr, "%s of organization %.*s, shown this once:\n", done,
                      TEXT_ARGUMENTS(outcome.organization_id));
        if (command_print(outcome.admin_key) != EXIT_STATUS_OK ||
            command_print(TEXT("\n")) != EXIT_STATUS_OK) {
            (void)fputs("The key is lost: `orgkeys recover` makes another one.\n", stderr);
            status = EXIT_STATUS_FAILURE;
        }
    }
    if (outcome.is_new) {
        (void)fprintf(
            stderr,
            "Checks let in only keys of the oldest organization. For keys of this one, ask "
            "/auth?organization=%.*s, or organization=any for those of all.\n",
            TEXT_ARGUMENTS(outcome.organization_id));
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
