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

bool session_origin_is_ours(const struct http_request *request, struct text public_url,
                            bool is_needed)
{
    size_t lines = 0;
    struct text origin = http_request_header(request, TEXT("Origin"), &lines);
    return lines == 0 ? !is_needed
                      : lines == 1 && text_equal(origin, session_origin_of(public_url));
}
