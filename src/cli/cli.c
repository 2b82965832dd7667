#include "cli/cli.h"

#include <stdio.h>
#include <string.h>

#include "base/suggest.h"
#include "cli/arguments.h"
#include "cli/catalog.h"
#include "cli/help.h"
#include "cli/terminal.h"

enum { INVOCATION_MEMORY_MAXIMUM = 8 * 1024 * 1024, PAGE_MAXIMUM = 1024 * 1024 };

/* What people call commands that have another name; also with more words behind it. */
static const struct {
    const char *typed;
    const char *meant;
} aliases[] = {
    { "admin-keys", "admin-api-keys" },
    { "api-keys", "projects api-keys" },
    { "audit", "audit-logs" },
    { "introspect", "keys introspect" },
    { "keys create", "projects api-keys create" },
    { "keys delete", "projects api-keys delete" },
    { "keys revoke", "projects api-keys delete" },
    { "projects delete", "projects archive" },
    { "projects service-accounts", "service-accounts" },
    { "users create", "invites create" },
    { "users invite", "invites create" },
    { "verify", "keys verify" },
};

/*
 * Where what is behind them makes a command of the one that is meant, the whole command; NULL: it
 * is no alias.
 */
static const char *find_alias(struct text words, const struct catalog *catalog)
{
    enum { WHOLE_MAXIMUM = CATALOG_WORDS_MAXIMUM + 32 };
    for (size_t i = 0; i < sizeof aliases / sizeof aliases[0]; i++) {
        struct text typed = text_of(aliases[i].typed);
        bool has_more = words.length > typed.length && words.data[typed.length] == ' ';
        if (!text_starts_with(words, typed) || (words.length > typed.length && !has_more)) {
            continue;
        }
        char whole[WHOLE_MAXIMUM];
        (void)snprintf(whole, sizeof whole, "%s%.*s", aliases[i].meant,
                       TEXT_ARGUMENTS(text_from(words, typed.length)));
        const struct catalog_entry *entry = catalog_find(catalog, text_of(whole));
        return entry != NULL ? entry->words : aliases[i].meant;
    }
    return NULL;
}

/* What names no command is not repeated: it may be a key in the wrong place. */
static int refuse_words(struct text words, const struct catalog *catalog)
{
    const char *names[CATALOG_MAXIMUM];
    for (size_t i = 0; i < catalog->count; i++) {
        names[i] = catalog->entries[i].words;
    }
    const char *nearest = find_alias(words, catalog);
    if (nearest == NULL) {
        nearest = suggest(words, names, catalog->count);
    }
    if (nearest != NULL) {
        (void)fprintf(stderr, "orgkeys: there is no such command; did you mean `orgkeys %s`?\n",
                      nearest);
    } else {
        (void)fputs("orgkeys: there is no such command; `orgkeys help` lists them\n", stderr);
    }
    return EXIT_USAGE;
}

static bool is_help(const char *argument)
{
    return argument != NULL && (strcmp(argument, "--help") == 0 || strcmp(argument, "-h") == 0);
}

static int write_page(void (*write)(const struct catalog *catalog, struct buffer *buffer),
                      const struct catalog *catalog)
{
    struct buffer page;
    buffer_init(&page, PAGE_MAXIMUM);
    write(catalog, &page);
    bool is_printed = print(&page);
    buffer_free(&page);
    return is_printed ? EXIT_OK : EXIT_FAILED;
}

/* Help on words: all commands, those of a group, or one. */
static int help(const struct catalog *catalog, struct text words, FILE *stream, int status)
{
    struct buffer page;
    buffer_init(&page, PAGE_MAXIMUM);
    help_write(catalog, words, &page);
    if (stream == stdout) {
        status = print(&page) ? status : EXIT_FAILED;
    } else {
        (void)fprintf(stream, "%.*s", TEXT_ARGUMENTS(buffer_text(&page)));
    }
    buffer_free(&page);
    return status;
}

static int run_command(const struct catalog *catalog, const struct command *command,
                       char **arguments)
{
    struct terminal terminal;
    struct invocation invocation = { .command = command, .terminal = &terminal };
    int status = EXIT_USAGE;
    terminal_describe(&terminal);
    arena_init(&invocation.arena, INVOCATION_MEMORY_MAXIMUM);
    if (arguments_read(&invocation, arguments)) {
        status = invocation.settings.help == 1
                     ? help(catalog, text_of(command->words), stdout, EXIT_OK)
                     : command->run(&invocation);
    }
    arena_reset(&invocation.arena);
    return status;
}

static int run_entry(const struct catalog *catalog, const struct catalog_entry *entry,
                     char **arguments)
{
    if (entry->command != NULL) {
        return run_command(catalog, entry->command, arguments);
    }
    if (is_help(arguments[0]) || entry->write == NULL) {
        return help(catalog, text_of(entry->words), stdout, EXIT_OK);
    }
    if (arguments[0] != NULL) {
        (void)fprintf(stderr, "orgkeys: `%s` takes nothing behind it\n", entry->words);
        return EXIT_USAGE;
    }
    return write_page(entry->write, catalog);
}

int cli_run(char **arguments, const struct local_commands *local)
{
    char storage[CATALOG_WORDS_MAXIMUM];
    struct catalog catalog;
    catalog_make(&catalog, local);
    if (arguments[0] != NULL && strcmp(arguments[0], "--version") == 0) {
        return run_entry(&catalog, catalog_find(&catalog, TEXT("version")), arguments + 1);
    }
    bool asks = arguments[0] != NULL && strcmp(arguments[0], "help") == 0;
    arguments += asks;
    int count = catalog_read_words(&catalog, arguments, storage);
    struct text words = text_of(storage);
    const struct catalog_entry *entry = catalog_find(&catalog, words);
    if (entry != NULL && !asks) {
        return run_entry(&catalog, entry, arguments + count);
    }
    if (!catalog_has(&catalog, words)) {
        return refuse_words(words, &catalog);
    }
    asks = asks || is_help(arguments[count]);
    if (!asks && arguments[count] != NULL) {
        (void)fputs("orgkeys: flags come behind a command; `orgkeys help` lists them\n", stderr);
        return EXIT_USAGE;
    }
    return help(&catalog, words, asks ? stdout : stderr, asks ? EXIT_OK : EXIT_USAGE);
}
