#include "cli/completion.h"

/*
 * Each script has a branch for every sequence of words that begins a command: what may follow. What
 * was typed up to the first flag chooses the branch; the word in front of the cursor, where it is a
 * flag, chooses among values.
 */

/* Calls `write` for each beginning that a word may follow, the empty one first. */
static void each_beginning(const struct catalog *catalog, struct buffer *buffer,
                           void (*write)(const struct catalog *catalog, struct text words,
                                         struct buffer *buffer))
{
    write(catalog, TEXT(""), buffer);
    for (size_t i = 0; i < catalog->count; i++) {
        const struct catalog_entry *entry = &catalog->entries[i];
        struct text own = text_of(entry->words);
        struct text words = TEXT("");
        while (entry_is_below(entry, words)) {
            bool is_first = entry_is_first(catalog, entry, words);
            size_t start = words.length > 0 ? words.length + 1 : 0;
            words = text_until(own, start + entry_next_word(entry, words).length);
            if (is_first && words.length < own.length) {
                write(catalog, words, buffer);
            }
        }
    }
}

/* Within single quotes; `quote` is how that shell writes one. */
static void append_quoted(struct buffer *buffer, struct text text, const char *quote)
{
    while (text.length > 0) {
        bool ends = text_find(text, '\'') == text.length;
        buffer_append(buffer, text_cut(&text, '\''));
        buffer_append(buffer, ends ? TEXT("") : text_of(quote));
    }
}

static void append_choices(struct buffer *buffer, const char *const *choices)
{
    for (size_t i = 0; choices[i] != NULL; i++) {
        buffer_append_format(buffer, "%s%s", i > 0 ? " " : "", choices[i]);
    }
}

/* ---- bash ---- */

static void write_bash_words(const struct catalog *catalog, struct text words,
                             struct buffer *buffer)
{
    buffer_append_format(buffer, "    '%.*s') candidates='", TEXT_ARGUMENTS(words));
    for (size_t i = 0; i < catalog->count; i++) {
        const struct catalog_entry *entry = &catalog->entries[i];
        if (entry_is_below(entry, words) && entry_is_first(catalog, entry, words)) {
            buffer_append_format(buffer, "%.*s ", TEXT_ARGUMENTS(entry_next_word(entry, words)));
        }
    }
    buffer_append(buffer, TEXT("' ;;\n"));
}

static void write_bash_flags(const struct catalog_entry *entry, struct buffer *buffer)
{
    struct shown_flags flags;
    entry_flags(entry, &flags);
    buffer_append_format(buffer, "    '%s')\n        case $previous in\n", entry->words);
    for (size_t i = 0; i < flags.count; i++) {
        const struct shown_flag *flag = &flags.items[i];
        if (flag->value_name != NULL) {
            buffer_append_format(buffer, "        --%s) candidates='", flag->name);
            if (flag->choices != NULL) {
                append_choices(buffer, flag->choices);
            }
            buffer_append(buffer, TEXT("' ;;\n"));
        }
    }
    buffer_append(buffer, TEXT("        *) candidates='"));
    for (size_t i = 0; i < flags.count; i++) {
        buffer_append_format(buffer, "--%s ", flags.items[i].name);
    }
    buffer_append(buffer, TEXT("' ;;\n        esac\n        ;;\n"));
}

void completion_write_bash(const struct catalog *catalog, struct buffer *buffer)
{
    buffer_append(buffer,
                  TEXT("# bash completion for orgkeys; made by `orgkeys completion bash`\n"
                       "_orgkeys() {\n"
                       "    local said='' candidates='' word current=${COMP_WORDS[COMP_CWORD]}\n"
                       "    local previous=${COMP_WORDS[COMP_CWORD - 1]}\n"
                       "    # --flag=value: bash makes the `=` a word\n"
                       "    if [[ $current == = ]]; then\n"
                       "        current=''\n"
                       "    elif [[ $previous == = ]]; then\n"
                       "        previous=${COMP_WORDS[COMP_CWORD - 2]}\n"
                       "    fi\n"
                       "    for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
                       "        [[ $word == -* ]] && break\n"
                       "        said+=${said:+ }$word\n"
                       "    done\n"
                       "    said=${said#help}\n"
                       "    case ${said# } in\n"));
    each_beginning(catalog, buffer, write_bash_words);
    for (size_t i = 0; i < catalog->count; i++) {
        write_bash_flags(&catalog->entries[i], buffer);
    }
    buffer_append(buffer, TEXT("    esac\n"
                               "    mapfile -t COMPREPLY < <(compgen -W \"$candidates\" -- "
                               "\"$current\")\n"
                               "}\n"
                               "complete -o default -F _orgkeys orgkeys\n"));
}

/* ---- zsh ---- */

static void write_zsh_words(const struct catalog *catalog, struct text words, struct buffer *buffer)
{
    buffer_append_format(buffer, "    '%.*s') candidates=(\n", TEXT_ARGUMENTS(words));
    for (size_t i = 0; i < catalog->count; i++) {
        const struct catalog_entry *entry = &catalog->entries[i];
        if (entry_is_below(entry, words) && entry_is_first(catalog, entry, words)) {
            buffer_append_format(buffer,
                                 "        '%.*s:", TEXT_ARGUMENTS(entry_next_word(entry, words)));
            append_quoted(buffer, text_of(entry_next_summary(entry, words)), "'\\''");
            buffer_append(buffer, TEXT("'\n"));
        }
    }
    buffer_append(buffer, TEXT("    ) ;;\n"));
}

