#include "api/session_cookie.h"

#include <inttypes.h>

static bool is_secure(struct text public_url)
{
    return text_starts_with(public_url, TEXT("https://"));
}

/* With the prefix, browsers take it from this host alone, for all its paths, with Secure only. */
static struct text name_of(struct text public_url)
{
    return is_secure(public_url) ? TEXT("__Host-orgkeys-session") : TEXT("orgkeys-session");
}

struct text session_cookie_find(const struct http_request *request, struct text public_url)
{
    struct text wanted = name_of(public_url);
    struct text found = TEXT_NONE;
    size_t lines = 0;
    struct text rest = http_request_header(request, TEXT("Cookie"), &lines);
    if (lines > 1) {
        return TEXT_NONE;
    }
    while (rest.length > 0) {
        struct text pair = text_trim(text_cut(&rest, ';'));
        struct text name = text_cut(&pair, '=');
        if (text_equal(name, wanted)) {
            if (found.data != NULL) {
                return TEXT_NONE;
            }
            found = pair;
        }
    }
    return found;
}

void session_cookie_write(struct buffer *headers, const struct session_cookie *cookie,
                          struct text public_url)
{
    buffer_append_format(headers,
                         "Set-Cookie: %.*s=%.*s; Path=/; Max-Age=%" PRId64
                         "; HttpOnly; SameSite=Strict%s\r\n",
                         TEXT_ARGUMENTS(name_of(public_url)), TEXT_ARGUMENTS(cookie->value),
                         cookie->lifetime, is_secure(public_url) ? "; Secure" : "");
}

struct text session_origin_of(struct text url)
{
    struct text rest = url;
    (void)text_cut(&rest, '/');
    (void)text_cut(&rest, '/');
    struct text host = text_cut(&rest, '/');
    return text_until(url, (size_t)(host.data - url.data) + host.length);
}

/* What follows a name of this machine: ":8080"; TEXT_NONE for any other host's origin. */
static struct text port_of_loopback(struct text origin)
{
    static const struct text starts[] = {
        { "http://localhost", 16 },  { "http://127.0.0.1", 16 },  { "http://[::1]", 12 },
        { "https://localhost", 17 }, { "https://127.0.0.1", 17 }, { "https://[::1]", 13 },
    };
    for (size_t i = 0; i < sizeof starts / sizeof starts[0]; i++) {
        struct text rest = text_from(origin, starts[i].length);
        if (text_starts_with(origin, starts[i]) && (rest.length == 0 || rest.data[0] == ':')) {
            return rest;
        }
    }
    return TEXT_NONE;
}

/* Under one loopback name or another, it is the same server to whoever sits before it. */
static bool is_same_origin(struct text origin, struct text ours)
{
    struct text port = port_of_loopback(origin);
    struct text our_port = port_of_loopback(ours);
    return text_equal(origin, ours) ||
           (port.data != NULL && our_port.data != NULL && text_equal(port, our_port) &&
            is_secure(origin) == is_secure(ours));
}

bool session_origin_is_ours(const struct http_request *request, struct text public_url,
                            bool is_needed)
{
    size_t lines = 0;
    struct text origin = http_request_header(request, TEXT("Origin"), &lines);
    return lines == 0 ? !is_needed
                      : lines == 1 && is_same_origin(origin, session_origin_of(public_url));
}
