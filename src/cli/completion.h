#ifndef ORGKEYS_CLI_COMPLETION_H
#define ORGKEYS_CLI_COMPLETION_H

#include "cli/catalog.h"

/* Scripts that complete words, flags, and the values of those that have a few. */
void completion_write_bash(const struct catalog *catalog, struct buffer *buffer);
void completion_write_zsh(const struct catalog *catalog, struct buffer *buffer);
void completion_write_fish(const struct catalog *catalog, struct buffer *buffer);

#endif
