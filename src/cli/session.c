#include "cli/session.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/failure.h"
#include "client/client.h"
#include "client/transfer.h"

/* NULL: nothing is. A URL is not repeated: it may hold a password. */
static const char *what_is_wrong(struct text url)
{
    struct text rest = url;
    struct text scheme = text_cut(&rest, '/');
    if ((!text_equal_ignoring_case(scheme, TEXT("http:")) &&
         !text_equal_ignoring_case(scheme, TEXT("https:"))) ||
        !text_is_empty(text_cut(&rest, '/'))) {
        return "it does not begin with http:// or https://";
    }
    if (text_find(url, '?') < url.length || text_find(url, '#') < url.length) {
        return "it has a `?` or a `#`, behind which no path can follow";
    }
    struct text authority = text_cut(&rest, '/');
    if (text_is_empty(authority) || !text_is_visible(url)) {
        return "it is no URL";
    }
    return text_find(authority, '@') < authority.length
               ? "it holds a user name or a password, which is not sent"
               : NULL;
}

/* False, after it was said: `url`, which `source` holds, cannot be used. */
static bool check_url(struct text url, const char *source)
{
    const char *wrong = what_is_wrong(url);
    if (wrong != NULL) {
        (void)fprintf(stderr, "orgkeys: %s: %s\n", source, wrong);
    }
    return wrong == NULL;
}

struct text session_key(struct invocation *invocation, const char *variable)
{
    struct text key = text_of(getenv(variable));
    while (key.length > 0 && strchr(" \t\r\n", key.data[0]) != NULL) {
        key = text_from(key, 1);
    }
    while (key.length > 0 && strchr(" \t\r\n", key.data[key.length - 1]) != NULL) {
        key.length--;
    }
    return key.length > 0 ? arena_copy(&invocation->arena, key) : TEXT_NONE;
}

bool session_check_key(struct text key, const char *source)
{
    bool is_good = transfer_takes_key(key);
    if (!is_good) {
        (void)fprintf(stderr,
                      "orgkeys: %s: a key has visible ASCII characters, at most %d of them\n",
                      source, TRANSFER_KEY_MAXIMUM);
    }
    return is_good;
}

static bool check_client(const struct settings *settings, const struct orgkeys_client *client,
                         bool needs_key)
{
    if (!check_url(client->base_url,
                   settings->base_url.data != NULL ? "--base-url" : "OPENAI_BASE_URL") ||
        (settings->auth_url.data != NULL && !check_url(client->auth_url, "--auth-url"))) {
        return false;
    }
    if (needs_key && text_is_empty(client->admin_key)) {
        (void)fputs("orgkeys: there is no admin key: set OPENAI_ADMIN_KEY, and OPENAI_BASE_URL.\n"
                    "The server's first start shows both; where its output is no terminal, the key "
                    "is in DATA/first-admin-key:\n"
                    "    export OPENAI_BASE_URL=http://127.0.0.1:8080/v1\n"
                    "    export OPENAI_ADMIN_KEY=$(cat data/first-admin-key)\n"
                    "A lost key is replaced with `orgkeys recover`.\n",
                    stderr);
        return false;
    }
    return !needs_key || session_check_key(client->admin_key, "OPENAI_ADMIN_KEY");
}

/* The library has ten minutes; people do not. */
enum { TIMEOUT_MS = 60000, SECONDS_UNTIL_NOTE = 5 };

static void say_there_is_no_answer(int signal)
{
    static const char note[] =
        "orgkeys: no answer yet; waiting, and asking again (Ctrl-C ends it)\n";
    (void)signal;
    (void)!write(STDERR_FILENO, note, sizeof note - 1);
}

/* Only for who looks on; --all and --follow show how far they are. */
static void note_when_it_takes_long(const struct invocation *invocation)
{
    struct sigaction action = { .sa_handler = say_there_is_no_answer, .sa_flags = SA_RESTART };
    const struct settings *settings = &invocation->settings;
    if (invocation->terminal->error_is_terminal && settings->all != 1 && settings->follow != 1 &&
        sigaction(SIGALRM, &action, NULL) == 0) {
        (void)alarm(SECONDS_UNTIL_NOTE);
    }
}

int session_open(struct invocation *invocation, bool needs_key, struct session *ret_session)
{
    const struct settings *settings = &invocation->settings;
    orgkeys_client_options options = ORGKEYS_CLIENT_OPTIONS_INIT;
    options.admin_key = session_key(invocation, "OPENAI_ADMIN_KEY").data;
    options.base_url = settings->base_url.data;
    options.auth_url = settings->auth_url.data;
    options.ca_file = settings->ca_file.data;
    options.timeout_ms = settings->timeout != FIELD_ABSENT ? settings->timeout * 1000 : TIMEOUT_MS;
    if (settings->retries != FIELD_ABSENT) {
        options.max_retries = (int)settings->retries;
    }
    orgkeys_status status = orgkeys_client_new(&options, &ret_session->client);
    if (status == ORGKEYS_ERROR_ARGUMENT) { /* flags are shorter, and were checked */
        (void)fprintf(
            stderr, "orgkeys: OPENAI_ADMIN_KEY or OPENAI_BASE_URL is too long: at most %d bytes\n",
            CLIENT_OPTION_MAXIMUM);
        return EXIT_USAGE;
    }
    if (status != ORGKEYS_OK) {
        (void)fputs("orgkeys: there is not enough memory\n", stderr);
        return EXIT_FAILED;
    }
    if (!check_client(settings, ret_session->client, needs_key)) {
        orgkeys_client_free(ret_session->client);
        return EXIT_USAGE;
    }
    buffer_init(&ret_session->reply, REPLIES_MAXIMUM);
    ret_session->client->shown = &ret_session->reply;
    note_when_it_takes_long(invocation);
    return EXIT_OK;
}

void session_close(struct session *session)
{
    (void)alarm(0);
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
