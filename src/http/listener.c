#include "http/listener.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* Proxies run as other users of the same group. */
enum { LISTENER_PATH_MODE = 0660 };

static struct result cannot_listen(const struct listener *listener, const char *what)
{
    return fault(ERROR_INTERNAL, "cannot listen at %s: %s: %s", listener->text, what,
                 strerror(errno));
}

static struct sockaddr *kernel_address(struct address *address)
{
    return (struct sockaddr *)&address->socket_address;
}

/* Connecting to a socket whose server is gone is refused; to a live one it works. */
static bool answers(struct address *address)
{
    int probe = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (probe < 0) {
        return true;
    }
    bool refused =
        connect(probe, kernel_address(address), address->length) != 0 && errno == ECONNREFUSED;
    (void)close(probe);
    return !refused;
}

static struct result remove_stale_path(struct listener *listener)
{
    const char *path = address_path(&listener->address);
    struct stat status;
    if (lstat(path, &status) != 0) {
        return RESULT_OK; /* bind tells when it is more than absence */
    }
    if (!S_ISSOCK(status.st_mode)) {
        errno = EEXIST;
        return cannot_listen(listener, "not a socket");
    }
    if (answers(&listener->address)) {
        errno = EADDRINUSE;
        return cannot_listen(listener, "another server is there");
    }
    return unlink(path) == 0 ? RESULT_OK : cannot_listen(listener, "the old socket");
}

/* Nobody can connect before listen(), so the time between bind and chmod does no harm. */
static struct result protect_path(struct listener *listener)
{
    const char *path = address_path(&listener->address);
    struct stat status;
    if (chmod(path, LISTENER_PATH_MODE) != 0 || lstat(path, &status) != 0) {
        return cannot_listen(listener, "the mode of the socket");
    }
    listener->device = status.st_dev;
    listener->inode = status.st_ino;
    return RESULT_OK;
}

static struct result set_options(struct listener *listener)
{
    int on = 1;
    int send_buffer = LISTENER_SEND_BUFFER;
    sa_family_t family = listener->address.socket_address.ss_family;
    if (family == AF_UNIX) {
        return RESULT_OK;
    }
    /* Accepted sockets inherit TCP_NODELAY and SO_SNDBUF. */
    if (setsockopt(listener->socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
        setsockopt(listener->socket, SOL_SOCKET, SO_SNDBUF, &send_buffer, sizeof send_buffer) !=
            0 ||
        setsockopt(listener->socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0) {
        return cannot_listen(listener, "setsockopt");
    }
    /* "[::]" is IPv6 alone, whatever the system's default is; peers look the same everywhere. */
    if (family == AF_INET6 &&
        setsockopt(listener->socket, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on) != 0) {
        return cannot_listen(listener, "setsockopt");
    }
    return RESULT_OK;
}

static struct result bind_and_listen(struct listener *listener)
{
    struct address *address = &listener->address;
    int type = SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC;
    bool has_path = address_path(address) != NULL;
    listener->socket = socket(address->socket_address.ss_family, type, 0);
    if (listener->socket < 0) {
        return cannot_listen(listener, "socket");
    }
    TRY(set_options(listener));
    if (has_path) {
        TRY(remove_stale_path(listener));
    }
    if (bind(listener->socket, kernel_address(address), address->length) != 0) {
        return cannot_listen(listener, "bind");
    }
    if (has_path) {
        TRY(protect_path(listener));
    }
    if (listen(listener->socket, SOMAXCONN) != 0) {
        return cannot_listen(listener, "listen");
    }
    if (!has_path) {
        (void)getsockname(listener->socket, kernel_address(address), &address->length);
        address_format(address, listener->text, sizeof listener->text);
    }
    return RESULT_OK;
}

struct result listener_open(const struct http_listener *options, struct listener *ret_listener)
{
    struct listener listener = { .socket = -1, .side = options->side, .tls = options->tls };
    TRY(address_parse(options->address, &listener.address));
    address_format(&listener.address, listener.text, sizeof listener.text);
    struct result result = bind_and_listen(&listener);
    if (result_failed(result)) {
        listener_close(&listener);
        return result;
    }
    *ret_listener = listener;
    return RESULT_OK;
}

static void remove_own_path(const struct listener *listener)
{
    const char *path = address_path(&listener->address);
    struct stat status;
    if (path != NULL && listener->inode != 0 && lstat(path, &status) == 0 &&
        status.st_dev == listener->device && status.st_ino == listener->inode) {
        (void)unlink(path);
    }
}

void listener_close(struct listener *listener)
{
    if (listener->socket >= 0) {
        remove_own_path(listener);
        (void)close(listener->socket);
        listener->socket = -1;
    }
}
