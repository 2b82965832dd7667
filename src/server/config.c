#include "server/config.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/secret.h"
#include "base/suggest.h"
#include "os/files.h"
#include "server/config_file.h"
#include "server/config_value.h"
#include "server/options.h"
#include "store/store.h"

/* In the order of precedence: one drowns those after it. */
enum source { SOURCE_FLAG, SOURCE_VARIABLE, SOURCE_FILE, SOURCE_DEFAULT };

/* What was given for one option; the values are views of where they were given. */
struct setting {
    enum source source;
    unsigned line; /* of the file, of the last value */
    size_t count;
    struct text values[CONFIG_LIST_MAXIMUM];
};

struct loader {
    const struct config_command *command;
    struct config *config;
    struct buffer *complaint;
    struct text file_path;
    struct buffer file_content;
    struct setting settings[OPTIONS_MAXIMUM]; /* of options[] */
};

/* Complaints: `place` is an option's name as the source spells it. */

static void complain_place(struct loader *loader, const struct option *option, enum source source,
                           unsigned line)
{
    if (source == SOURCE_VARIABLE) {
        option_write_variable(option, loader->complaint);
    } else if (source == SOURCE_FILE) {
        buffer_append_format(loader->complaint, "%.*s:%u: %s", TEXT_ARGUMENTS(loader->file_path),
                             line, option->name);
    } else {
        buffer_append_format(loader->complaint, "--%s", option->name);
    }
    buffer_append(loader->complaint, TEXT(": "));
}

static struct result complain(struct loader *loader, const struct option *option,
                              enum source source, unsigned line, const char *what)
{
    complain_place(loader, option, source, line);
    buffer_append(loader->complaint, text_of(what));
    return refuse(ERROR_INVALID_VALUE);
}

/* Or may hold one: a URL with a password, also where none belongs. */
static bool is_secret(const struct option *option)
{
    return option->kind == OPTION_SECRET || option->kind == OPTION_SECRET_FILE ||
           option->kind == OPTION_DATABASE || option->kind == OPTION_SQLITE;
}

/* Shows a value to the person who wrote it, but nothing that a terminal would act on. */
static void complain_value(struct loader *loader, struct text value)
{
    enum { SHOWN_MAXIMUM = 80 };
    struct text shown = text_until(value, SHOWN_MAXIMUM);
    buffer_append(loader->complaint, TEXT(", not '"));
    for (size_t i = 0; i < shown.length; i++) {
        bool printable = shown.data[i] >= ' ' && shown.data[i] <= '~';
        buffer_append_byte(loader->complaint, printable ? shown.data[i] : '?');
    }
    buffer_append(loader->complaint, shown.length < value.length ? TEXT("...'") : TEXT("'"));
}

static struct result complain_bad_value(struct loader *loader, const struct option *option,
                                        const struct setting *setting, struct text value)
{
    complain_place(loader, option, setting->source, setting->line);
    buffer_append(loader->complaint, TEXT("must be "));
    option_write_expected(option, loader->complaint);
    if (!is_secret(option)) {
        complain_value(loader, value);
    }
    return refuse(ERROR_INVALID_VALUE);
}

/* Gathering what was given. */

static bool is_of_command(const struct loader *loader, const struct option *option)
{
    return (option->commands & loader->command->command) != 0;
}

/* An option of the command by its name; else NULL. */
static const struct option *find_option(const struct loader *loader, struct text name)
{
    for (size_t i = 0; i < option_count; i++) {
        if (is_of_command(loader, &options[i]) && text_equal(name, text_of(options[i].name))) {
            return &options[i];
        }
    }
    return NULL;
}

static struct setting *setting_of(struct loader *loader, const struct option *option)
{
    return &loader->settings[option - options];
}

static struct result give(struct loader *loader, const struct option *option, enum source source,
                          unsigned line, struct text value)
{
    struct setting *setting = setting_of(loader, option);
    bool is_list = option_traits(option->kind)->item_size > 0;
    if (setting->count > 0 && setting->source < source) {
        return RESULT_OK;
    }
    if (setting->source > source) {
        setting->count = 0;
    }
    if (setting->count > 0 && !is_list) {
        return complain(loader, option, source, line, "is given more than once");
    }
    if (setting->count == CONFIG_LIST_MAXIMUM) {
        return complain(loader, option, source, line, "is given too often");
    }
    setting->source = source;
    setting->line = line;
    setting->values[setting->count++] = value;
    return RESULT_OK;
}

