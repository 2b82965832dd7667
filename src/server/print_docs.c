/* Prints the pages of docs/ that are made from tables; `make docs` keeps them, `make lint` compares
 * them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/result.h"
#include "os/metrics.h"
#include "server/config.h"

enum { PAGE_MAXIMUM = 1024 * 1024 };

static const char *const retry_texts[] = {
    [ERROR_RETRY_NEVER] = "the same request fails again (`x-should-retry: false`)",
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
    { "configuration", config_document },
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
