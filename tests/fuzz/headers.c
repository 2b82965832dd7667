/*
 * What headers say of a caller: the key, the session's cookie, the page's origin, the client's
 * address behind proxies. The input's first line is the peer's address, the others are headers.
 */
#include <string.h>

#include "api/client_address.h"
#include "api/credential.h"
#include "api/session_cookie.h"
#include "fuzz.h"

static struct network trusted[3];
enum { TRUSTED_COUNT = sizeof trusted / sizeof trusted[0] };

/* NOLINTNEXTLINE(readability-non-const-parameter): the type is libFuzzer's */
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    ASSERT(network_parse(TEXT("10.0.0.0/8"), &trusted[0]));
    ASSERT(network_parse(TEXT("fd00::/8"), &trusted[1]));
    ASSERT(network_parse(TEXT("unix"), &trusted[2]));
    return 0;
}

static size_t count_of(const struct http_request *request, struct text name)
{
    size_t count = 0;
    (void)http_request_header(request, name, &count);
    return count;
}

/* Whether it is a part of a header's value. */
static bool is_of_headers(const struct http_request *request, struct text part)
{
    for (size_t i = 0; i < request->header_count; i++) {
        struct text value = request->headers[i].value;
        if (part.data >= value.data && part.data + part.length <= value.data + value.length) {
            return true;
        }
    }
    return false;
}

static void read_credential(const struct http_request *request)
{
    static const struct text names[] = { { "Authorization", 13 },
                                         { "x-api-key", 9 },
                                         { "api-key", 7 } };
    struct text key = TEXT_NONE;
    enum error error = credential_find(request, &key);
    ASSERT(error == ERROR_NONE || error == ERROR_MISSING_CREDENTIALS ||
           error == ERROR_MULTIPLE_CREDENTIALS);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        size_t count = 0;
        struct text value = http_request_header(request, names[i], &count);
        ASSERT(count < 2 || error == ERROR_MULTIPLE_CREDENTIALS);
        ASSERT(error != ERROR_NONE || count == 0 || text_ends_with(value, key));
    }
    if (error == ERROR_NONE) {
        ASSERT(!text_is_empty(key) && is_of_headers(request, key));
    }
}

static void read_cookie(const struct http_request *request, struct text public_url)
{
    struct text token = session_cookie_find(request, public_url);
    if (token.data != NULL) {
        ASSERT(count_of(request, TEXT("Cookie")) == 1);
        ASSERT(is_of_headers(request, token) && text_find(token, ';') == token.length);
    }
}

static void read_origin(const struct http_request *request, struct text public_url)
{
    struct text origin = http_request_header(request, TEXT("Origin"), NULL);
    size_t count = count_of(request, TEXT("Origin"));
    bool is_ours = session_origin_is_ours(request, public_url, true);
    ASSERT(!is_ours || count == 1);
    ASSERT(session_origin_is_ours(request, public_url, false) == (is_ours || count == 0));
    if (text_starts_with(public_url, TEXT("https://"))) {
        ASSERT(is_ours == (count == 1 && text_equal(origin, session_origin_of(public_url))));
    } else if (is_ours) {
        ASSERT(text_starts_with(origin, TEXT("http://")) && text_ends_with(origin, TEXT(":8080")));
    }
}

static void read_address(const struct http_request *request)
{
    struct network network;
    struct text address = client_address(request, trusted, TRUSTED_COUNT);
    if (!networks_contain(trusted, TRUSTED_COUNT, request->peer)) {
        ASSERT(address.data == request->peer.data);
    } else if (address.data != request->peer.data) {
        ASSERT(is_of_headers(request, address));
        ASSERT(network_parse(address, &network) && !network.is_unix);
    }
}

/* A single address is in the network that it is. */
static void read_network(struct text text)
{
    struct network network;
    if (network_parse(text, &network)) {
        ASSERT(network.prefix <= 8 * NETWORK_ADDRESS_SIZE);
        ASSERT(text_find(text, '/') < text.length || networks_contain(&network, 1, text));
    }
}

static size_t split(struct text lines, struct http_header headers[HTTP_HEADER_LINES_MAXIMUM])
{
    size_t count = 0;
    while (!text_is_empty(lines) && count < HTTP_HEADER_LINES_MAXIMUM) {
        struct text value = text_cut(&lines, '\n');
        struct text name = text_cut(&value, ':');
        headers[count++] = (struct http_header){ name, text_trim(value) };
    }
    return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct http_header headers[HTTP_HEADER_LINES_MAXIMUM];
    struct text lines = { (const char *)data, size };
    struct text peer = text_cut(&lines, '\n');
    struct http_request request = { .peer = peer, .headers = headers };
    request.header_count = split(lines, headers);
    read_credential(&request);
    read_cookie(&request, TEXT("https://keys.example.com"));
    read_cookie(&request, TEXT("http://127.0.0.1:8080"));
    read_origin(&request, TEXT("https://keys.example.com/admin"));
    read_origin(&request, TEXT("http://127.0.0.1:8080"));
    read_address(&request);
    read_network(peer);
    return 0;
}