static bool flag_may_name(const struct loader *loader, const struct option *option)
{
    return is_of_command(loader, option) && option->use != OPTION_USE_VARIABLE;
}

static bool file_may_name(const struct loader *loader, const struct option *option)
{
    (void)loader; /* a file serves all commands, so an option of another one is not wrong */
    return option->use == OPTION_USE_ANY;
}

/* Appends the option that was meant, where there is one; `mark` is what its name begins with. */
static void complain_nearest(struct loader *loader, struct text name, const char *mark,
                             bool (*may_name)(const struct loader *, const struct option *))
{
    const char *names[OPTIONS_MAXIMUM];
    size_t count = 0;
    for (size_t i = 0; i < option_count; i++) {
        if (may_name(loader, &options[i])) {
            names[count++] = options[i].name;
        }
    }
    const char *nearest = suggest(name, names, count);
    if (nearest != NULL) {
        buffer_append_format(loader->complaint, "; did you mean %s%s?", mark, nearest);
    }
}

/* The argument itself is not shown beyond its name: what follows may be a secret. */
static struct result complain_unknown_flag(struct loader *loader, struct text name)
{
    const char *why = NULL;
    for (size_t i = 0; i < option_count; i++) {
        if (text_equal(name, text_of(options[i].name))) {
            why = options[i].kind == OPTION_SECRET
                      ? "a secret is not taken from a flag; use its variable or --admin-key-file"
                      : "is no option of this command";
        }
    }
    buffer_append_format(loader->complaint, "--%.*s: %s", TEXT_ARGUMENTS(name),
                         why != NULL ? why : "there is no such option; --help lists them");
    if (why == NULL) {
        complain_nearest(loader, name, "--", flag_may_name);
    }
    return refuse(ERROR_INVALID_VALUE);
}

static struct result take_flag(struct loader *loader, char ***arguments)
{
    struct text value = text_from(text_of(**arguments), 2);
    struct text name = text_cut(&value, '=');
    bool has_value = (**arguments)[2 + name.length] == '=';
    const struct option *option = find_option(loader, name);
    if (option == NULL || option->use == OPTION_USE_VARIABLE) {
        return complain_unknown_flag(loader, name);
    }
    bool takes_value = option_traits(option->kind)->value_name != NULL;
    if (has_value && !takes_value) {
        return complain(loader, option, SOURCE_FLAG, 0, "takes no value");
    }
    if (takes_value && !has_value) {
        (*arguments)++;
        if (**arguments == NULL) {
            return complain(loader, option, SOURCE_FLAG, 0, "needs a value");
        }
        value = text_of(**arguments);
    }
    if (option->kind == OPTION_DATABASE && store_url_has_password(value)) {
        return complain(loader, option, SOURCE_FLAG, 0,
                        "a password is not taken from a flag; give the URL in ORGKEYS_DATABASE_URL "
                        "or a file");
    }
    return give(loader, option, SOURCE_FLAG, 0, value);
}

/* The flag of the command that a directory, or a file, is given to; NULL: none. */
static const char *flag_for(const struct loader *loader, mode_t mode)
{
    for (size_t i = 0; i < option_count; i++) {
        bool fits = S_ISDIR(mode) ? options[i].kind == OPTION_DIRECTORY
                                  : S_ISREG(mode) && options[i].kind == OPTION_FILE &&
                                        options[i].section == OPTION_SECTION_COPY;
        if (fits && is_of_command(loader, &options[i])) {
            return options[i].name;
        }
    }
    return NULL;
}

/* It may be a secret, unless a file has that name. */
static struct result complain_argument(struct loader *loader, size_t number, const char *argument)
{
    struct stat status;
    const char *flag = stat(argument, &status) == 0 ? flag_for(loader, status.st_mode) : NULL;
    buffer_append_format(loader->complaint,
                         "argument %zu behind the command is unexpected; options begin with '--'",
                         number);
    if (flag != NULL) {
        buffer_append_format(loader->complaint, "; did you mean --%s %s?", flag, argument);
    }
    return refuse(ERROR_INVALID_VALUE);
}

