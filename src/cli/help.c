#include "cli/help.h"

enum { LINE_WIDTH = 78, FLAG_INDENT = 6, SUMMARY_COLUMN = 20 };

const char help_values[] =
    "A DURATION is a number and s, m, h, d or w, such as 90d. A TIME is how long ago (2h), a local "
    "day or time (2026-01-31, 2026-01-31T12:00:00), or one in UTC with a Z behind it.";

const char help_environment[] =
    "OPENAI_ADMIN_KEY is the admin key, OPENAI_BASE_URL where the server is, such as "
    "http://127.0.0.1:8080/v1; without it, api.openai.com. Keys are never flags, which other "
    "processes can read.";

/* Fills lines with words, indented but for the first one, which begins at `column`. */
static void write_wrapped(struct buffer *buffer, struct text words, size_t indent, size_t column)
{
    bool is_first = true;
    while (words.length > 0) {
        struct text word = text_cut(&words, ' ');
        if (!is_first && column + 1 + word.length > LINE_WIDTH) {
            buffer_append_format(buffer, "\n%*s", (int)indent, "");
            column = indent;
            is_first = true;
        }
        buffer_append_format(buffer, "%s%.*s", is_first ? "" : " ", TEXT_ARGUMENTS(word));
        column += word.length + !is_first;
        is_first = false;
    }
    buffer_append_byte(buffer, '\n');
}

void help_write_usage(const struct shown_flag *flag, struct buffer *buffer)
{
    enum { CHOICES_SHOWN_MAXIMUM = 6 };
    size_t count = 0;
    while (flag->choices != NULL && flag->choices[count] != NULL) {
        count++;
    }
    buffer_append_format(buffer, "--%s", flag->name);
    if (flag->value_name == NULL) {
        return;
    }
    buffer_append_byte(buffer, ' ');
    if (count == 0 || count > CHOICES_SHOWN_MAXIMUM) {
        buffer_append(buffer, text_of(flag->value_name));
    }
    for (size_t i = 0; count <= CHOICES_SHOWN_MAXIMUM && i < count; i++) {
        buffer_append_format(buffer, "%s%s", i > 0 ? "|" : "", flag->choices[i]);
    }
}

static void write_flag(const struct shown_flag *flag, struct buffer *buffer)
{
    struct text help = text_of(flag->help);
    buffer_append(buffer, TEXT("  "));
    help_write_usage(flag, buffer);
    buffer_append_format(buffer, "%s\n%*s", flag->is_required ? " (needed)" : "", FLAG_INDENT, "");
    write_wrapped(buffer, help, FLAG_INDENT, FLAG_INDENT);
}

static void write_command(const struct catalog_entry *entry, struct buffer *buffer)
{
    struct shown_flags flags;
    entry_flags(entry, &flags);
    buffer_append_format(buffer, "Usage: orgkeys %s%s\n\n", entry->words,
                         flags.count > 0 ? " [FLAG...]" : "");
    write_wrapped(buffer, text_of(entry->summary), 0, 0);
    if (flags.count > 0) {
        buffer_append(buffer, TEXT("\nFlags:\n"));
    }
    for (size_t i = 0; i < flags.count; i++) {
        write_flag(&flags.items[i], buffer);
    }
    if (entry->example != NULL) {
        buffer_append_format(buffer, "\nExample:\n  %s\n", entry->example);
    }
    if (entry->command != NULL) {
        buffer_append_byte(buffer, '\n');
        write_wrapped(buffer, text_of(help_values), 0, 0);
        buffer_append_byte(buffer, '\n');
        write_wrapped(buffer, text_of(help_environment), 0, 0);
    }
}

static void write_line(struct buffer *buffer, struct text name, struct text summary, size_t column)
{
    size_t blanks = name.length + 2 < column ? column - name.length - 2 : 1;
    buffer_append_format(buffer, "  %.*s%*s", TEXT_ARGUMENTS(name), (int)blanks, "");
    write_wrapped(buffer, summary, column, name.length + 2 + blanks);
}

static void write_group(const struct catalog *catalog, struct text words, struct buffer *buffer)
{
    const char *example = NULL;
    size_t column = 0;
    for (size_t i = 0; i < catalog->count; i++) {
        struct text own = text_of(catalog->entries[i].words);
        if (entry_is_below(&catalog->entries[i], words) && own.length + 4 > column) {
            column = own.length + 4;
        }
    }
    buffer_append_format(buffer, "Usage: orgkeys %.*s COMMAND [FLAG...]\n\n",
                         TEXT_ARGUMENTS(words));
    for (size_t i = 0; i < catalog->count; i++) {
        const struct catalog_entry *entry = &catalog->entries[i];
        if (entry_is_below(entry, words)) {
            write_line(buffer, text_of(entry->words), text_of(entry->summary), column);
            example = example == NULL ? entry->example : example;
        }
    }
    if (example != NULL) {
        buffer_append_format(buffer, "\nExample:\n  %s\n", example);
    }
    buffer_append(buffer, TEXT("\n`--help` behind a command lists its flags.\n"));
}

/* The commands of main.c or of the pages, whole; `is_wanted` says which. */
static void write_entries(const struct catalog *catalog, struct buffer *buffer,
                          bool (*is_wanted)(const struct catalog_entry *entry))
{
    for (size_t i = 0; i < catalog->count; i++) {
        const struct catalog_entry *entry = &catalog->entries[i];
        if (is_wanted(entry)) {
            write_line(buffer, text_of(entry->words), text_of(entry->summary), SUMMARY_COLUMN + 3);
        }
    }
}

static bool is_local(const struct catalog_entry *entry)
{
    return entry->local != NULL;
}

static bool is_page(const struct catalog_entry *entry)
{
    return entry->local == NULL && entry->command == NULL;
}

static void write_all(const struct catalog *catalog, struct buffer *buffer)
{
    buffer_append(buffer, TEXT("orgkeys " ORGKEYS_VERSION
                               ": the keys of an organization, on a server of your own\n\n"
                               "Usage: orgkeys COMMAND [FLAG...]\n\nOn the server's machine:\n"));
    write_entries(catalog, buffer, is_local);
    buffer_append(buffer, TEXT("\nFrom anywhere, through the API (`orgkeys help GROUP`):\n"));
    for (size_t i = 0; i < command_group_count; i++) {
        write_line(buffer, text_of(command_groups[i].name), text_of(command_groups[i].summary),
                   SUMMARY_COLUMN + 3);
    }
    buffer_append(buffer, TEXT("\nOther:\n"));
    write_entries(catalog, buffer, is_page);
    buffer_append(buffer, TEXT("\nExample:\n  orgkeys projects list\n\n"));
    write_wrapped(buffer, text_of(help_environment), 0, 0);
    buffer_append(buffer, TEXT("\n`orgkeys COMMAND --help` lists its flags; `orgkeys --version` "
                               "tells the version.\n"));
}

void help_write(const struct catalog *catalog, struct text words, struct buffer *buffer)
{
    const struct catalog_entry *entry = catalog_find(catalog, words);
    if (words.length == 0) {
        write_all(catalog, buffer);
    } else if (entry != NULL) {
        write_command(entry, buffer);
    } else {
        write_group(catalog, words, buffer);
    }
}
