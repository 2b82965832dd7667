#include "cli/manual.h"

#include "cli/help.h"

/* Text of ours for roff: a backslash, a minus and a line's first dot or quote mean themselves; a
 * URL may be broken; what is between back quotes is bold. */
static void append_roff(struct buffer *buffer, struct text text)
{
    bool is_bold = false;
    for (size_t i = 0; i < text.length; i++) {
        char byte = text.data[i];
        if (byte == '-') {
            buffer_append(buffer, TEXT("\\-"));
        } else if (byte == '`') {
            is_bold = !is_bold;
            buffer_append(buffer, is_bold ? TEXT("\\fB") : TEXT("\\fR"));
        } else if (byte == '\\') {
            buffer_append(buffer, TEXT("\\e"));
        } else if (i == 0 && (byte == '.' || byte == '\'')) {
            buffer_append_format(buffer, "\\&%c", byte);
        } else {
            buffer_append_byte(buffer, byte);
        }
        if (byte == '/' || byte == '?' || byte == '=') {
            buffer_append(buffer, TEXT("\\:"));
        }
    }
}

static void write_paragraph(struct buffer *buffer, struct text text)
{
    buffer_append(buffer, TEXT(".PP\n"));
    append_roff(buffer, text);
    buffer_append_byte(buffer, '\n');
}

static void write_flag(const struct shown_flag *flag, struct buffer *buffer)
{
    enum { USAGE_MAXIMUM = 1024 };
    struct buffer usage;
    buffer_init(&usage, USAGE_MAXIMUM);
    help_write_usage(flag, &usage);
    buffer_append(buffer, TEXT(".TP\n.B "));
    append_roff(buffer, buffer_text(&usage));
    buffer_append_byte(buffer, '\n');
    append_roff(buffer, text_of(flag->help));
    buffer_append(buffer, flag->is_required ? TEXT(" Needed.") : TEXT(""));
    if (flag->preset != NULL) {
        buffer_append(buffer, TEXT(" The default is "));
        append_roff(buffer, text_of(flag->preset));
        buffer_append(buffer, TEXT("."));
    }
    buffer_append_byte(buffer, '\n');
    buffer_free(&usage);
}

static void write_example(const char *example, struct buffer *buffer)
{
    if (example != NULL) {
        buffer_append(buffer, TEXT(".PP\n.EX\n"));
        append_roff(buffer, text_of(example));
        buffer_append(buffer, TEXT("\n.EE\n"));
    }
}

/* The flags that all commands of the API take are told once. */
static bool is_common(const struct shown_flags *flags, size_t index)
{
    struct flag own[FLAGS_MAXIMUM];
    static const struct command none = { .words = "", .operation = OPERATION_COUNT };
    size_t count = command_flags(&none, own);
    for (size_t i = 0; i < count; i++) {
        if (text_equal(text_of(own[i].name), text_of(flags->items[index].name))) {
            return true;
        }
    }
    return false;
}

static void write_entry(const struct catalog_entry *entry, struct buffer *buffer)
{
    struct shown_flags flags;
    entry_flags(entry, &flags);
    buffer_append(buffer, TEXT(".SS orgkeys "));
    append_roff(buffer, text_of(entry->words));
    buffer_append_byte(buffer, '\n');
    append_roff(buffer, text_of(entry->summary));
    buffer_append_byte(buffer, '\n');
    for (size_t i = 0; i < flags.count; i++) {
        if (entry->command == NULL || !is_common(&flags, i)) {
            write_flag(&flags.items[i], buffer);
        }
    }
    write_example(entry->example, buffer);
}

static void write_common_flags(struct buffer *buffer)
{
    struct shown_flags flags;
    static const struct command none = { .words = "", .operation = OPERATION_COUNT };
    entry_flags(&(struct catalog_entry){ .command = &none }, &flags);
    buffer_append(buffer, TEXT(".SS Flags of every command that speaks to a server\n"));
    for (size_t i = 0; i < flags.count; i++) {
        write_flag(&flags.items[i], buffer);
    }
    write_paragraph(buffer, text_of(help_values));
}

static const char files[] =
    ".SH FILES\n"
    ".TP\n.I ./data\nThe directory of the server's data, unless \\-\\-data names another: "
    "the database orgkeys.db, a lock, and first\\-admin\\-key, until somebody deletes it.\n"
    ".TP\n.I /var/lib/orgkeys\nThat of orgkeys.service.\n"
    ".TP\n.I /etc/default/orgkeys\nThe variables of orgkeys.service, a line NAME=VALUE each; "
    "mode 0600 where a password is among them.\n";

void manual_write(const struct catalog *catalog, struct buffer *buffer)
{
    buffer_append(buffer, TEXT(".TH ORGKEYS 1 \"\" \"orgkeys " ORGKEYS_VERSION "\" \"orgkeys\"\n"
                               ".ad l\n.nh\n"
                               ".SH NAME\norgkeys \\- the keys of an organization, on a server of "
                               "your own\n"
                               ".SH SYNOPSIS\n.B orgkeys\n.I COMMAND\n.RI [ FLAG ...]\n"
                               ".SH DESCRIPTION\n"
                               "Serves OpenAI's organization administration API, and calls it.\n"
                               ".SH COMMANDS\n"));
    for (size_t i = 0; i < catalog->count; i++) {
        write_entry(&catalog->entries[i], buffer);
    }
    write_common_flags(buffer);
    buffer_append(buffer, TEXT(".SH ENVIRONMENT\n"));
    append_roff(buffer, text_of(help_environment));
    buffer_append(buffer,
                  TEXT("\n.PP\nOPENAI_API_KEY is the key that \\fBorgkeys keys verify\\fR asks "
                       "about, where none is on standard input.\n"
                       ".PP\nORGKEYS_LISTEN is \\-\\-listen of \\fBorgkeys serve\\fR; each of "
                       "its flags has such a variable.\n"
                       ".PP\nNO_COLOR, when it is not empty, and TERM=dumb turn colors "
                       "off; TZ says what the local time is.\n"));
    buffer_append(buffer, text_of(files));
    buffer_append(buffer, TEXT(".SH EXIT STATUS\n"
                               "0 done; 1 it failed, or the answer is no; 2 the command cannot be "
                               "understood, or something it needs was not set.\n"
                               ".SH SEE ALSO\n"
                               ".BR systemctl (1),\n.BR journalctl (1),\n.BR nginx (8)\n"));
}
