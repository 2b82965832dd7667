#ifndef ORGKEYS_HTTP_ADDRESS_H
#define ORGKEYS_HTTP_ADDRESS_H

#include <stddef.h>
#include <sys/socket.h>

#include "base/result.h"
#include "base/text.h"
#include "http/http.h"

/* An address to listen at, as the kernel wants it. */
struct address {
    struct sockaddr_storage socket_address;
    socklen_t length;
};

/* A fault with a text for people when it cannot be understood, or a name has no address. */
struct result address_parse(struct text text, struct address *ret_address);

/* The form that address_parse takes. At most HTTP_ADDRESS_MAXIMUM bytes with the NUL. */
void address_format(const struct address *address, char *ret_text, size_t size);
/* As struct http_request.peer. */
void address_format_peer(const struct address *address, char *ret_text, size_t size);

/* The path of a "unix:" address; NULL for others. Lives as long as the address. */
const char *address_path(const struct address *address);

#endif
