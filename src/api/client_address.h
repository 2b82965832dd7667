#ifndef ORGKEYS_API_CLIENT_ADDRESS_H
#define ORGKEYS_API_CLIENT_ADDRESS_H

#include "http/http.h"
#include "os/networks.h"

/*
 * The address of who sent a request: the peer's, unless the peer is a trusted proxy. Then it is the
 * right-most entry of X-Forwarded-For that is not itself a trusted proxy; what stands left of it
 * could be anybody's invention. An entry that is no address ends the search.
 */
struct text client_address(const struct http_request *request, const struct network *trusted,
                           size_t trusted_count);

#endif
