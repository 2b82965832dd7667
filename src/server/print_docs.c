/* Prints the pages of docs/ that are made from tables; `make docs` keeps them, `make lint` compares
 * them. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/call.h"
#include "api/password_pool.h"
#include "base/buffer.h"
#include "base/result.h"
#include "codec/json.h"
#include "domain/sessions.h"
#include "http/acceptor.h"
#include "http/http.h"
#include "http/parser.h"
#include "keyring/uses.h"
#include "model/introspection.h"
#include "model/limits.h"
#include "os/log.h"
#include "os/metrics.h"
#include "server/config.h"
#include "store/store.h"
#include "store/worker.h"

enum { PAGE_MAXIMUM = 1024 * 1024, KIBIBYTE = 1024, MEBIBYTE = 1024 * 1024 };

/* The bounds that are no options, and that somebody can meet. */
static const struct {
    const char *what;
    int64_t value;
    const char *unit;
    const char *beyond;
} bounds[] = {
    { "lines of a request's header", HTTP_HEADER_LINES_MAXIMUM, "", "431" },
    { "chunk sizes and extensions of one body", PARSER_CHUNK_FRAMING_MAXIMUM / KIBIBYTE, " KiB",
      "400" },
    { "replies in memory that their clients have not taken", HTTP_REPLIES_MAXIMUM / MEBIBYTE,
      " MiB", "503 for further requests" },
    { "time to take a reply, beside `write-timeout`: a second for each",
      HTTP_REPLY_RATE_MINIMUM / KIBIBYTE, " KiB", "the connection is closed" },
    { "connections over `max-connections` that read their 503", ACCEPTOR_EXCESS_MAXIMUM, "",
      "closed without a reply" },
    { "addresses in `listen` and `internal-listen` together", ACCEPTOR_LISTENERS_MAXIMUM, "",
      "the server does not start" },
    { "depth of a JSON body", JSON_DEPTH_MAXIMUM, "", "400" },
    { "parsed JSON of one thread", JSON_MEMORY_MAXIMUM / MEBIBYTE, " MiB", "400" },
    { "memory of one call of the admin API", CALL_MEMORY_MAXIMUM / MEBIBYTE, " MiB", "500" },
    { "time of a call that reads", STORE_READ_MAXIMUM_MICROSECONDS / MICROSECONDS_PER_SECOND, " s",
      "503 `query_timeout`" },
    { "finding out on PostgreSQL what became of a commit",
      WRITER_SETTLE_MAXIMUM_MICROSECONDS / MICROSECONDS_PER_SECOND, " s", "503 `outcome_unknown`" },
    { "the same on SQLite", WRITER_SETTLE_FILES_MAXIMUM_MICROSECONDS / MICROSECONDS_PER_SECOND,
      " s", "503 `outcome_unknown`" },
    { "body of `/oauth2/introspect`", INTROSPECTION_BODY_MAXIMUM / KIBIBYTE, " KiB", "413" },
    { "scopes of a key, or in a question to `/auth`", SCOPES_MAXIMUM, "", "400" },
    { "passwords being hashed at once", PASSWORD_POOL_THREADS, "", "the others wait" },
    { "passwords that wait for that", PASSWORD_POOL_QUEUE_MAXIMUM, "", "503" },
    { "sessions of a person", SESSIONS_MAXIMUM, "", "the oldest ends" },
    { "uses of keys that wait to be written as `last_used_at`", USES_MAXIMUM, "",
      "left out, and counted in `orgkeys_key_uses_left_out_total`" },
    { "a line of the log", LOG_LINE_MAXIMUM / KIBIBYTE, " KiB",
      "fields are left out: `truncated=true`" },
    { "a value in the log", LOG_VALUE_MAXIMUM / KIBIBYTE, " KiB", "cut, with `...`" },
    { "lines that wait for standard error", LOG_MEMORY_MAXIMUM / MEBIBYTE, " MiB",
      "left out, and counted in `orgkeys_log_lines_left_out_total`" },
    { "lines a second about requests without a good key", LOG_ANONYMOUS_LINES_MAXIMUM, "",
      "the same" },
    { "the configuration file", CONFIG_FILE_MAXIMUM / KIBIBYTE, " KiB",
      "the program ends with status 2" },
    { "a line of it", CONFIG_LINE_MAXIMUM, " bytes", "the same" },
    { "values of an option that can be repeated", CONFIG_LIST_MAXIMUM, "", "the same" },
};