static struct result gather_flags(struct loader *loader, char **arguments)
{
    for (char **argument = arguments; *argument != NULL; argument++) {
        struct text text = text_of(*argument);
        if (text_equal(text, TEXT("--help")) || text_equal(text, TEXT("-h"))) {
            loader->config->help = true;
            return RESULT_OK;
        }
        if (text.length <= 2 || !text_starts_with(text, TEXT("--"))) {
            return complain_argument(loader, (size_t)(argument - arguments) + 1, *argument);
        }
        TRY(take_flag(loader, &argument));
    }
    return RESULT_OK;
}

/* An entry of the environment, NULL when it is not there; `ret_value` is its part after '='. */
static char **find_variable(const struct option *option, char **environment, char **ret_value)
{
    enum { NAME_MAXIMUM = 128 };
    struct buffer name;
    char **found = NULL;
    buffer_init(&name, NAME_MAXIMUM);
    option_write_variable(option, &name);
    buffer_append_byte(&name, '=');
    for (char **entry = environment; *entry != NULL && found == NULL; entry++) {
        if (text_starts_with(text_of(*entry), buffer_text(&name))) {
            *ret_value = *entry + name.length;
            found = entry;
        }
    }
    buffer_free(&name);
    return found;
}

static struct result take_variable(struct loader *loader, const struct option *option,
                                   struct text value)
{
    bool is_list = option_traits(option->kind)->item_size > 0;
    if (!is_list) {
        return give(loader, option, SOURCE_VARIABLE, 0, value);
    }
    while (value.length > 0) {
        struct text item = text_trim(text_cut(&value, ','));
        TRY(give(loader, option, SOURCE_VARIABLE, 0, item));
    }
    return RESULT_OK;
}

/* Overwrites and removes each secret in the environment, for every command; keeps a copy. */
static struct result take_secret_variable(struct loader *loader, const struct option *option,
                                          char **environment)
{
    struct text secret = TEXT_NONE;
    char *value;
    for (char **entry = find_variable(option, environment, &value); entry != NULL;
         entry = find_variable(option, environment, &value)) {
        secret = arena_copy(&loader->config->arena, text_of(value));
        secret_wipe(value, strlen(value));
        for (char **rest = entry; *rest != NULL; rest++) {
            rest[0] = rest[1];
        }
    }
    const struct option *taken = find_option(loader, text_of(option->name));
    if (secret.length == 0 || taken == NULL) {
        return RESULT_OK;
    }
    return take_variable(loader, taken, secret);
}

/* The secrets first, so that no complaint about another variable leaves one behind. */
static struct result gather_variables(struct loader *loader, char **environment)
{
    for (size_t i = 0; i < option_count; i++) {
        if (option_has_variable(&options[i]) &&
            (options[i].kind == OPTION_SECRET || options[i].kind == OPTION_DATABASE)) {
            TRY(take_secret_variable(loader, &options[i], environment));
        }
    }
    for (size_t i = 0; i < option_count; i++) {
        char *value;
        if (is_of_command(loader, &options[i]) && option_has_variable(&options[i]) &&
            find_variable(&options[i], environment, &value) != NULL && *value != '\0') {
            TRY(take_variable(loader, &options[i], text_of(value)));
        }
    }
    return RESULT_OK;
}

static bool file_may_have(const struct loader *loader, struct text name)
{
    for (size_t i = 0; i < option_count; i++) {
        if (file_may_name(loader, &options[i]) && text_equal(name, text_of(options[i].name))) {
            return true;
        }
    }
    return false;
}

static struct result complain_line(struct loader *loader, unsigned line, const char *what)
{
    buffer_append_format(loader->complaint, "%.*s:%u: %s", TEXT_ARGUMENTS(loader->file_path), line,
                         what);
    return refuse(ERROR_INVALID_VALUE);
}

/* A line of a file with a key in it that was given by mistake is not shown. */
static bool is_like_a_name(struct text text)
{
    enum { LENGTH_MAXIMUM = 32 };
    bool is = text.length <= LENGTH_MAXIMUM;
    for (size_t i = 0; i < text.length && is; i++) {
        is = (text.data[i] >= 'a' && text.data[i] <= 'z') || text.data[i] == '-' ||
             text.data[i] == '_';
    }
    return is;
}

