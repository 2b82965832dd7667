#include "cli/arguments.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/secret.h"
#include "base/suggest.h"
#include "cli/terminal.h"

#define TIME_FORMS "2026-01-31, 2026-01-31T12:00:00, or in UTC with a Z behind it"

enum { SECRET_MAXIMUM = 4096, RETRIES_MAXIMUM = 10, TIMEOUT_MAXIMUM = 2000000 };

/* What is said never repeats a value: it may be a secret in the wrong place. */
static bool complain(const struct invocation *invocation, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static bool complain(const struct invocation *invocation, const char *format, ...)
{
    char message[512];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    (void)fprintf(stderr, "orgkeys: %s\nSee `orgkeys %s --help`.\n", message,
                  invocation->command->words);
    return false;
}

/* ---- Values ---- */

static bool read_duration(struct text value, int64_t *ret_seconds)
{
    static const struct {
        char unit;
        int64_t seconds;
    } units[] = { { 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 }, { 'w', 604800 } };
    for (size_t i = 0; value.length > 1 && i < sizeof units / sizeof units[0]; i++) {
        int64_t count;
        if (value.data[value.length - 1] == units[i].unit &&
            text_to_integer(text_until(value, value.length - 1), 0, INT32_MAX, &count)) {
            *ret_seconds = count * units[i].seconds;
            return true;
        }
    }
    return false;
}

/* Without a Z, times are local ones; a duration leads there from now, `direction` being 1 or -1. */
static bool read_time(struct text value, int direction, int64_t *ret_time)
{
    static const struct {
        const char *format;
        bool is_utc;
    } forms[] = {
        { "%Y-%m-%dT%H:%M:%SZ", true },
        { "%Y-%m-%dT%H:%M:%S", false },
        { "%Y-%m-%d %H:%M", false },
        { "%Y-%m-%d", false },
    };
    int64_t distance;
    if (read_duration(value, &distance)) {
        *ret_time = clock_now_microseconds() / MICROSECONDS_PER_SECOND + direction * distance;
        return true;
    }
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        struct tm parts = { .tm_isdst = -1 };
        const char *end = strptime(value.data, forms[i].format, &parts);
        if (end != NULL && *end == '\0') {
            int day = parts.tm_mday; /* of no month, it becomes one of the next */
            *ret_time = forms[i].is_utc ? timegm(&parts) : mktime(&parts);
            return parts.tm_mday == day;
        }
    }
    return false;
}

static bool is_choice(const struct flag *flag, struct text value)
{
    for (size_t i = 0; flag->choices[i] != NULL; i++) {
        if (text_equal(value, text_of(flag->choices[i]))) {
            return true;
        }
    }
    return false;
}

static bool refuse_choice(const struct invocation *invocation, const struct flag *flag)
{
    enum { WORDS_MAXIMUM = 400 };
    struct buffer words;
    buffer_init(&words, WORDS_MAXIMUM);
    for (size_t i = 0; flag->choices[i] != NULL; i++) {
        buffer_append_format(&words, "%s%s", i > 0 ? ", " : "", flag->choices[i]);
    }
    (void)complain(invocation, "--%s takes one of: %.*s", flag->name,
                   TEXT_ARGUMENTS(buffer_text(&words)));
    buffer_free(&words);
    return false;
}

/* The list grows in an array of FLAG_VALUES_MAXIMUM. */
static bool begin_list(struct invocation *invocation, struct object_list *list, size_t size)
{
    if (list->items == NULL) {
        list->items = arena_allocate_array(&invocation->arena, FLAG_VALUES_MAXIMUM, size);
        list->count = 0;
    }
    return list->items != NULL || complain(invocation, "there is not enough memory");
}

/* NULL: it is full. */
static void *next_item(struct invocation *invocation, struct object_list *list, size_t size)
{
    if (!begin_list(invocation, list, size) || list->count == FLAG_VALUES_MAXIMUM) {
        return NULL;
    }
    return (char *)(uintptr_t)list->items + list->count++ * size;
}

/* In a body, '' makes a list that is there and has nothing. */
static bool add_text(struct invocation *invocation, const struct flag *flag, void *member,
                     struct text value)
{
    if (text_is_empty(value)) {
        return begin_list(invocation, member, sizeof value);
    }
    struct text *item = next_item(invocation, member, sizeof *item);
    if (item == NULL) {
        return complain(invocation, "--%s is given too often: at most %d times", flag->name,
                        FLAG_VALUES_MAXIMUM);
    }
    *item = value;
    return true;
}

static bool add_role(struct invocation *invocation, const struct flag *flag, void *member,
                     struct text value)
{
    struct role {
        struct text id;
        struct text role;
    };
    struct text rest = value;
    struct text id = text_cut(&rest, ':');
    if (text_is_empty(value)) {
        return begin_list(invocation, member, sizeof(struct role));
    }
    if (text_is_empty(id) || text_is_empty(rest)) {
        return complain(invocation, "--%s takes PROJECT_ID:ROLE, such as proj_...:member",
                        flag->name);
    }
    struct role *item = next_item(invocation, member, sizeof *item);
    if (item == NULL) {
        return complain(invocation, "--%s is given too often: at most %d times", flag->name,
                        FLAG_VALUES_MAXIMUM);
    }
    *item = (struct role){ id, rest };
    return true;
}

