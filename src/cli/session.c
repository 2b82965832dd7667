#include "cli/session.h"

#include <stdio.h>
#include <stdlib.h>

#include "cli/failure.h"
#include "client/client.h"

/* False, after it was said: `url`, which `names` set, is none. */
static bool check_url(struct text url, const char *names)
{
    if (text_starts_with(url, TEXT("http://")) || text_starts_with(url, TEXT("https://"))) {
        return true;
    }
    (void)fprintf(stderr, "orgkeys: %s: it does not begin with http:// or https://\n", names);
    return false;
}

int session_open(struct invocation *invocation, bool needs_key, struct session *ret_session)
{
    const struct settings *settings = &invocation->settings;
    orgkeys_client_options options = ORGKEYS_CLIENT_OPTIONS_INIT;
    options.base_url = settings->base_url.data;
    options.auth_url = settings->auth_url.data;
    options.ca_file = settings->ca_file.data;
    if (settings->timeout != FIELD_ABSENT) {
        options.timeout_ms = settings->timeout * 1000;
    }
    if (settings->retries != FIELD_ABSENT) {
        options.max_retries = (int)settings->retries;
    }
    if (orgkeys_client_new(&options, &ret_session->client) != ORGKEYS_OK) {
        (void)fputs("orgkeys: there is not enough memory\n", stderr);
        return EXIT_FAILED;
    }
    if (!check_url(ret_session->client->base_url,
                   settings->base_url.data != NULL ? "--base-url" : "OPENAI_BASE_URL") ||
        !check_url(ret_session->client->auth_url, "--auth-url")) {
        orgkeys_client_free(ret_session->client);
        return EXIT_USAGE;
    }
    if (needs_key && text_is_empty(ret_session->client->admin_key)) {
        (void)fputs("orgkeys: there is no admin key: set OPENAI_ADMIN_KEY, and OPENAI_BASE_URL.\n"
                    "The server's first start shows both; where its output is no terminal, the key "
                    "is in DATA/first-admin-key:\n"
                    "    export OPENAI_BASE_URL=http://127.0.0.1:8080/v1\n"
                    "    export OPENAI_ADMIN_KEY=$(cat data/first-admin-key)\n"
                    "A lost key is replaced with `orgkeys recover`.\n",
                    stderr);
        orgkeys_client_free(ret_session->client);
        return EXIT_USAGE;
    }
    buffer_init(&ret_session->reply, REPLIES_MAXIMUM);
    ret_session->client->shown = &ret_session->reply;
    return EXIT_OK;
}

void session_close(struct session *session)
{
    orgkeys_client_free(session->client);
    buffer_free(&session->reply);
}

struct json_value *session_document(struct invocation *invocation, struct session *session)
{
    struct json_value *document = NULL;
    if (reply_parse(&session->client->error, buffer_text(&session->reply), &document) !=
        ORGKEYS_OK) {
        (void)call_failed(invocation, session->client);
        return NULL;
    }
    return document;
}

bool session_confirm(const struct invocation *invocation, int *ret_status)
{
    enum { QUESTION_MAXIMUM = 1024 };
    const struct command *command = invocation->command;
    const char *last_id = invocation->ids[0];
    bool is_yes = true;
    if (command->question == NULL || invocation->settings.yes == 1) {
        return true;
    }
    if (!invocation->terminal->in_is_terminal) {
        (void)fputs("orgkeys: this cannot be undone, and there is no terminal to ask at: give "
                    "--yes to go on\n",
                    stderr);
        *ret_status = EXIT_USAGE;
        return false;
    }
    for (size_t i = 0; i < CALL_IDS_MAXIMUM && invocation->ids[i] != NULL; i++) {
        last_id = invocation->ids[i];
    }
    struct buffer question;
    buffer_init(&question, QUESTION_MAXIMUM);
    struct text rest = text_of(command->question);
    buffer_append(&question, text_cut(&rest, '%'));
    append_harmless(&question, text_of(last_id));
    append_harmless(&question, text_from(rest, 1));
    buffer_append_byte(&question, '\0');
    is_yes = !question.failed && confirm(question.data);
    buffer_free(&question);
    if (!is_yes) {
        (void)fputs("Nothing was done.\n", stderr);
        *ret_status = EXIT_FAILED;
    }
    return is_yes;
}

enum output_format format_of(const struct invocation *invocation)
{
    struct text format = invocation->settings.format;
    if (text_equal(format, TEXT("json"))) {
        return FORMAT_JSON;
    }
    return text_equal(format, TEXT("jsonl")) ? FORMAT_JSONL : FORMAT_TABLE;
}
