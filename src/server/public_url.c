#include "server/public_url.h"

#include <inttypes.h>

/* A wildcard and a Unix socket are no addresses to connect to. */
static struct text reachable_address(struct text address, struct arena *arena)
{
    static const struct text wildcards[] = { { "0.0.0.0", 7 }, { "[::]", 4 } };
    for (size_t i = 0; i < sizeof wildcards / sizeof wildcards[0]; i++) {
        if (text_starts_with(address, wildcards[i])) {
            return arena_format(arena, "localhost%.*s",
                                TEXT_ARGUMENTS(text_from(address, wildcards[i].length)));
        }
    }
    return text_starts_with(address, TEXT("unix:")) ? TEXT("localhost") : address;
}

static const struct scheme {
    struct text start;
    int64_t port; /* where none is named */
} schemes[] = { { { "https://", 8 }, 443 }, { { "http://", 7 }, 80 } };

/* NULL where the URL begins with neither. */
static const struct scheme *scheme_of(struct text url)
{
    for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++) {
        if (text_equal_ignoring_case(text_until(url, schemes[i].start.length), schemes[i].start)) {
            return &schemes[i];
        }
    }
    return NULL;
}

static bool has_any(struct text text, const char *bytes)
{
    for (const char *byte = bytes; *byte != '\0'; byte++) {
        if (text_find(text, *byte) < text.length) {
            return true;
        }
    }
    return false;
}

/* *ret_port is `port` where "[::1]:8080" or "host" names none. */
static bool split_host(struct text authority, int64_t port, struct text *ret_host,
                       int64_t *ret_port)
{
    bool is_bracketed = text_starts_with(authority, TEXT("["));
    size_t end = is_bracketed ? text_find(authority, ']') + 1 : text_find(authority, ':');
    if (end > authority.length || end == 0 || (is_bracketed && end < sizeof "[::]" - 1)) {
        return false;
    }
    struct text rest = text_from(authority, end);
    *ret_host = text_until(authority, end);
    *ret_port = port;
    return rest.length == 0 ||
           (rest.data[0] == ':' && text_to_integer(text_from(rest, 1), 1, UINT16_MAX, ret_port));
}

static struct text lower(struct text text, struct arena *arena)
{
    struct text copy = arena_copy(arena, text);
    char *bytes = (char *)(uintptr_t)copy.data;
    for (size_t i = 0; i < copy.length; i++) {
        bytes[i] = bytes[i] >= 'A' && bytes[i] <= 'Z' ? (char)(bytes[i] + ('a' - 'A')) : bytes[i];
    }
    return copy;
}

bool url_normalize(struct text url, struct arena *arena, struct text *ret_url)
{
    const struct scheme *scheme = scheme_of(url);
    struct text host;
    int64_t port;
    if (scheme == NULL || !text_is_visible(url) || has_any(url, "@?#\"\\")) {
        return false;
    }
    struct text path = text_from(url, scheme->start.length);
    struct text authority = text_until(path, text_find(path, '/'));
    path = text_from(path, authority.length);
    path = text_until(path, path.length - text_ends_with(path, TEXT("/")));
    if (text_ends_with(path, TEXT("/")) || !split_host(authority, scheme->port, &host, &port)) {
        return false;
    }
    host = lower(host, arena);
    *ret_url = port == scheme->port
                   ? arena_format(arena, "%.*s%.*s%.*s", TEXT_ARGUMENTS(scheme->start),
                                  TEXT_ARGUMENTS(host), TEXT_ARGUMENTS(path))
                   : arena_format(arena, "%.*s%.*s:%" PRId64 "%.*s", TEXT_ARGUMENTS(scheme->start),
                                  TEXT_ARGUMENTS(host), port, TEXT_ARGUMENTS(path));
    return host.data != NULL && ret_url->data != NULL;
}

static struct text url_of(const char *scheme, struct text address, struct arena *arena)
{
    struct text reachable = reachable_address(address, arena);
    return reachable.data == NULL
               ? TEXT_NONE
               : arena_format(arena, "%s://%.*s", scheme, TEXT_ARGUMENTS(reachable));
}

struct text url_of_address(struct text address, struct arena *arena)
{
    return url_of("http", address, arena);
}

struct text public_url(const struct config *config, struct text address, struct arena *arena)
{
    struct text url = config->public_url;
    if (url.data == NULL) {
        bool has_tls =
            config->tls_certificate.data != NULL && !text_starts_with(address, TEXT("unix:"));
        url = url_of(has_tls ? "https" : "http", address, arena);
        (void)url_normalize(url, arena, &url);
    }
    return url;
}
