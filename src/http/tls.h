#ifndef ORGKEYS_HTTP_TLS_H
#define ORGKEYS_HTTP_TLS_H

#include <stdint.h>

#include "base/result.h"
#include "base/text.h"
#include "http/transport.h"

/*
 * TLS 1.2 and 1.3 (RFC 5246, RFC 8446) with a certificate that can be replaced while connections
 * are open: those keep the one they began with. Resumed by tickets only, whose keys are this
 * process's and go with the certificate. No renegotiation, no compression, no client certificates;
 * of ALPN (RFC 7301) there is http/1.1 alone.
 */
struct tls;

/* Both texts end with a NUL, and outlive it. */
struct tls_files {
    struct text certificate; /* PEM: the server's own first, then those between it and the root */
    struct text key;         /* PEM, without a passphrase */
};

/* ERROR_INTERNAL with a text for people in fault_take() when the files are of no use together. */
struct result tls_create(const struct tls_files *files, struct tls **ret_tls);
/* Reads the files again. When they are of no use, what was there stays. Any thread. */
struct result tls_reload(struct tls *tls);
/* Until when the certificate is good: seconds since 1970. Any thread. */
int64_t tls_expires_at(struct tls *tls);
/* Whether the certificate is for that host: a name or an address, as in a URL. Any thread. */
bool tls_covers(struct tls *tls, struct text host);
void tls_free(struct tls *tls);

/* Owns the socket until close, also on failure (no memory). */
bool tls_accept(struct tls *tls, int socket, struct transport *ret_transport);

#endif