static bool set_secret(struct invocation *invocation, const struct flag *flag, struct text *member)
{
    if (!secret_read(invocation, member)) {
        return false;
    }
    return member->length > 0 ||
           complain(invocation, "--%s needs something on standard input: `< FILE`, or a pipe",
                    flag->name);
}

static bool set_value(struct invocation *invocation, const struct flag *flag, void *member,
                      struct text value)
{
    switch (flag->kind) {
    case FLAG_SWITCH:
        *(int64_t *)member = 1;
        return true;
    case FLAG_SECRET:
        return set_secret(invocation, flag, member);
    case FLAG_TEXT:
        *(struct text *)member = value;
        return flag->choices == NULL || is_choice(flag, value) || refuse_choice(invocation, flag);
    case FLAG_INTEGER:
        return text_to_integer(value, 0, INT32_MAX, member) ||
               complain(invocation, "--%s takes a number", flag->name);
    case FLAG_DURATION:
        return read_duration(value, member) ||
               complain(invocation, "--%s takes a number and s, m, h, d or w, such as 90d",
                        flag->name);
    case FLAG_TIME:
        return read_time(value, -1, member) ||
               complain(invocation, "--%s takes how long ago, such as 2h, or a time: " TIME_FORMS,
                        flag->name);
    case FLAG_DEADLINE:
        return read_time(value, 1, member) ||
               complain(invocation, "--%s takes in how long, such as 7d, or a time: " TIME_FORMS,
                        flag->name);
    case FLAG_TEXTS:
        return add_text(invocation, flag, member, value);
    case FLAG_ROLES:
        return add_role(invocation, flag, member, value);
    }
    return false;
}

bool secret_read(struct invocation *invocation, struct text *ret_secret)
{
    struct buffer buffer;
    ssize_t count = invocation->terminal->in_is_terminal ? 0 : 1;
    buffer_init(&buffer, SECRET_MAXIMUM);
    while (count > 0 && !buffer.failed) {
        char part[SECRET_MAXIMUM];
        count = read(STDIN_FILENO, part, sizeof part);
        if (count > 0) {
            buffer_append(&buffer, (struct text){ part, (size_t)count });
        }
        secret_wipe(part, sizeof part);
    }
    struct text secret = buffer_text(&buffer);
    while (text_ends_with(secret, TEXT("\n")) || text_ends_with(secret, TEXT("\r"))) {
        secret.length--;
    }
    *ret_secret = arena_copy(&invocation->arena, secret);
    bool is_read = count == 0 && !buffer.failed && ret_secret->data != NULL;
    buffer_free(&buffer);
    return is_read || complain(invocation,
                               "standard input cannot be read, or has more than %d "
                               "bytes",
                               SECRET_MAXIMUM);
}

/* ---- Flags ---- */

static const struct flag *find_flag(const struct flag *flags, size_t count, struct text name)
{
    for (size_t i = 0; i < count; i++) {
        if (text_equal(text_of(flags[i].name), name)) {
            return &flags[i];
        }
    }
    return NULL;
}

static void *place_of(struct invocation *invocation, const struct flag *flag)
{
    switch (flag->place) {
    case FLAG_OF_QUERY:
        return (char *)&invocation->query + flag->offset;
    case FLAG_OF_INPUT:
        return (char *)invocation->input + flag->offset;
    default:
        return (char *)&invocation->settings + flag->offset;
    }
}

static bool set_flag(struct invocation *invocation, const struct flag *flag, const char *value)
{
    struct text text = text_of(value);
    if (flag_takes_value(flag) && text_is_empty(text) && flag->place != FLAG_OF_INPUT) {
        return complain(invocation, "--%s is empty", flag->name);
    }
    if (text.length > FLAG_BYTES_MAXIMUM) {
        return complain(invocation, "--%s is too long: at most %d bytes", flag->name,
                        FLAG_BYTES_MAXIMUM);
    }
    if (!text_is_utf8(text)) {
        return complain(invocation, "--%s is not UTF-8", flag->name);
    }
    if (flag->place == FLAG_OF_PATH) {
        invocation->ids[flag->offset] = value;
        return (!text_equal(text, TEXT(".")) && !text_equal(text, TEXT(".."))) ||
               complain(invocation, "--%s takes an id", flag->name);
    }
    return set_value(invocation, flag, place_of(invocation, flag), text);
}

