#ifndef ORGKEYS_SERVER_PUBLIC_URL_H
#define ORGKEYS_SERVER_PUBLIC_URL_H

#include "base/arena.h"
#include "server/config.h"

/* What clients reach the server by, without /v1: as configured, else by an address that it listens
 * at. TEXT_NONE: there is not enough memory. */
struct text public_url(const struct config *config, struct text address, struct arena *arena);
/* Of an address that it listens at. */
struct text url_of_address(struct text address, struct arena *arena);

#endif
