#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "cli/cli.h"
#include "cli/failure.h"
#include "cli/terminal.h"
#include "client/call.h"
#include "client/client.h"
#include "client/transfer.h"
#include "codec/json.h"

/* What `orgkeys doctor` can tell of a server from outside. */

enum {
    TIMEOUT_MS = 10000,
    URL_MAXIMUM = CLIENT_OPTION_MAXIMUM + 64,
    LINE_MAXIMUM = 4 * CLIENT_OPTION_MAXIMUM,
    APART_MAXIMUM = 5
};

struct visit {
    doctor_say *say;
    void *context;
    const struct doctor_site *site;
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

/* What the client's last call said, and what to do next. */
static void say_failure(const struct visit *visit, const char *what, const char *begins)
{
    struct buffer advice;
    buffer_init(&advice, LINE_MAXIMUM);
    failure_append_advice(&advice, visit->client);
    say(visit, "wrong", what, "%s%s%.*s", begins, visit->client->error.message,
        TEXT_ARGUMENTS(buffer_text(&advice)));
    buffer_free(&advice);
}

/* Who looks at a server on its own machine need not be its client. False: there is nobody to ask.
 */
static bool check_variables(const struct visit *visit)
{
    const char *absent = visit->site->is_there ? "note" : "wrong";
    const char *data = visit->site->is_there ? visit->site->data : "DATA";
    struct text url = visit->client->base_url;
    if (text_is_empty(visit->client->admin_key)) {
        say(visit, absent, "OPENAI_ADMIN_KEY",
            "is not set: export OPENAI_ADMIN_KEY=$(cat %s/first-admin-key), or make a key with "
            "`orgkeys recover --data %s`",
            data, data);
    } else {
        say(visit, "ok", "OPENAI_ADMIN_KEY", "is set");
    }
    if (text_is_empty(text_of(getenv("OPENAI_BASE_URL")))) {
        say(visit, absent, "OPENAI_BASE_URL",
            "is not set, so commands go to api.openai.com, and no server was asked: export "
            "OPENAI_BASE_URL=%s/v1",
            visit->site->public_url);
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

/* Asks without a key; the root ends in a slash. */
static orgkeys_status ask(const struct visit *visit, struct text root, const char *path)
{
    char url[URL_MAXIMUM];
    (void)snprintf(url, sizeof url, "%.*s%s", TEXT_ARGUMENTS(root), path);
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

/* Whether the last reply is an object whose member is the text; or, with TEXT_NONE, is false. */
static bool has_member(const struct visit *visit, const char *name, struct text text)
{
    struct json_value *document = NULL;
    struct orgkeys_error ignored;
    if (reply_parse(&ignored, buffer_text(&visit->client->reply), &document) != ORGKEYS_OK) {
        return false;
    }
    const struct json_value *member =
        json_type_of(document) == JSON_TYPE_OBJECT ? json_member(document, name) : NULL;
    enum json_type wanted = text.data != NULL ? JSON_TYPE_TEXT : JSON_TYPE_BOOLEAN;
    bool is =
        member != NULL && json_type_of(member) == wanted &&
        (text.data != NULL ? text_equal(json_read_text(member), text) : !json_read_boolean(member));
    json_free(document);
    return is;
}

/* Of the last reply, of a /readyz; checks are answered, and what else is not as it should be. */
static void say_ready(const struct visit *visit, const char *what, const char *begins)
{
    if (has_member(visit, "admin", TEXT_NONE)) {
        say(visit, "wrong", what,
            "%sanswers checks, but can change nothing: its database cannot be written (a full or "
            "failing disk, a database that is away); its log says why",
            begins);
    } else if (has_member(visit, "database", TEXT_NONE)) {
        say(visit, "wrong", what,
            "%sanswers checks from memory, but does not follow its database; its log says why",
            begins);
    } else {
        say(visit, "ok", what, "%sis ready", begins);
    }
}

/* A proxy may pass on /v1 alone; OpenAI's server has none of these paths. */
static void check_readiness(const struct visit *visit)
{
    if (ask(visit, visit->client->root_url, "readyz") == ORGKEYS_OK) {
        say_ready(visit, "server", "");
    } else if (visit->client->error.http_status == 404) {
        say(visit, "ok", "server", "runs%s",
            visit->site->internal_url != NULL
                ? ""
                : "; whether it is ready is told at its --internal-listen, which was not given");
    } else {
        say_failure(visit, "server", "runs, but is not ready: ");
    }
}

static void check_internal(const struct visit *visit)
{
    const char *url = visit->site->internal_url;
    char begins[URL_MAXIMUM];
    char ready[URL_MAXIMUM];
    char root[URL_MAXIMUM];
    (void)snprintf(root, sizeof root, "%s/", url);
    (void)snprintf(begins, sizeof begins, "%s: ", url);
    (void)snprintf(ready, sizeof ready, "%s ", url);
    if (ask(visit, text_of(root), "readyz") == ORGKEYS_OK) {
        say_ready(visit, "internal", ready);
    } else {
        say_failure(visit, "internal", begins);
    }
}

/* False: it is not reached. */
static bool check_server(const struct visit *visit)
{
    orgkeys_status status = ask(visit, visit->client->root_url, "healthz");
    if (status == ORGKEYS_OK && has_member(visit, "status", TEXT("ok"))) {
        check_clock(visit);
        check_readiness(visit);
    } else if (status == ORGKEYS_OK || visit->client->error.http_status == 404) {
        say(visit, "note", "server",
            "answers, but its /healthz is not that of orgkeys: another server, or a proxy that "
            "keeps it to itself");
    } else {
        say_failure(visit, "server", status == ORGKEYS_ERROR_API ? "answers, but not well: " : "");
    }
    return status == ORGKEYS_OK || status == ORGKEYS_ERROR_API;
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
        say_failure(visit, "admin key", "");
    }
}

void cli_doctor(doctor_say *report, void *context, const char *ca_file,
                const struct doctor_site *site)
{
    struct visit visit = { .say = report, .context = context, .site = site };
    struct terminal terminal;
    orgkeys_client_options options = ORGKEYS_CLIENT_OPTIONS_INIT;
    options.timeout_ms = TIMEOUT_MS;
    options.max_retries = 0;
    options.ca_file = ca_file;
    terminal_describe(&terminal);
    orgkeys_status status = orgkeys_client_new(&options, &visit.client);
    if (status != ORGKEYS_OK) {
        say(&visit, "wrong", "variables",
            status == ORGKEYS_ERROR_ARGUMENT ? "OPENAI_ADMIN_KEY or OPENAI_BASE_URL is too long"
                                             : "there is not enough memory");
        return;
    }
    if (check_variables(&visit) && check_server(&visit)) {
        check_key(&visit);
    }
    if (site->internal_url != NULL) {
        check_internal(&visit);
    }
    orgkeys_client_free(visit.client);
}
