#ifndef ORGKEYS_CLI_HELP_H
#define ORGKEYS_CLI_HELP_H

#include "cli/catalog.h"

/* What `--help` shows on words: all commands, those below a first word, or one of them. */
void help_write(const struct catalog *catalog, struct text words, struct buffer *buffer);

/* "--limit NUMBER", "--role owner|reader" */
void help_write_usage(const struct shown_flag *flag, struct buffer *buffer);

/* What the values of flags look like, and which variables are read: for help and the manual. */
extern const char help_values[];
extern const char help_environment[];

#endif
