#include "cli/catalog.h"

#include <string.h>

#include "base/result.h"
#include "cli/completion.h"
#include "cli/manual.h"

static void version_write(const struct catalog *catalog, struct buffer *buffer)
{
    (void)catalog;
    buffer_append(buffer, TEXT("orgkeys " ORGKEYS_VERSION "\n"));
}

static const struct catalog_entry pages[] = {
    { "completion bash", "Writes the completion for bash.", "source <(orgkeys completion bash)",
      NULL, NULL, completion_write_bash },
    { "completion zsh", "Writes the completion for zsh.",
      "orgkeys completion zsh > ~/.zfunc/_orgkeys", NULL, NULL, completion_write_zsh },
    { "completion fish", "Writes the completion for fish.",
      "orgkeys completion fish > ~/.config/fish/completions/orgkeys.fish", NULL, NULL,
      completion_write_fish },
    { "manual", "Writes the page of the manual.", "orgkeys manual | man -l -", NULL, NULL,
      manual_write },
    { "version", "Tells the version.", "orgkeys version", NULL, NULL, version_write },
    { "help", "Shows the commands, or what follows it: `orgkeys help projects`.",
      "orgkeys help projects list", NULL, NULL, NULL },
};

static void add(struct catalog *catalog, const struct catalog_entry *entry)
{
    ASSERT(catalog->count < CATALOG_MAXIMUM);
    catalog->entries[catalog->count++] = *entry;
}

void catalog_make(struct catalog *ret_catalog, const struct local_commands *local)
{
    *ret_catalog = (struct catalog){ .count = 0 };
    for (size_t i = 0; i < local->count; i++) {
        const struct local_command *item = &local->items[i];
        add(ret_catalog, &(struct catalog_entry){ .words = item->words,
                                                  .summary = item->summary,
                                                  .example = item->example,
                                                  .local = item });
    }
    for (size_t i = 0; i < command_count; i++) {
        const struct command *command = &commands[i];
        add(ret_catalog, &(struct catalog_entry){ .words = command->words,
                                                  .summary = command->summary,
                                                  .example = command->example,
                                                  .command = command });
    }
    for (size_t i = 0; i < sizeof pages / sizeof pages[0]; i++) {
        add(ret_catalog, &pages[i]);
    }
}

int catalog_read_words(const struct catalog *catalog, char **arguments,
                       char ret_words[CATALOG_WORDS_MAXIMUM])
{
    size_t length = 0;
    int count = 0;
    ret_words[0] = '\0';
    while (arguments[count] != NULL && arguments[count][0] != '-' &&
           catalog_find(catalog, text_of(ret_words)) == NULL) {
        size_t added = strlen(arguments[count]);
        if (added >= CATALOG_WORDS_MAXIMUM - 1 - length) {
            break;
        }
        if (length > 0) {
            ret_words[length++] = ' ';
        }
        memcpy(ret_words + length, arguments[count], added + 1);
        length += added;
        count++;
    }
    return count;
}

const struct catalog_entry *catalog_find(const struct catalog *catalog, struct text words)
{
    for (size_t i = 0; i < catalog->count; i++) {
        if (text_equal(text_of(catalog->entries[i].words), words)) {
            return &catalog->entries[i];
        }
    }
    return NULL;
}

bool entry_is_below(const struct catalog_entry *entry, struct text words)
{
    struct text own = text_of(entry->words);
    return words.length == 0 || (text_starts_with(own, words) && own.length > words.length &&
                                 own.data[words.length] == ' ');
}

bool catalog_has(const struct catalog *catalog, struct text words)
{
    for (size_t i = 0; i < catalog->count; i++) {
        if (entry_is_below(&catalog->entries[i], words) ||
            text_equal(text_of(catalog->entries[i].words), words)) {
            return true;
        }
    }
    return false;
}

struct text entry_next_word(const struct catalog_entry *entry, struct text words)
{
    struct text rest = text_from(text_of(entry->words), words.length > 0 ? words.length + 1 : 0);
    return text_cut(&rest, ' ');
}

bool entry_is_first(const struct catalog *catalog, const struct catalog_entry *entry,
                    struct text words)
{
    struct text word = entry_next_word(entry, words);
    for (const struct catalog_entry *other = catalog->entries; other < entry; other++) {
        if (entry_is_below(other, words) && text_equal(entry_next_word(other, words), word)) {
            return false;
        }
    }
    return true;
}

const char *entry_next_summary(const struct catalog_entry *entry, struct text words)
{
    size_t start = words.length > 0 ? words.length + 1 : 0;
    struct text reached =
        text_until(text_of(entry->words), start + entry_next_word(entry, words).length);
    if (text_equal(reached, text_of(entry->words))) {
        return entry->summary;
    }
    for (size_t i = 0; i < command_group_count; i++) {
        if (text_equal(reached, text_of(command_groups[i].name))) {
            return command_groups[i].summary;
        }
    }
    return "";
}

void entry_flags(const struct catalog_entry *entry, struct shown_flags *ret_flags)
{
    ret_flags->count = 0;
    if (entry->local != NULL) {
        ret_flags->count = entry->local->flag_count;
        memcpy(ret_flags->items, entry->local->flags, sizeof entry->local->flags);
    }
    if (entry->command == NULL) {
        return;
    }
    ret_flags->count = command_flags(entry->command, ret_flags->own);
    for (size_t i = 0; i < ret_flags->count; i++) {
        const struct flag *flag = &ret_flags->own[i];
        ret_flags->items[i] =
            (struct shown_flag){ flag->name, flag_value_name(flag), flag->choices, flag->help,
                                 NULL,       flag->is_required };
    }
}
