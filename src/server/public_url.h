#ifndef ORGKEYS_SERVER_PUBLIC_URL_H
#define ORGKEYS_SERVER_PUBLIC_URL_H

#include "base/arena.h"
#include "server/config.h"

/* What clients reach the server by, without /v1: as configured, else by an address that it listens
 * at. TEXT_NONE: there is not enough memory. */
struct text public_url(const struct config *config, struct text address, struct arena *arena);
/*
 * As browsers write it in `Origin`: scheme and host in lower case, without the port that goes
 * without saying; and without a slash at its end. False for what is no such URL, or has a user,
 * query or fragment.
 */
bool url_normalize(struct text url, struct arena *arena, struct text *ret_url);
/* Of an address that it listens at without TLS. */
struct text url_of_address(struct text address, struct arena *arena);

#endif
