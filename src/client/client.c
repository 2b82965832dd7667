#include "client/client.h"

#include <limits.h>
#include <stdlib.h>

#include "base/secret.h"
#include "client/transfer.h"

enum { OPTIONS_MEMORY_MAXIMUM = 64 * 1024, RETRIES_MAXIMUM = 10 };
_Static_assert(OPTIONS_MEMORY_MAXIMUM > 6 * CLIENT_OPTION_MAXIMUM, "there is room for all options");

static const orgkeys_client_options default_options = ORGKEYS_CLIENT_OPTIONS_INIT;

/* What was given, else the environment's, else the preset. Empty counts as not given, as in the
 * other SDKs. */
static struct text choose(const char *given, const char *variable, const char *preset)
{
    struct text value = text_of(given);
    if (text_is_empty(value)) {
        value = text_of(getenv(variable));
    }
    return text_is_empty(value) ? text_of(preset) : value;
}

static struct text without_slashes(struct text url)
{
    while (text_ends_with(url, TEXT("/"))) {
        url.length--;
    }
    return url;
}

/* /auth and /oauth2 lie beside /v1, not below it. */
static struct text root_of(struct orgkeys_client *client)
{
    struct text root = client->base_url;
    if (text_ends_with(root, TEXT("/v1"))) {
        root.length -= sizeof "/v1" - 1;
    }
    return arena_format(&client->arena, "%.*s/", TEXT_ARGUMENTS(without_slashes(root)));
}

static orgkeys_status copy_options(struct orgkeys_client *client,
                                   const orgkeys_client_options *options)
{
    struct text key = choose(options->admin_key, "OPENAI_ADMIN_KEY", NULL);
    struct text url =
        without_slashes(choose(options->base_url, "OPENAI_BASE_URL", "https://api.openai.com/v1"));
    const struct text texts[] = { key, url, text_of(options->auth_url), text_of(options->ca_file) };
    bool has_ca_file = !text_is_empty(text_of(options->ca_file));
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        if (texts[i].length > CLIENT_OPTION_MAXIMUM) {
            return ORGKEYS_ERROR_ARGUMENT;
        }
    }
    client->admin_key = arena_copy(&client->arena, text_trim(key));
    client->base_url = arena_copy(&client->arena, url);
    client->root_url = root_of(client);
    client->auth_url =
        !text_is_empty(text_of(options->auth_url))
            ? arena_copy(&client->arena, text_of(options->auth_url))
            : arena_format(&client->arena, "%.*sauth", TEXT_ARGUMENTS(client->root_url));
    client->ca_file =
        has_ca_file ? arena_copy(&client->arena, text_of(options->ca_file)).data : NULL;
    client->timeout_ms = options->timeout_ms;
    client->max_retries = options->max_retries;
    client->is_cancelled = options->is_cancelled;
    client->cancel_context = options->cancel_context;
    bool has_all = (key.data == NULL || client->admin_key.data != NULL) &&
                   client->base_url.data != NULL && client->root_url.data != NULL &&
                   client->auth_url.data != NULL && (!has_ca_file || client->ca_file != NULL);
    return has_all ? ORGKEYS_OK : ORGKEYS_ERROR_MEMORY;
}

static bool are_valid(const orgkeys_client_options *options)
{
    return options->version == ORGKEYS_CLIENT_OPTIONS_VERSION && options->timeout_ms >= 1 &&
           options->timeout_ms <= INT_MAX && options->max_retries >= 0 &&
           options->max_retries <= RETRIES_MAXIMUM;
}

orgkeys_status orgkeys_client_new(const orgkeys_client_options *options,
                                  orgkeys_client **ret_client)
{
    *ret_client = NULL;
    if (options == NULL) {
        options = &default_options;
    }
    if (!are_valid(options)) {
        return ORGKEYS_ERROR_ARGUMENT;
    }
    struct orgkeys_client *client = calloc(1, sizeof *client);
    if (client == NULL) {
        return ORGKEYS_ERROR_MEMORY;
    }
    arena_init(&client->arena, OPTIONS_MEMORY_MAXIMUM);
    buffer_init(&client->reply, ORGKEYS_REPLY_BYTES_MAXIMUM);
    client->transfer = transfer_new();
    orgkeys_status status =
        client->transfer != NULL ? copy_options(client, options) : ORGKEYS_ERROR_MEMORY;
    if (status != ORGKEYS_OK) {
        orgkeys_client_free(client);
        return status;
    }
    *ret_client = client;
    return ORGKEYS_OK;
}

void orgkeys_client_free(orgkeys_client *client)
{
    if (client == NULL) {
        return;
    }
    transfer_free(client->transfer);
    buffer_free(&client->reply);
    arena_reset(&client->arena);
    free(client);
}

const orgkeys_error *orgkeys_client_error(const orgkeys_client *client)
{
    return &client->error;
}

const char *orgkeys_version(void)
{
    return ORGKEYS_VERSION;
}
