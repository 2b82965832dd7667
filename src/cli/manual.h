#ifndef ORGKEYS_CLI_MANUAL_H
#define ORGKEYS_CLI_MANUAL_H

#include "cli/catalog.h"

/* orgkeys(1), for man. */
void manual_write(const struct catalog *catalog, struct buffer *buffer);

#endif
