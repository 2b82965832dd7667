/*
 * The configuration file, as `orgkeys serve` reads it. What is taken keeps the limits of its
 * options; what is not is one line for people, and never a part of a secret.
 */
#include <errno.h>
#include <string.h>

#include "fuzz.h"
#include "os/files.h"
#include "os/networks.h"
#include "server/config.h"
#include "server/config_file.h"
#include "server/options.h"
#include "server/public_url.h"

enum { COMPLAINT_MAXIMUM = 4096, SECRET_MINIMUM = 12, PREFIX_MAXIMUM = 128 };

static const struct config_command serve = { "serve", OPTION_OF_SERVE, "Runs the server." };

static struct text content;

/* In the place of os/files.c: there is this one file, and one with a secret. */
struct result __wrap_file_read(struct text path, struct buffer *read_content);
struct result __wrap_file_read(struct text path, struct buffer *read_content)
{
    struct text found =
        text_equal(path, TEXT("/secret")) ? TEXT("d41d8cd98f00b204e9800998ecf8427e1f\n") : content;
    errno = ENOENT;
    if (!text_equal(path, TEXT("/file")) && !text_equal(path, TEXT("/secret"))) {
        return fault(ERROR_INTERNAL, "there is no such file");
    }
    buffer_append(read_content, found);
    errno = EFBIG;
    return read_content->failed ? fault(ERROR_INTERNAL, "the file is too large") : RESULT_OK;
}

/* ---- What is taken ---- */

static void require_text(const struct option *option, struct text text)
{
    if (text.data == NULL) {
        return;
    }
    ASSERT(text.data[text.length] == '\0' && strlen(text.data) == text.length);
    ASSERT(!text_has_control(text));
    if (option->maximum != 0) {
        ASSERT(text_characters(text) >= (size_t)option->minimum);
        ASSERT(text_characters(text) <= (size_t)option->maximum);
    }
}

static void require_addresses(const struct option *option, const struct config_list *list)
{
    const struct text *items = list->items;
    ASSERT(list->count <= CONFIG_LIST_MAXIMUM);
    for (size_t i = 0; i < list->count; i++) {
        require_text(option, items[i]);
        ASSERT(text_is_visible(items[i]) && text_find(items[i], ':') < items[i].length);
    }
}

static void require_networks(const struct config_list *list)
{
    const struct network *items = list->items;
    ASSERT(list->count <= CONFIG_LIST_MAXIMUM);
    for (size_t i = 0; i < list->count; i++) {
        ASSERT(items[i].prefix <= PREFIX_MAXIMUM);
    }
}

static void require_option(const struct option *option, const struct config *config)
{
    const void *field = (const char *)config + option->offset;
    switch (option->kind) {
    case OPTION_ADDRESSES:
        require_addresses(option, field);
        break;
    case OPTION_NETWORKS:
        require_networks(field);
        break;
    case OPTION_DURATION:
    case OPTION_INTEGER:
    case OPTION_SIZE:
        ASSERT(*(const int64_t *)field >= option->minimum);
        ASSERT(*(const int64_t *)field <= option->maximum);
        break;
    case OPTION_CHOICE:
    case OPTION_SWITCH:
        break;
    default:
        require_text(option, *(const struct text *)field);
        break;
    }
}

/* An address is spelled in one way only. */
static void require_normal_url(struct config *config)
{
    struct text again;
    if (config->public_url.data != NULL) {
        ASSERT(url_normalize(config->public_url, &config->arena, &again));
        ASSERT(text_equal(config->public_url, again));
    }
}

/* ---- What is not ---- */

static bool contains(struct text text, struct text part)
{
    return part.length > 0 && memmem(text.data, text.length, part.data, part.length) != NULL;
}

static void require_complaint(struct text complaint)
{
    struct config_file_entry entry;
    struct config_file_reader reader = config_file_begin(content);
    ASSERT(complaint.length > 0 && text_is_utf8(complaint) && !text_has_control(complaint));
    while (config_file_next(&reader, &entry) == CONFIG_FILE_ENTRY) {
        ASSERT(!text_equal(entry.name, TEXT("database-url")) ||
               entry.value.length < SECRET_MINIMUM || !contains(complaint, entry.value));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *arguments[] = { "--config", "/file", NULL };
    char *environment[] = { NULL };
    struct config config;
    struct buffer complaint;
    content = (struct text){ (const char *)data, size };
    buffer_init(&complaint, COMPLAINT_MAXIMUM);
    if (result_failed(config_load(&serve, arguments, environment, &complaint, &config))) {
        ASSERT(!complaint.failed);
        require_complaint(buffer_text(&complaint));
    } else {
        for (size_t i = 0; i < option_count; i++) {
            if ((options[i].commands & OPTION_OF_SERVE) != 0) {
                require_option(&options[i], &config);
            }
        }
        require_normal_url(&config);
        config_free(&config);
    }
    buffer_free(&complaint);
    return 0;
}