static bool refuse_unknown(const struct invocation *invocation, const struct flag *flags,
                           size_t count, struct text name)
{
    const char *names[FLAGS_MAXIMUM];
    for (size_t i = 0; i < count; i++) {
        names[i] = flags[i].name;
    }
    const char *nearest = suggest(name, names, count);
    if (nearest != NULL) {
        return complain(invocation, "there is no such flag; did you mean --%s?", nearest);
    }
    return complain(invocation, "there is a flag that the command does not know%s",
                    text_find(name, 'k') < name.length
                        ? " (keys go into OPENAI_ADMIN_KEY or through standard input)"
                        : "");
}

/* Most likely it is the value of a flag that is needed. It is not repeated: it may be a secret. */
static void refuse_stray(const struct invocation *invocation, const struct flag *flags,
                         size_t count, const bool *given)
{
    for (size_t i = 0; i < count; i++) {
        if (flags[i].is_required && !given[i] && flag_takes_value(&flags[i])) {
            (void)complain(invocation,
                           "there is an argument that is no flag; did you mean `--%s %s`?",
                           flags[i].name, flag_value_name(&flags[i]));
            return;
        }
    }
    (void)complain(invocation, "there is an argument that is no flag (it is not repeated here: it "
                               "may be a secret)");
}

/* Reads the flag at `arguments`; gives how many arguments it took, 0 after a complaint. */
static int read_flag(struct invocation *invocation, const struct flag *flags, size_t count,
                     char **arguments, bool *given)
{
    struct text value = text_of(arguments[0]);
    if (!text_starts_with(value, TEXT("--"))) {
        refuse_stray(invocation, flags, count, given);
        return 0;
    }
    bool has_value = text_find(value, '=') < value.length;
    struct text name = text_from(text_cut(&value, '='), 2);
    const struct flag *flag = find_flag(flags, count, name);
    if (flag == NULL) {
        (void)refuse_unknown(invocation, flags, count, name);
        return 0;
    }
    int taken = 1;
    if (flag_takes_value(flag) && !has_value) {
        value = text_of(arguments[taken++]);
    }
    if (flag_takes_value(flag) ? value.data == NULL : has_value) {
        (void)complain(invocation, "--%s takes %s value", flag->name, has_value ? "no" : "a");
        return 0;
    }
    if (taken > 1 && text_starts_with(value, TEXT("--"))) {
        (void)complain(invocation,
                       "--%s takes a value, and a flag follows it (a value that begins with -- is "
                       "given as --%s=VALUE)",
                       flag->name, flag->name);
        return 0;
    }
    bool is_list = flag->kind == FLAG_TEXTS || flag->kind == FLAG_ROLES;
    if (given[flag - flags] && flag_takes_value(flag) && !is_list) {
        (void)complain(invocation, "--%s is given twice", flag->name);
        return 0;
    }
    given[flag - flags] = true;
    const char *without_secret = invocation->command->without_secret;
    if (without_secret != NULL && strcmp(flag->name, without_secret) == 0) {
        invocation->is_without_secret = true;
    }
    return set_flag(invocation, flag, value.data) ? taken : 0;
}

static bool prepare(struct invocation *invocation)
{
    const struct command *command = invocation->command;
    object_clear(&settings_type, &invocation->settings);
    invocation->query = call_query(0, NULL);
    if (command->operation == OPERATION_COUNT) {
        return true;
    }
    const struct object_type *input = operation_describe(command->operation)->input;
    if (input != NULL) {
        invocation->input = arena_allocate(&invocation->arena, input->size);
        if (invocation->input == NULL) {
            return complain(invocation, "there is not enough memory");
        }
        object_clear(input, invocation->input);
    }
    return true;
}

static bool check_settings(const struct invocation *invocation)
{
    const struct settings *settings = &invocation->settings;
    if (settings->retries > RETRIES_MAXIMUM) {
        return complain(invocation, "--retries is at most %d", RETRIES_MAXIMUM);
    }
    if (settings->timeout == 0 || settings->timeout > TIMEOUT_MAXIMUM) {
        return complain(invocation, "--timeout is at least 1s, and at most %ds", TIMEOUT_MAXIMUM);
    }
    return true;
}

bool arguments_read(struct invocation *invocation, char **arguments)
{
    struct flag flags[FLAGS_MAXIMUM];
    bool given[FLAGS_MAXIMUM] = { false };
    size_t count = command_flags(invocation->command, flags);
    invocation->arguments = arguments;
    if (!prepare(invocation)) {
        return false;
    }
    while (*arguments != NULL && invocation->settings.help != 1) {
        if (strcmp(*arguments, "-h") == 0) {
            invocation->settings.help = 1;
            break;
        }
        int taken = read_flag(invocation, flags, count, arguments, given);
        if (taken == 0) {
            return false;
        }
        arguments += taken;
    }
    if (invocation->settings.help == 1) {
        return true;
    }
    for (size_t i = 0; i < count; i++) {
        if (flags[i].is_required && !given[i]) {
            return complain(invocation, "--%s is needed", flags[i].name);
        }
    }
    return check_settings(invocation);
}