static struct result complain_name(struct loader *loader, unsigned line, struct text name)
{
    struct result result = complain_line(loader, line, "");
    if (is_like_a_name(name)) {
        buffer_append_format(loader->complaint, "%.*s: ", TEXT_ARGUMENTS(name));
    }
    buffer_append(loader->complaint, TEXT("there is no such option for a file"));
    complain_nearest(loader, name, "", file_may_name);
    return result;
}

static struct result take_lines(struct loader *loader)
{
    struct config_file_reader reader = config_file_begin(buffer_text(&loader->file_content));
    for (;;) {
        struct config_file_entry entry;
        enum config_file_outcome outcome = config_file_next(&reader, &entry);
        if (outcome == CONFIG_FILE_END) {
            return RESULT_OK;
        }
        if (outcome == CONFIG_FILE_WRONG) {
            return complain_line(loader, reader.line, reader.wrong);
        }
        if (!file_may_have(loader, entry.name)) {
            return complain_name(loader, reader.line, entry.name);
        }
        const struct option *option = find_option(loader, entry.name);
        if (option != NULL) {
            TRY(give(loader, option, SOURCE_FILE, reader.line, entry.value));
        }
    }
}

/* Reads a file for an option; the reason of a failure is the system's. */
static struct result read_for(struct loader *loader, const struct option *option, struct text path,
                              struct buffer *content)
{
    const struct setting *setting = setting_of(loader, option);
    if (text_has_control(path)) {
        return complain(loader, option, setting->source, setting->line,
                        "must be a path without control characters");
    }
    if (!result_failed(file_read(path, content))) {
        return RESULT_OK;
    }
    int error = errno;
    (void)fault_take();
    complain_place(loader, option, setting->source, setting->line);
    buffer_append_format(loader->complaint, "cannot read %.*s: ", TEXT_ARGUMENTS(path));
    if (error == EFBIG) {
        buffer_append_format(loader->complaint, "it has more than %zu bytes", content->maximum);
    } else {
        buffer_append(loader->complaint, text_of(strerror(error)));
    }
    return refuse(ERROR_INVALID_VALUE);
}

static struct result gather_file(struct loader *loader)
{
    const struct option *option = find_option(loader, TEXT("config"));
    if (option == NULL || setting_of(loader, option)->count == 0) {
        return RESULT_OK;
    }
    loader->file_path = setting_of(loader, option)->values[0];
    TRY(read_for(loader, option, loader->file_path, &loader->file_content));
    return take_lines(loader);
}

/* Reading what was gathered. */

static struct result read_list(struct loader *loader, const struct option *option,
                               const struct setting *setting, struct config_list *list)
{
    const struct option_traits *traits = option_traits(option->kind);
    char *items = arena_allocate_array(&loader->config->arena, setting->count, traits->item_size);
    if (items == NULL) {
        return fault(ERROR_INTERNAL, "no memory for --%s", option->name);
    }
    for (size_t i = 0; i < setting->count; i++) {
        if (!traits->read(option, setting->values[i], &loader->config->arena,
                          items + i * traits->item_size)) {
            return complain_bad_value(loader, option, setting, setting->values[i]);
        }
    }
    *list = (struct config_list){ items, setting->count };
    return RESULT_OK;
}

/* Editors and `echo` end a file with a line's end that is no part of the secret. */
static struct text without_line_end(struct text text)
{
    struct text line = text_ends_with(text, TEXT("\n")) ? text_until(text, text.length - 1) : text;
    return text_ends_with(line, TEXT("\r")) ? text_until(line, line.length - 1) : line;
}

static struct result read_secret_file(struct loader *loader, const struct option *option,
                                      const struct setting *setting, struct text *field)
{
    enum { FILE_MAXIMUM = 1024 };
    struct buffer content;
    if (field->data != NULL) {
        return complain(loader, option, setting->source, setting->line,
                        "the secret was given by its variable too; give one of them");
    }
    buffer_init(&content, FILE_MAXIMUM);
    TRY(read_for(loader, option, setting->values[0], &content));
    bool good =
        option_traits(option->kind)
            ->read(option, without_line_end(buffer_text(&content)), &loader->config->arena, field);
    buffer_free(&content);
    return good ? RESULT_OK : complain_bad_value(loader, option, setting, TEXT_NONE);
}