static void document_configuration(struct buffer *buffer)
{
    config_document(buffer);
    buffer_append(buffer, TEXT("\n## Fixed bounds\n"
                               "\n"
                               "What no option changes. How many keys fit is in "
                               "[errors.md](errors.md#keyring_full), how often a\n"
                               "password may be tried in [sessions.md](sessions.md), and the "
                               "lengths of what the API takes are in\n"
                               "`/openapi.json`.\n"
                               "\n"
                               "| Of | At most | Beyond that |\n"
                               "| --- | --- | --- |\n"));
    for (size_t i = 0; i < sizeof bounds / sizeof bounds[0]; i++) {
        buffer_append_format(buffer, "| %s | %" PRId64 "%s | %s |\n", bounds[i].what,
                             bounds[i].value, bounds[i].unit, bounds[i].beyond);
    }
}

static const char *const retry_texts[] = {
    [ERROR_RETRY_NEVER] = "the same request fails again (`x-should-retry: false`)",
    [ERROR_RETRY_CALLER] = "as the message says; SDKs do not by themselves (`x-should-retry: "
                           "false`)",
    [ERROR_RETRY_LATER] = "later (`Retry-After`)",
    [ERROR_RETRY_FREE] = "as the client likes",
};

static void document_error(struct buffer *buffer, const struct error_description *description)
{
    buffer_append_format(buffer,
                         "\n## %s\n\n- Status: %d\n- Type: `%s`\n- Code: ", description->name,
                         description->status, description->type);
    if (description->code != NULL) {
        buffer_append_format(buffer, "`%s`\n", description->code);
    } else {
        buffer_append(buffer, TEXT("null\n"));
    }
    buffer_append_format(buffer, "- Message: %s\n- Retry: %s\n", description->message,
                         retry_texts[description->retry]);
    if (description->meaning[0] != '\0') {
        buffer_append_format(buffer, "\n%s\n", description->meaning);
    }
}

static void document_errors(struct buffer *buffer)
{
    buffer_append(buffer, TEXT("# Errors\n"
                               "\n"
                               "Made from `src/base/errors.def` by `make docs`; do not edit.\n"
                               "\n"
                               "A failed call is answered with `{\"error\": {\"message\", "
                               "\"type\", \"param\", \"code\"}}`. In messages,\n"
                               "`{param}`, `{expected}` and `{value}` stand for what is known of "
                               "the call; no message\n"
                               "repeats a part of a key. The names are those of the metric "
                               "`orgkeys_api_errors_total`.\n"));
    for (enum error error = ERROR_NONE + 1; error < ERROR_COUNT; error++) {
        document_error(buffer, error_describe(error));
    }
}

static void document_label(struct buffer *buffer, const struct metric_description *description)
{
    if (description->label == NULL) {
        buffer_append(buffer, TEXT("-"));
        return;
    }
    buffer_append_format(buffer, "`%s`", description->label);
    if (description->values == NULL || description->values[1] == NULL) {
        return; /* the meaning says which */
    }
    for (size_t i = 0; description->values[i] != NULL; i++) {
        buffer_append_format(buffer, "%s`%s`", i > 0 ? ", " : ": ", description->values[i]);
    }
}

static void document_metrics(struct buffer *buffer)
{
    buffer_append(buffer, TEXT("# Metrics\n"
                               "\n"
                               "Made from `src/os/metrics.def` by `make docs`; do not edit.\n"
                               "\n"
                               "`/metrics` gives them in the text format of Prometheus. No label "
                               "holds an id, a name or an\n"
                               "address.\n"
                               "\n"
                               "| Name | Type | Label | Meaning |\n"
                               "| --- | --- | --- | --- |\n"));
    for (enum metric metric = 0; metric < METRIC_COUNT; metric++) {
        const struct metric_description *description = metric_describe(metric);
        buffer_append_format(buffer, "| `%s` | %s | ", description->name,
                             metric_type_word(description->type));
        document_label(buffer, description);
        buffer_append_format(buffer, " | %s |\n", description->help);
    }
}

static const struct {
    const char *name;
    void (*write)(struct buffer *buffer);
} pages[] = {
    { "configuration", document_configuration },
    { "errors", document_errors },
    { "metrics", document_metrics },
};

static int print_page(void (*write)(struct buffer *buffer))
{
    struct buffer buffer;
    buffer_init(&buffer, PAGE_MAXIMUM);
    write(&buffer);
    bool written = !buffer.failed &&
                   fwrite(buffer.data, 1, buffer.length, stdout) == buffer.length &&
                   fflush(stdout) == 0;
    buffer_free(&buffer);
    return written ? EXIT_SUCCESS : EXIT_FAILURE;
}

int main(int argc, char **argv)
{
    for (size_t i = 0; argc == 2 && i < sizeof pages / sizeof pages[0]; i++) {
        if (strcmp(argv[1], pages[i].name) == 0) {
            return print_page(pages[i].write);
        }
    }
    (void)fputs("usage: print-docs configuration|errors|metrics\n", stderr);
    return EXIT_FAILURE;
}
