#include "server/config.h"

#include <limits.h>
#include <stdbool.h>

#include "server/config_value.h"
#include "server/options.h"

enum { HELP_WIDTH = 78, HELP_INDENT = 6 };

static const struct {
    unsigned options; /* it takes those of these commands */
    const char *name;
} commands[] = {
    { OPTION_OF_SERVE, "serve" },
    { OPTION_OF_RECOVER, "recover" },
    { OPTION_OF_ORGANIZATION_CREATE, "organization create" },
    { OPTION_OF_STORE_COPY, "store copy" },
    { OPTION_OF_DOCTOR | OPTION_OF_SERVE, "doctor" },
    { OPTION_OF_BACKUP, "backup" },
    { OPTION_OF_RESTORE, "restore" },
    { OPTION_OF_CHECK, "check" },
};

static bool is_list(const struct option *option)
{
    return option_traits(option->kind)->item_size > 0;
}

static bool is_flag_alone(const struct option *option)
{
    return option->use == OPTION_USE_FLAG || option->use == OPTION_USE_REQUIRED;
}

/* Fills lines of HELP_WIDTH with words, each line indented. */
static void write_wrapped(struct buffer *buffer, struct text words)
{
    size_t column = 0;
    while (words.length > 0) {
        struct text word = text_cut(&words, ' ');
        if (column > 0 && column + 1 + word.length > HELP_WIDTH) {
            buffer_append_byte(buffer, '\n');
            column = 0;
        }
        buffer_append_format(buffer, "%*s%.*s", column == 0 ? HELP_INDENT : 1, "",
                             TEXT_ARGUMENTS(word));
        column += (column == 0 ? HELP_INDENT : 1) + word.length;
    }
    buffer_append_byte(buffer, '\n');
}

static void write_value_name(struct buffer *buffer, const struct option *option)
{
    if (option->choices == NULL) {
        buffer_append(buffer, text_of(option_traits(option->kind)->value_name));
        return;
    }
    for (size_t i = 0; option->choices[i] != NULL; i++) {
        buffer_append_format(buffer, "%s%s", i > 0 ? "|" : "", option->choices[i]);
    }
}

/* "--listen ADDRESS", "ORGKEYS_ADMIN_KEY=SECRET", "--revoke-others" */
static void write_usage(struct buffer *buffer, const struct option *option)
{
    bool by_variable = option->use == OPTION_USE_VARIABLE;
    if (by_variable) {
        option_write_variable(option, buffer);
    } else {
        buffer_append_format(buffer, "--%s", option->name);
    }
    if (option_traits(option->kind)->value_name != NULL) {
        buffer_append_byte(buffer, by_variable ? '=' : ' ');
        write_value_name(buffer, option);
    }
}

static void write_option(struct buffer *buffer, const struct option *option)
{
    enum { DETAIL_MAXIMUM = 1024 };
    struct buffer detail;
    buffer_init(&detail, DETAIL_MAXIMUM);
    buffer_append(&detail, text_of(option->help));
    if (is_list(option)) {
        buffer_append(&detail, TEXT(" Can be repeated."));
    }
    if (option->use == OPTION_USE_REQUIRED) {
        buffer_append(&detail, TEXT(" Needed."));
    }
    if (is_flag_alone(option)) {
        buffer_append(&detail, TEXT(" A flag alone."));
    }
    if (option->preset != NULL) {
        buffer_append_format(&detail, " [%s]", option->preset);
    }
    buffer_append(buffer, TEXT("  "));
    write_usage(buffer, option);
    buffer_append_byte(buffer, '\n');
    write_wrapped(buffer, buffer_text(&detail));
    buffer_free(&detail);
}

/* Calls `write` for the options of a section that one of `takers` takes, after `head` if any. */
static void write_section(struct buffer *buffer, enum option_section section, unsigned takers,
                          void (*head)(struct buffer *buffer, const char *title),
                          void (*write)(struct buffer *buffer, const struct option *option))
{
    bool any = false;
    for (size_t i = 0; i < option_count; i++) {
        if (options[i].section != section || (options[i].commands & takers) == 0) {
            continue;
        }
        if (!any) {
            head(buffer, option_section_titles[section]);
            any = true;
        }
        write(buffer, &options[i]);
    }
}

static void write_help_head(struct buffer *buffer, const char *title)
{
    buffer_append_format(buffer, "\n%s:\n", title);
}