static void write_zsh_flags(const struct catalog_entry *entry, struct buffer *buffer)
{
    struct shown_flags flags;
    entry_flags(entry, &flags);
    buffer_append_format(buffer, "    '%s')\n        case $previous in\n", entry->words);
    for (size_t i = 0; i < flags.count; i++) {
        const struct shown_flag *flag = &flags.items[i];
        if (flag->value_name != NULL && flag->choices != NULL) {
            buffer_append_format(buffer, "        --%s) candidates=(", flag->name);
            append_choices(buffer, flag->choices);
            buffer_append(buffer, TEXT(") ;;\n"));
        } else if (flag->value_name != NULL) {
            buffer_append_format(buffer, "        --%s) _files; return ;;\n", flag->name);
        }
    }
    buffer_append(buffer, TEXT("        *) candidates=(\n"));
    for (size_t i = 0; i < flags.count; i++) {
        buffer_append_format(buffer, "            '--%s:", flags.items[i].name);
        append_quoted(buffer, text_of(flags.items[i].help), "'\\''");
        buffer_append(buffer, TEXT("'\n"));
    }
    buffer_append(buffer, TEXT("        ) ;;\n        esac\n        ;;\n"));
}

void completion_write_zsh(const struct catalog *catalog, struct buffer *buffer)
{
    buffer_append(buffer, TEXT("#compdef orgkeys\n"
                               "# zsh completion for orgkeys; made by `orgkeys completion zsh`\n"
                               "_orgkeys() {\n"
                               "    local said='' word previous=$words[CURRENT-1]\n"
                               "    local -a candidates\n"
                               "    for word in ${words[2,CURRENT-1]}; do\n"
                               "        [[ $word == -* ]] && break\n"
                               "        said+=${said:+ }$word\n"
                               "    done\n"
                               "    said=${said#help}\n"
                               "    case ${said# } in\n"));
    each_beginning(catalog, buffer, write_zsh_words);
    for (size_t i = 0; i < catalog->count; i++) {
        write_zsh_flags(&catalog->entries[i], buffer);
    }
    buffer_append(buffer, TEXT("    esac\n"
                               "    _describe orgkeys candidates\n"
                               "}\n"
                               "# The first TAB runs this file as _orgkeys; who sources it has it "
                               "from then on.\n"
                               "if [ \"$funcstack[1]\" = _orgkeys ]; then\n"
                               "    _orgkeys \"$@\"\n"
                               "else\n"
                               "    compdef _orgkeys orgkeys\n"
                               "fi\n"));
}

/* ---- fish ---- */

static void write_fish_words(const struct catalog *catalog, struct text words,
                             struct buffer *buffer)
{
    for (size_t i = 0; i < catalog->count; i++) {
        const struct catalog_entry *entry = &catalog->entries[i];
        if (entry_is_below(entry, words) && entry_is_first(catalog, entry, words)) {
            buffer_append_format(
                buffer, "complete -c orgkeys -n '__orgkeys_said %.*s' -a %.*s -d '",
                TEXT_ARGUMENTS(words), TEXT_ARGUMENTS(entry_next_word(entry, words)));
            append_quoted(buffer, text_of(entry_next_summary(entry, words)), "\\'");
            buffer_append(buffer, TEXT("'\n"));
        }
    }
}

static void write_fish_flags(const struct catalog_entry *entry, struct buffer *buffer)
{
    struct shown_flags flags;
    entry_flags(entry, &flags);
    for (size_t i = 0; i < flags.count; i++) {
        const struct shown_flag *flag = &flags.items[i];
        buffer_append_format(buffer, "complete -c orgkeys -n '__orgkeys_said %s' -l %s",
                             entry->words, flag->name);
        if (flag->choices != NULL) {
            buffer_append(buffer, TEXT(" -x -a '"));
            append_choices(buffer, flag->choices);
            buffer_append_byte(buffer, '\'');
        } else if (flag->value_name != NULL) {
            buffer_append(buffer, TEXT(" -r -F"));
        }
        buffer_append(buffer, TEXT(" -d '"));
        append_quoted(buffer, text_of(flag->help), "\\'");
        buffer_append(buffer, TEXT("'\n"));
    }
}

void completion_write_fish(const struct catalog *catalog, struct buffer *buffer)
{
    buffer_append(
        buffer,
        TEXT("# fish completion for orgkeys; made by `orgkeys completion fish`\n"
             "function __orgkeys_said\n"
             "    set -l said\n"
             "    for word in (commandline -opc)[2..-1]\n"
             "        string match -q -- '-*' $word; and break\n"
             "        set -a said $word\n"
             "    end\n"
             "    test \"$said\" = \"$argv\"; or test \"$said\" = (string trim \"help $argv\")\n"
             "end\n"
             "complete -c orgkeys -f\n"));
    each_beginning(catalog, buffer, write_fish_words);
    for (size_t i = 0; i < catalog->count; i++) {
        write_fish_flags(&catalog->entries[i], buffer);
    }
}
