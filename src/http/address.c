#include "http/address.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>

enum { HOST_NAME_MAXIMUM = 253, PORT_MAXIMUM = 65535 }; /* RFC 1035, 2.3.4 */

#define UNIX_PREFIX TEXT("unix:")

static struct sockaddr_un *as_unix(struct address *address)
{
    return (struct sockaddr_un *)&address->socket_address;
}

static struct result parse_path(struct text path, struct address *ret_address)
{
    struct address address = { 0 };
    struct sockaddr_un *socket_address = as_unix(&address);
    if (text_is_empty(path) || path.length >= sizeof socket_address->sun_path ||
        text_find(path, '\0') < path.length) {
        return fault(ERROR_INTERNAL, "the path of a socket must have 1 to %zu bytes",
                     sizeof socket_address->sun_path - 1);
    }
    socket_address->sun_family = AF_UNIX;
    memcpy(socket_address->sun_path, path.data, path.length);
    address.length = sizeof *socket_address;
    *ret_address = address;
    return RESULT_OK;
}

/* "[::1]:80" and "127.0.0.1:80" into two halves; brackets belong to IPv6 and to nothing else. */
static bool split(struct text text, struct text *ret_host, struct text *ret_port)
{
    size_t colon = text.length;
    while (colon > 0 && text.data[colon - 1] != ':') {
        colon--;
    }
    if (colon == 0) {
        return false;
    }
    struct text host = text_until(text, colon - 1);
    bool is_bracketed = text_starts_with(host, TEXT("[")) && text_ends_with(host, TEXT("]"));
    if (is_bracketed) {
        host = text_from(text_until(host, host.length - 1), 1);
    }
    if (is_bracketed != (text_find(host, ':') < host.length) || text_is_empty(host)) {
        return false;
    }
    *ret_host = host;
    *ret_port = text_from(text, colon);
    return true;
}

/* Names go to the resolver; IPv4 first, as clients on the same machine try both anyway. */
static struct result look_up(const char *host, const char *port, struct address *ret_address)
{
    const int families[] = { AF_INET, AF_INET6 };
    int error = EAI_NONAME;
    for (size_t i = 0; i < sizeof families / sizeof families[0]; i++) {
        struct addrinfo hints = {
            .ai_family = families[i],
            .ai_socktype = SOCK_STREAM,
            .ai_flags = AI_NUMERICSERV | AI_PASSIVE,
        };
        struct addrinfo *found;
        error = getaddrinfo(host, port, &hints, &found);
        if (error == 0) {
            memcpy(&ret_address->socket_address, found->ai_addr, found->ai_addrlen);
            ret_address->length = found->ai_addrlen;
            freeaddrinfo(found);
            return RESULT_OK;
        }
    }
    return fault(ERROR_INTERNAL, "%s has no address: %s", host, gai_strerror(error));
}

struct result address_parse(struct text text, struct address *ret_address)
{
    if (text_starts_with(text, UNIX_PREFIX)) {
        return parse_path(text_from(text, UNIX_PREFIX.length), ret_address);
    }
    struct text host;
    struct text port;
    int64_t port_number;
    if (!split(text, &host, &port) || host.length > HOST_NAME_MAXIMUM ||
        !text_to_integer(port, 0, PORT_MAXIMUM, &port_number)) {
        return fault(ERROR_INTERNAL, "'%.*s' is not host:port, [IPv6]:port or unix:path",
                     TEXT_ARGUMENTS(text));
    }
    char host_name[HOST_NAME_MAXIMUM + 1];
    char port_name[sizeof "65535"];
    (void)snprintf(host_name, sizeof host_name, "%.*s", TEXT_ARGUMENTS(host));
    (void)snprintf(port_name, sizeof port_name, "%u", (unsigned)port_number & PORT_MAXIMUM);
    return look_up(host_name, port_name, ret_address);
}

const char *address_path(const struct address *address)
{
    const struct sockaddr_un *socket_address = (const void *)&address->socket_address;
    return address->socket_address.ss_family == AF_UNIX ? socket_address->sun_path : NULL;
}

void address_format_peer(const struct address *address, char *ret_text, size_t size)
{
    const struct sockaddr_in *ipv4 = (const void *)&address->socket_address;
    const struct sockaddr_in6 *ipv6 = (const void *)&address->socket_address;
    switch (address->socket_address.ss_family) {
    case AF_INET:
        (void)inet_ntop(AF_INET, &ipv4->sin_addr, ret_text, (socklen_t)size);
        break;
    case AF_INET6:
        (void)inet_ntop(AF_INET6, &ipv6->sin6_addr, ret_text, (socklen_t)size);
        break;
    default:
        (void)snprintf(ret_text, size, "unix");
    }
}

void address_format(const struct address *address, char *ret_text, size_t size)
{
    const struct sockaddr_in *ipv4 = (const void *)&address->socket_address;
    const struct sockaddr_in6 *ipv6 = (const void *)&address->socket_address;
    char host[INET6_ADDRSTRLEN];
    address_format_peer(address, host, sizeof host);
    switch (address->socket_address.ss_family) {
    case AF_INET:
        (void)snprintf(ret_text, size, "%s:%u", host, ntohs(ipv4->sin_port));
        break;
    case AF_INET6:
        (void)snprintf(ret_text, size, "[%s]:%u", host, ntohs(ipv6->sin6_port));
        break;
    default:
        (void)snprintf(ret_text, size, "unix:%s", address_path(address));
    }
}

/* "127.0.0.0/8": the whole block is the loopback's (RFC 1122, 3.2.1.3). */
static bool is_loopback(struct text host)
{
    char literal[INET6_ADDRSTRLEN];
    struct in_addr ipv4;
    struct in6_addr ipv6;
    if (text_equal_ignoring_case(host, TEXT("localhost"))) {
        return true;
    }
    if (host.length >= sizeof literal) {
        return false;
    }
    (void)snprintf(literal, sizeof literal, "%.*s", TEXT_ARGUMENTS(host));
    if (inet_pton(AF_INET, literal, &ipv4) == 1) {
        return ntohl(ipv4.s_addr) >> 24 == IN_LOOPBACKNET;
    }
    return inet_pton(AF_INET6, literal, &ipv6) == 1 && IN6_IS_ADDR_LOOPBACK(&ipv6);
}

bool http_address_is_local(struct text address)
{
    struct text host;
    struct text port;
    if (text_starts_with(address, UNIX_PREFIX)) {
        return true;
    }
    return split(address, &host, &port) && is_loopback(host);
}