/* Where else the options are given; the first that can be is the example. */
static void write_places(struct buffer *buffer, const struct config_command *command)
{
    const struct option *example = NULL;
    bool any_flag = false;
    bool any_list = false;
    for (size_t i = 0; i < option_count; i++) {
        if ((options[i].commands & command->command) != 0) {
            bool is_example = example == NULL && options[i].use == OPTION_USE_ANY;
            example = is_example ? &options[i] : example;
            any_flag = any_flag || is_flag_alone(&options[i]);
            any_list = any_list || is_list(&options[i]);
        }
    }
    if (example == NULL) {
        return;
    }
    buffer_append_format(buffer, "\n%s option is also a variable, --%s being ",
                         any_flag ? "Any other" : "Each", example->name);
    option_write_variable(example, buffer);
    buffer_append_format(buffer,
                         ", and a line\n`%s = VALUE` of the file that --config names. Flags win "
                         "over variables,\nvariables over the file.%s\n",
                         example->name, any_list ? " In a variable, commas separate a list." : "");
}

void config_help(const struct config_command *command, struct buffer *buffer)
{
    buffer_append_format(buffer, "Usage: orgkeys %s [OPTION...]\n\n%s\n", command->name,
                         command->summary);
    for (enum option_section section = 0; section < OPTION_SECTION_COUNT; section++) {
        write_section(buffer, section, command->command, write_help_head, write_option);
    }
    write_places(buffer, command);
}

static void document_commands(struct buffer *buffer, const struct option *option)
{
    const char *separator = "";
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        if ((option->commands & commands[i].options) != 0) {
            buffer_append_format(buffer, "%s`%s`", separator, commands[i].name);
            separator = ", ";
        }
    }
}

/* How the option is spelled in each place that takes it. */
static void document_places(struct buffer *buffer, const struct option *option)
{
    if (is_flag_alone(option)) {
        buffer_append(buffer, TEXT("- A flag alone: no variable, no line of a file.\n"));
        return;
    }
    buffer_append(buffer, TEXT("- Variable: `"));
    option_write_variable(option, buffer);
    buffer_append(buffer, TEXT("`"));
    if (option->use == OPTION_USE_VARIABLE) {
        buffer_append(buffer, TEXT(" alone; it is wiped from the environment once read"));
    } else if (option->use == OPTION_USE_NOT_FILE) {
        buffer_append(buffer, TEXT("; not in a file"));
    }
    buffer_append(buffer, TEXT("\n"));
}

static void document_option(struct buffer *buffer, const struct option *option)
{
    buffer_append(buffer, TEXT("\n### `"));
    write_usage(buffer, option);
    buffer_append_format(buffer, "`\n\n%s\n\n", option->help);
    document_places(buffer, option);
    if (option_traits(option->kind)->value_name != NULL) {
        buffer_append(buffer, TEXT("- Value: "));
        option_write_expected(option, buffer);
        buffer_append_format(buffer, "%s\n", is_list(option) ? "; can be repeated" : "");
    }
    if (option->preset != NULL) {
        buffer_append_format(buffer, "- Default: `%s`\n", option->preset);
    }
    buffer_append(buffer, TEXT("- Taken by "));
    document_commands(buffer, option);
    buffer_append_byte(buffer, '\n');
}

static void write_document_head(struct buffer *buffer, const char *title)
{
    buffer_append_format(buffer, "\n## %s\n", title);
}

void config_document(struct buffer *buffer)
{
    buffer_append(buffer, TEXT("# Configuration\n"
                               "\n"
                               "Made from the table in `src/server/options.c` by `make docs`; do "
                               "not edit.\n"
                               "\n"
                               "Unless it says otherwise, an option is a flag (`--listen "
                               "ADDRESS`), a variable (`ORGKEYS_LISTEN`)\n"
                               "and a line of the file that `--config` names (`listen = "
                               "ADDRESS`). Flags win over variables,\n"
                               "variables over the file, the file over defaults. An option that "
                               "can be repeated takes all values of\n"
                               "the place that wins: several flags, several lines, or one "
                               "variable with commas between. An empty\n"
                               "variable counts as absent. In the file, lines that begin with "
                               "`#` are comments, and a name that\n"
                               "orgkeys does not know is an error; where a variable begins with "
                               "`ORGKEYS_` and is none of its own,\n"
                               "the log has a warning. A wrong value ends the program with "
                               "status 2 and one line that says where\n"
                               "it stands.\n"));
    for (enum option_section section = 0; section < OPTION_SECTION_COUNT; section++) {
        write_section(buffer, section, UINT_MAX, write_document_head, document_option);
    }
}
