#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "cli/cli.h"
#include "cli/terminal.h"
#include "client/call.h"
#include "client/client.h"
#include "client/transfer.h"

/* What `orgkeys doctor` can tell of a server from outside. */

enum { TIMEOUT_MS = 10000, URL_MAXIMUM = 2048, LINE_MAXIMUM = 4096, APART_MAXIMUM = 5 };

struct visit {
    doctor_say *say;
    void *context;
    struct orgkeys_client *client;
};

static void say(const struct visit *visit, const char *verdict, const char *what,
                const char *format, ...) __attribute__((format(printf, 4, 5)));

static void say(const struct visit *visit, const char *verdict, const char *what,
                const char *format, ...)
{
    char line[LINE_MAXIMUM];
    struct buffer harmless;
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    buffer_init(&harmless, LINE_MAXIMUM);
    append_harmless(&harmless, text_of(line));
    buffer_append_byte(&harmless, '\0');
    visit->say(visit->context, verdict, what, harmless.failed ? "?" : harmless.data);
    buffer_free(&harmless);
}

/* False: there is nobody to ask. */
static bool check_variables(const struct visit *visit)
{
    struct text url = visit->client->base_url;
    if (text_is_empty(visit->client->admin_key)) {
        say(visit, "wrong", "OPENAI_ADMIN_KEY",
            "is not set: export OPENAI_ADMIN_KEY=$(cat DATA/first-admin-key), or make a key with "
            "`orgkeys recover`");
    } else {
        say(visit, "ok", "OPENAI_ADMIN_KEY", "is set");
    }
    if (text_is_empty(text_of(getenv("OPENAI_BASE_URL")))) {
        say(visit, "wrong", "OPENAI_BASE_URL",
            "is not set, so commands go to api.openai.com: export "
            "OPENAI_BASE_URL=http://127.0.0.1:8080/v1");
        return false;
    }
    if (!text_ends_with(url, TEXT("/v1"))) {
        say(visit, "wrong", "OPENAI_BASE_URL", "is %.*s: it should end in /v1",
            TEXT_ARGUMENTS(url));
    } else {
        say(visit, "ok", "OPENAI_BASE_URL", "is %.*s", TEXT_ARGUMENTS(url));
    }
    return true;
}

/* Asks for a path beside /v1, without a key. */
static orgkeys_status ask(const struct visit *visit, const char *path)
{
    char url[URL_MAXIMUM];
    (void)snprintf(url, sizeof url, "%.*s%s", TEXT_ARGUMENTS(visit->client->root_url), path);
    return call_send(visit->client, &(struct request){ .method = "GET", .url = url });
}

/* The Date of the last reply; false: there is none. */
static bool server_time(const struct visit *visit, int64_t *ret_time)
{
    struct tm parts = { .tm_isdst = 0 };
    char date[64];
    (void)snprintf(date, sizeof date, "%.*s",
                   TEXT_ARGUMENTS(transfer_header(visit->client, "date")));
    if (strptime(date, "%a, %d %b %Y %H:%M:%S GMT", &parts) == NULL) {
        return false;
    }
    *ret_time = timegm(&parts);
    return true;
}

static void check_clock(const struct visit *visit)
{
    int64_t there;
    if (!server_time(visit, &there)) {
        say(visit, "note", "clock", "the server does not tell its time");
        return;
    }
    int64_t apart = clock_now_microseconds() / MICROSECONDS_PER_SECOND - there;
    if (apart > APART_MAXIMUM || apart < -APART_MAXIMUM) {
        say(visit, "wrong", "clock",
            "this machine's is %lld seconds %s the server's: set both by NTP (`timedatectl "
            "set-ntp true`); keys expire by the server's",
            (long long)(apart < 0 ? -apart : apart), apart < 0 ? "behind" : "ahead of");
    } else {
        say(visit, "ok", "clock", "this machine's and the server's agree");
    }
}

/* False: it is not reached. */
static bool check_server(const struct visit *visit)
{
    const struct orgkeys_error *error = &visit->client->error;
    if (ask(visit, "healthz") != ORGKEYS_OK && error->http_status == 404) {
        say(visit, "note", "server", "answers, and has no /healthz: it is no orgkeys server");
        return true;
    }
    if (error->status == ORGKEYS_ERROR_API) {
        say(visit, "wrong", "server", "answers, but not well (HTTP %d): its log says why",
            error->http_status);
        return true;
    }
    if (error->status != ORGKEYS_OK) {
        say(visit, "wrong", "server",
            "%s: is it running there (`orgkeys serve`, `systemctl status orgkeys`), and is "
            "OPENAI_BASE_URL right?",
            error->message);
        return false;
    }
    check_clock(visit);
    if (ask(visit, "readyz") == ORGKEYS_OK) {
        say(visit, "ok", "server", "is ready");
    } else if (error->http_status == 404) {
        say(visit, "ok", "server", "runs; whether it is ready is told at its --internal-listen");
    } else {
        say(visit, "wrong", "server", "runs, but is not ready (HTTP %d): its log says why",
            error->http_status);
    }
    return true;
}

static void check_key(const struct visit *visit)
{
    struct call call = { .operation = LIST_PROJECTS };
    struct list_query query = call_query(1, NULL);
    struct text cursor;
    if (text_is_empty(visit->client->admin_key)) {
        return;
    }
    void *iterator = iterator_new(visit->client, &call, &query);
    orgkeys_status status =
        iterator != NULL ? iterator_next_page(iterator, &cursor) : visit->client->error.status;
    iterator_free(iterator);
    if (status == ORGKEYS_OK || status == ORGKEYS_END) {
        say(visit, "ok", "admin key", "is accepted");
    } else {
        say(visit, "wrong", "admin key",
            "%s Take another one into OPENAI_ADMIN_KEY; `orgkeys recover` makes one.",
            visit->client->error.message);
    }
}

void cli_doctor(doctor_say *report, void *context)
{
    struct visit visit = { .say = report, .context = context };
    struct terminal terminal;
    orgkeys_client_options options = ORGKEYS_CLIENT_OPTIONS_INIT;
    options.timeout_ms = TIMEOUT_MS;
    options.max_retries = 0;
    terminal_describe(&terminal);
    if (orgkeys_client_new(&options, &visit.client) != ORGKEYS_OK) {
        report(context, "wrong", "memory", "there is not enough");
        return;
    }
    if (check_variables(&visit) && check_server(&visit)) {
        check_key(&visit);
    }
    orgkeys_client_free(visit.client);
}
