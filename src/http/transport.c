#include "http/transport.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

static struct transport_progress failure(enum transport_outcome when_blocked)
{
    if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) {
        return (struct transport_progress){ when_blocked, 0 };
    }
    return (struct transport_progress){ TRANSPORT_FAILED, 0 };
}

static struct transport_progress plain_read(struct transport *transport, void *bytes, size_t size)
{
    ssize_t received = recv(transport->socket, bytes, size, 0);
    if (received < 0) {
        return failure(TRANSPORT_WANT_READ);
    }
    if (received == 0) {
        return (struct transport_progress){ TRANSPORT_CLOSED, 0 };
    }
    return (struct transport_progress){ TRANSPORT_DONE, (size_t)received };
}

static struct transport_progress plain_write(struct transport *transport, const void *bytes,
                                             size_t size)
{
    ssize_t sent = send(transport->socket, bytes, size, MSG_NOSIGNAL);
    if (sent < 0) {
        return failure(TRANSPORT_WANT_WRITE);
    }
    return (struct transport_progress){ TRANSPORT_DONE, (size_t)sent };
}

static bool plain_has_pending(const struct transport *transport)
{
    (void)transport;
    return false;
}

static void plain_finish(struct transport *transport)
{
    /* Fails only when the peer is gone, which the next read tells. */
    (void)shutdown(transport->socket, SHUT_WR);
}

/* Else the kernel goes on offering it to a peer that does not read, for minutes. */
static void plain_abandon(struct transport *transport)
{
    struct linger linger = { .l_onoff = 1, .l_linger = 0 };
    (void)setsockopt(transport->socket, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
}

static void plain_close(struct transport *transport)
{
    (void)close(transport->socket);
    transport->socket = -1;
}

const struct transport_methods transport_plain_methods = {
    .read = plain_read,
    .write = plain_write,
    .has_pending = plain_has_pending,
    .finish = plain_finish,
    .abandon = plain_abandon,
    .close = plain_close,
};

struct transport transport_plain(int socket)
{
    return (struct transport){ &transport_plain_methods, socket, NULL };
}