static struct result read_setting(struct loader *loader, const struct option *option)
{
    const struct setting *setting = setting_of(loader, option);
    const struct option_traits *traits = option_traits(option->kind);
    void *field = (char *)loader->config + option->offset;
    if (setting->count == 0) {
        return RESULT_OK;
    }
    if (traits->item_size > 0) {
        return read_list(loader, option, setting, field);
    }
    if (option->kind == OPTION_SECRET_FILE) {
        return read_secret_file(loader, option, setting, field);
    }
    if (!traits->read(option, setting->values[0], &loader->config->arena, field)) {
        return complain_bad_value(loader, option, setting, setting->values[0]);
    }
    return RESULT_OK;
}

static struct result read_settings(struct loader *loader)
{
    for (size_t i = 0; i < option_count; i++) {
        const struct option *option = &options[i];
        if (!is_of_command(loader, option)) {
            continue;
        }
        if (option->preset != NULL) {
            TRY(give(loader, option, SOURCE_DEFAULT, 0, text_of(option->preset)));
        }
        if (option->use == OPTION_USE_REQUIRED && loader->settings[i].count == 0) {
            return complain(loader, option, SOURCE_FLAG, 0, "is needed");
        }
        TRY(read_setting(loader, option));
    }
    return RESULT_OK;
}

/* Of an option that was given, and is right by itself. */
static struct result complain_given(struct loader *loader, const char *name, const char *what)
{
    const struct option *option = find_option(loader, text_of(name));
    const struct setting *setting = setting_of(loader, option);
    return complain(loader, option, setting->source, setting->line, what);
}

static struct result check_relations(struct loader *loader)
{
    const struct config *config = loader->config;
    if (config->bodies_maximum < config->body_maximum) {
        return complain_given(loader, "max-bodies-size", "must be at least max-body-size");
    }
    if (config->tls_certificate.data != NULL && config->tls_key.data == NULL) {
        return complain_given(loader, "tls-cert", "needs tls-key too");
    }
    if (config->tls_key.data != NULL && config->tls_certificate.data == NULL) {
        return complain_given(loader, "tls-key", "needs tls-cert too");
    }
    return RESULT_OK;
}

static struct result load(struct loader *loader, char **arguments, char **environment)
{
    /* First, so that no other failure leaves a secret in the environment. */
    TRY(gather_variables(loader, environment));
    TRY(gather_flags(loader, arguments));
    if (loader->config->help) {
        return RESULT_OK;
    }
    TRY(gather_file(loader));
    TRY(read_settings(loader));
    return check_relations(loader);
}

/* What was taken from the environment: the configuration has its own copies. */
static void wipe_variables(struct loader *loader)
{
    for (size_t i = 0; i < option_count; i++) {
        const struct setting *setting = &loader->settings[i];
        if (is_secret(&options[i]) && setting->source == SOURCE_VARIABLE) {
            struct text value = setting->values[0];
            secret_wipe((void *)(uintptr_t)value.data, value.length);
        }
    }
}

struct result config_load(const struct config_command *command, char **arguments,
                          char **environment, struct buffer *complaint, struct config *ret_config)
{
    struct config config = { 0 };
    struct loader loader = { .command = command, .config = &config, .complaint = complaint };
    for (size_t i = 0; i < option_count; i++) {
        loader.settings[i].source = SOURCE_DEFAULT;
    }
    arena_init(&config.arena, CONFIG_MEMORY_MAXIMUM);
    buffer_init(&loader.file_content, CONFIG_FILE_MAXIMUM);
    struct result result = load(&loader, arguments, environment);
    wipe_variables(&loader);
    buffer_free(&loader.file_content);
    if (result_failed(result)) {
        config_free(&config);
        return result;
    }
    *ret_config = config;
    return RESULT_OK;
}

void config_free(struct config *config)
{
    arena_reset(&config->arena);
    *config = (struct config){ 0 };
}
