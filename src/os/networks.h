#ifndef ORGKEYS_OS_NETWORKS_H
#define ORGKEYS_OS_NETWORKS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"

/*
 * A set of addresses: those that share a prefix, or the other ends of Unix sockets. IPv4 is kept as
 * IPv6 (::ffff:a.b.c.d), so that a peer matches in whichever form its socket gives it.
 */
enum { NETWORK_ADDRESS_SIZE = 16 };

struct network {
    unsigned char address[NETWORK_ADDRESS_SIZE];
    unsigned prefix; /* bits, 0 to 128 */
    bool is_unix;
};

/*
 * "10.0.0.0/8", "fd00::/8", a single address, or the word "unix". False for anything else, and for
 * bits beyond the prefix, since "10.1.2.3/8" may mean either of two things.
 */
bool network_parse(struct text text, struct network *ret_network);

/* `address` as of struct http_request.peer: "127.0.0.1", "::1", "unix". False for anything else. */
bool networks_contain(const struct network *networks, size_t count, struct text address);

#endif
