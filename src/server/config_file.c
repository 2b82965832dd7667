#include "server/config_file.h"

#include <stdbool.h>

#include "server/config.h"

struct config_file_reader config_file_begin(struct text content)
{
    return (struct config_file_reader){ .rest = content };
}

static bool is_clean(struct text line)
{
    for (size_t i = 0; i < line.length; i++) {
        unsigned char byte = (unsigned char)line.data[i];
        if ((byte < ' ' && byte != '\t') || byte == 0x7f) {
            return false;
        }
    }
    return text_is_utf8(line);
}

/* What is wrong with an entry, or NULL. */
static const char *look_at_entry(struct text line, const struct config_file_entry *entry)
{
    struct text value = entry->value;
    if (line.length > CONFIG_LINE_MAXIMUM) {
        return "the line is too long";
    }
    if (!is_clean(line)) {
        return "the line has control characters or is not UTF-8";
    }
    if (text_find(line, '=') == line.length || entry->name.length == 0) {
        return "expected `name = value`";
    }
    if (value.length == 0) {
        return "there is no value";
    }
    if (value.length > 1 && value.data[0] == '"' && value.data[value.length - 1] == '"') {
        return "values are written without quotes";
    }
    return NULL;
}

enum config_file_outcome config_file_next(struct config_file_reader *reader,
                                          struct config_file_entry *ret_entry)
{
    while (reader->rest.length > 0) {
        struct text line = text_cut(&reader->rest, '\n');
        struct text value = text_trim(line);
        reader->line++;
        if (value.length == 0 || value.data[0] == '#') {
            continue;
        }
        struct text name = text_trim(text_cut(&value, '='));
        struct config_file_entry entry = { name, text_trim(value) };
        reader->wrong = look_at_entry(line, &entry);
        if (reader->wrong != NULL) {
            return CONFIG_FILE_WRONG;
        }
        *ret_entry = entry;
        return CONFIG_FILE_ENTRY;
    }
    return CONFIG_FILE_END;
}
