#ifndef ORGKEYS_CLI_CATALOG_H
#define ORGKEYS_CLI_CATALOG_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"
#include "cli/cli.h"
#include "cli/command.h"
#include "cli/flags.h"

/* Every command of the program, by its words: what help, completion and the manual list. */
enum { CATALOG_MAXIMUM = 64, CATALOG_WORDS_MAXIMUM = 256, SHOWN_FLAGS_MAXIMUM = 64 };

struct catalog;

struct catalog_entry {
    const char *words;
    const char *summary;
    const char *example;               /* NULL: there is none */
    const struct command *command;     /* of the table in commands.c; or NULL */
    const struct local_command *local; /* of main.c; or NULL */
    void (*write)(const struct catalog *catalog, struct buffer *buffer); /* pages; or NULL */
};

struct catalog {
    struct catalog_entry entries[CATALOG_MAXIMUM];
    size_t count;
};

void catalog_make(struct catalog *ret_catalog, const struct local_commands *local);

/*
 * The words at the start of `arguments`, with a space between, up to a command's last one or the
 * first flag; cut where they are too long to be a command's. Gives how many there are.
 */
int catalog_read_words(const struct catalog *catalog, char **arguments,
                       char ret_words[CATALOG_WORDS_MAXIMUM]);

/* NULL: there is no command of these words. */
const struct catalog_entry *catalog_find(const struct catalog *catalog, struct text words);

/* Whether these are a command's words, or its first ones; none always are. */
bool catalog_has(const struct catalog *catalog, struct text words);
bool entry_is_below(const struct catalog_entry *entry, struct text words);

/* What follows `words` in those of an entry that is below them. */
struct text entry_next_word(const struct catalog_entry *entry, struct text words);
/* Whether no entry in front of it has the same next word. */
bool entry_is_first(const struct catalog *catalog, const struct catalog_entry *entry,
                    struct text words);
/* What the next word is about: the command's summary, or the group's. */
const char *entry_next_summary(const struct catalog_entry *entry, struct text words);

/* The flags of a command, as people see them. */
struct shown_flags {
    struct flag own[FLAGS_MAXIMUM];
    struct shown_flag items[SHOWN_FLAGS_MAXIMUM];
    size_t count;
};
void entry_flags(const struct catalog_entry *entry, struct shown_flags *ret_flags);

#endif
