#ifndef ORGKEYS_HTTP_LISTENER_H
#define ORGKEYS_HTTP_LISTENER_H

#include <sys/types.h>

#include "base/result.h"
#include "http/address.h"
#include "http/http.h"

/*
 * Bytes that the kernel keeps for a TCP peer that does not read; it takes twice as much for its own
 * needs. Left alone it lets this grow to megabytes a connection.
 */
enum { LISTENER_SEND_BUFFER = 64 * 1024 };

/* A listening socket. */
struct listener {
    int socket; /* -1: closed */
    enum http_side side;
    struct tls *tls;        /* NULL: none */
    struct address address; /* with the real port */
    char text[HTTP_ADDRESS_MAXIMUM];
    /* Of a "unix:" path, to remove no socket but our own at the end. */
    dev_t device;
    ino_t inode;
};

struct result listener_open(const struct http_listener *options, struct listener *ret_listener);
/* May be called again. */
void listener_close(struct listener *listener);

#endif
