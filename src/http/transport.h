#ifndef ORGKEYS_HTTP_TRANSPORT_H
#define ORGKEYS_HTTP_TRANSPORT_H

#include <stdbool.h>
#include <stddef.h>

/*
 * How bytes get in and out of a nonblocking socket: as they are, or through TLS, where a read may
 * have to wait until the socket takes bytes, and a write until it gives some.
 */
enum transport_outcome {
    TRANSPORT_DONE,       /* at least one byte */
    TRANSPORT_WANT_READ,  /* try the same again when the socket is readable */
    TRANSPORT_WANT_WRITE, /* ... writable */
    TRANSPORT_CLOSED,     /* the peer sends no more */
    TRANSPORT_FAILED,     /* the connection is of no use any more */
};

struct transport_progress {
    enum transport_outcome outcome;
    size_t bytes;
};

struct transport;

struct transport_methods {
    struct transport_progress (*read)(struct transport *transport, void *bytes, size_t size);
    struct transport_progress (*write)(struct transport *transport, const void *bytes, size_t size);
    /* Whether it holds bytes for read() that the socket will not announce any more. */
    bool (*has_pending)(const struct transport *transport);
    /* Tells the peer that nothing more will be written. */
    void (*finish)(struct transport *transport);
    /* close() will throw away what the peer has not taken, and tell it so. */
    void (*abandon)(struct transport *transport);
    void (*close)(struct transport *transport);
};

struct transport {
    const struct transport_methods *methods;
    int socket;
    void *session; /* of TLS */
};

/* Bytes as they are. */
extern const struct transport_methods transport_plain_methods;
/* Owns the socket until close. */
struct transport transport_plain(int socket);

#endif
