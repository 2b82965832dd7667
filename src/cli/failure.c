#include "cli/failure.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/run.h"
#include "cli/terminal.h"
#include "client/client.h"

enum { MESSAGE_MAXIMUM = 4 * CLIENT_OPTION_MAXIMUM };

/*
 * What to do next. The first row that fits; 0 and NULL fit all. %s is where the server was sought.
 */
struct advice {
    orgkeys_status status;
    int http_status;
    const char *code;
    const char *text; /* NULL: none */
    const char *more; /* what helps who gave a command, and not the doctor; NULL: nothing */
};

/* `keys verify` asks elsewhere. */
static const struct advice verify_advices[] = {
    { ORGKEYS_ERROR_CONNECTION, 0, NULL,
      "Is the server running at %s? OPENAI_BASE_URL says where it is, and --auth-url where its "
      "/auth "
      "is: with --internal-listen that is another address.",
      NULL },
    { ORGKEYS_ERROR_REPLY, 0, NULL,
      "Is %s the /auth of an orgkeys server? --auth-url names another.", NULL },
    { ORGKEYS_ERROR_API, 404, NULL,
      "There is no /auth at %s. --auth-url names another: with --internal-listen the server has it "
      "at that address.",
      NULL },
};

static const struct advice advices[] = {
    { ORGKEYS_ERROR_CONNECTION, 0, NULL,
      "Is the server running at %s? `orgkeys serve` starts one; OPENAI_BASE_URL says where it is.",
      "--base-url does so for one command; `orgkeys doctor` looks for what is wrong." },
    { ORGKEYS_ERROR_TIMEOUT, 0, NULL, "%s did not answer in time.",
      "--timeout gives it more. A change may have been made; list what there is before you repeat "
      "it." },
    { ORGKEYS_ERROR_REPLY, 0, NULL,
      "Is %s the base URL of an orgkeys server (http://HOST:PORT/v1) or of OpenAI?", NULL },
    { ORGKEYS_ERROR_ARGUMENT, 0, NULL, NULL, NULL },
    { ORGKEYS_ERROR_API, 401, "expired_api_key",
      "The admin key in OPENAI_ADMIN_KEY has expired. Another one makes a new one (`orgkeys "
      "admin-api-keys create`), and so does `orgkeys recover`, next to the server's data.",
      NULL },
    { ORGKEYS_ERROR_API, 401, "",
      "Is the key in OPENAI_ADMIN_KEY an admin key (sk-admin-...) for %s? A project's key "
      "(sk-proj-..., sk-svcacct-...) may not do this.",
      NULL },
    { ORGKEYS_ERROR_API, 401, NULL,
      "%s refused the admin key in OPENAI_ADMIN_KEY: is it that server's, and whole? Whoever has "
      "the server's data makes a new one with `orgkeys recover`.",
      NULL },
    { ORGKEYS_ERROR_API, 403, NULL,
      "The key in OPENAI_ADMIN_KEY may not do this: it takes an admin key (sk-admin-...) of an "
      "owner.",
      NULL },
    { ORGKEYS_ERROR_API, 404, "", "Is %s the base URL? That of an orgkeys server ends in /v1.",
      NULL },
    { ORGKEYS_ERROR_API, 404, NULL, NULL,
      "`list` in the place of the command's last word shows what there is; %s was asked." },
    { ORGKEYS_ERROR_API, 409, NULL, NULL, "Look at what is there with `list` or `retrieve`." },
    { ORGKEYS_ERROR_API, 429, NULL, "Too many calls: wait, then repeat it.", NULL },
    { ORGKEYS_ERROR_API, 503, "outcome_unknown", NULL,
      "List what there is before you repeat it, or it may be done twice." },
    { ORGKEYS_ERROR_API, 503, "query_timeout", NULL,
      "The same call fails again; --help lists the flags that narrow it." },
    { ORGKEYS_ERROR_API, 503, NULL,
      "The server at %s cannot answer now: repeat it in a while; its log says why.", NULL },
    { ORGKEYS_ERROR_API, 507, "keyring_full",
      "It is memory that the server at %s lacks, not disk: deleting makes room.", NULL },
    { ORGKEYS_ERROR_API, 507, NULL,
      "The disk that holds the data of the server at %s is full: free space there.", NULL },
    { ORGKEYS_ERROR_API, 400, NULL, NULL, NULL },
    { ORGKEYS_ERROR_API, 0, NULL, "The log of the server at %s says more.", NULL },
};

static const struct advice *find_in(const struct advice *rows, size_t count,
                                    const struct orgkeys_error *error)
{
    for (size_t i = 0; i < count; i++) {
        const struct advice *advice = &rows[i];
        if (advice->status == error->status &&
            (advice->http_status == 0 || advice->http_status == error->http_status) &&
            (advice->code == NULL || strcmp(advice->code, error->code) == 0)) {
            return advice;
        }
    }
    return NULL;
}

static const struct advice *find_advice(const struct orgkeys_error *error)
{
    return find_in(advices, sizeof advices / sizeof advices[0], error);
}

static void append_text(struct buffer *buffer, const char *text, char separator, struct text url)
{
    struct text rest = text_of(text);
    if (rest.length == 0) {
        return;
    }
    buffer_append_byte(buffer, separator);
    buffer_append(buffer, text_cut(&rest, '%'));
    if (rest.length > 0) {
        append_harmless(buffer, url);
        buffer_append(buffer, text_from(rest, 1));
    }
}

void failure_append_advice(struct buffer *buffer, const struct orgkeys_client *client)
{
    const struct advice *advice = find_advice(&client->error);
    if (advice != NULL && advice->text != NULL) {
        bool has_end = text_ends_with(buffer_text(buffer), TEXT(".")) || buffer->length == 0;
        buffer_append(buffer, has_end ? TEXT("") : TEXT("."));
        append_text(buffer, advice->text, ' ', client->base_url);
    }
}

int call_failed(const struct invocation *invocation, const struct orgkeys_client *client)
{
    const struct orgkeys_error *error = &client->error;
    const struct terminal *terminal = invocation->terminal;
    bool has_color = terminal->error_is_terminal && terminal->has_color;
    bool is_auth = invocation->command->run == run_verify;
    struct text url = is_auth ? client->auth_url : client->base_url;
    const struct advice *advice = NULL;
    if (is_auth) {
        advice = find_in(verify_advices, sizeof verify_advices / sizeof verify_advices[0], error);
    }
    if (advice == NULL) {
        advice = find_advice(error);
    }
    struct buffer message;
    buffer_init(&message, MESSAGE_MAXIMUM);
    buffer_append(&message, has_color ? TEXT("\033[31morgkeys:\033[0m ") : TEXT("orgkeys: "));
    buffer_append(&message, text_of(error->message));
    if (error->http_status != 0) {
        buffer_append_format(&message, " (HTTP %d%s", error->http_status,
                             error->request_id[0] != '\0' ? ", request " : "");
        buffer_append_format(&message, "%s)", error->request_id);
    }
    if (advice != NULL) {
        append_text(&message, advice->text, '\n', url);
        append_text(&message, advice->more, advice->text != NULL ? ' ' : '\n', url);
    }
    buffer_append_byte(&message, '\n');
    (void)fprintf(stderr, "%.*s", TEXT_ARGUMENTS(buffer_text(&message)));
    buffer_free(&message);
    return error->status == ORGKEYS_ERROR_ARGUMENT ? EXIT_USAGE : EXIT_FAILED;
}
