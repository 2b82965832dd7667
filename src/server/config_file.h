#ifndef ORGKEYS_SERVER_CONFIG_FILE_H
#define ORGKEYS_SERVER_CONFIG_FILE_H

#include "base/text.h"

/*
 * The lines `name = value` of a configuration file. Spaces around both are left out; a line whose
 * first character is `#`, and an empty one, say nothing. A value goes to the end of its line, with
 * any `#` in it. The views are of the text that is read.
 */
struct config_file_reader {
    struct text rest;
    unsigned line;     /* the number of the line that was read last, from 1 */
    const char *wrong; /* what is wrong with it */
};

struct config_file_entry {
    struct text name;
    struct text value;
};

enum config_file_outcome { CONFIG_FILE_ENTRY, CONFIG_FILE_END, CONFIG_FILE_WRONG };

struct config_file_reader config_file_begin(struct text content);
enum config_file_outcome config_file_next(struct config_file_reader *reader,
                                          struct config_file_entry *ret_entry);

#endif
