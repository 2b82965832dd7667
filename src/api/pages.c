#include "api/pages.h"

#include "api/dashboard.h"
#include "base/buffer.h"
#include "http/http.h"
#include "os/metrics.h"

enum { PAGE_HEADERS_MAXIMUM = 1024 };

/* What the page itself shows a view for; what is below them belongs to it, too. */
static const char *const views[] = {
    "account",  "admin-keys", "audit-log", "invite",  "keys",
    "password", "people",     "projects",  "sign-in",
};

/*
 * The page loads nothing from anywhere else, runs nothing that stands in markup, and is shown in no
 * frame. It is asked for anew each time, and answered with 304 as long as it is the same: so no
 * file of an old server meets one of a new server.
 */
static const char common_headers[] =
    "Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'\r\n"
    "X-Frame-Options: DENY\r\n"
    "X-Content-Type-Options: nosniff\r\n"
    "Referrer-Policy: no-referrer\r\n"
    "Cross-Origin-Opener-Policy: same-origin\r\n"
    "Cross-Origin-Resource-Policy: same-origin\r\n"
    "Permissions-Policy: camera=(), geolocation=(), microphone=()\r\n"
    "Cache-Control: no-cache\r\n"
    "Vary: Accept-Encoding\r\n";

static bool is_view(struct text path)
{
    struct text rest = text_from(path, 1);
    struct text segment = text_cut(&rest, '/');
    for (size_t i = 0; i < sizeof views / sizeof views[0]; i++) {
        if (text_equal(segment, text_of(views[i]))) {
            return true;
        }
    }
    return false;
}

const struct dashboard_file *page_find(struct text path)
{
    struct text wanted = is_view(path) ? TEXT("/") : path;
    for (size_t i = 0; i < dashboard_file_count; i++) {
        if (text_equal(dashboard_files[i].path, wanted)) {
            return &dashboard_files[i];
        }
    }
    return NULL;
}

bool page_takes(struct text method)
{
    return text_equal(method, TEXT("GET")) || text_equal(method, TEXT("HEAD"));
}

/* "q=0", also with zeros behind the point (RFC 9110, 12.4.2). */
static bool is_refused(struct text parameter)
{
    struct text weight = text_trim(parameter);
    if (!text_starts_with(weight, TEXT("q=0")) && !text_starts_with(weight, TEXT("Q=0"))) {
        return false;
    }
    for (size_t i = 3; i < weight.length; i++) {
        if (weight.data[i] != '0' && weight.data[i] != '.') {
            return false;
        }
    }
    return true;
}

static bool accepts_gzip(const struct http_request *request)
{
    struct text codings = http_request_header(request, TEXT("Accept-Encoding"), NULL);
    while (!text_is_empty(codings)) {
        struct text weight = text_cut(&codings, ',');
        struct text coding = text_trim(text_cut(&weight, ';'));
        if (text_equal_ignoring_case(coding, TEXT("gzip"))) {
            return !is_refused(weight);
        }
    }
    return false;
}

/* Both forms have the same tag, which is weak therefore; and so it is compared. */
static bool has_already(const struct http_request *request, struct text tag)
{
    struct text known = http_request_header(request, TEXT("If-None-Match"), NULL);
    while (!text_is_empty(known)) {
        struct text one = text_trim(text_cut(&known, ','));
        struct text quoted = text_starts_with(one, TEXT("W/")) ? text_from(one, 2) : one;
        if (quoted.length == tag.length + 2 &&
            text_equal(text_until(text_from(quoted, 1), tag.length), tag)) {
            return true;
        }
    }
    return false;
}

void page_answer(const struct dashboard_file *file, struct http_request *request)
{
    struct buffer headers;
    bool is_known = file->status == 200 && has_already(request, file->tag);
    bool is_gzip = !is_known && file->gzip.data != NULL && accepts_gzip(request);
    buffer_init(&headers, PAGE_HEADERS_MAXIMUM);
    buffer_append(&headers, (struct text){ common_headers, sizeof common_headers - 1 });
    buffer_append_format(&headers, "ETag: W/\"%.*s\"\r\nContent-Type: %.*s\r\n%s",
                         TEXT_ARGUMENTS(file->tag), TEXT_ARGUMENTS(file->content_type),
                         is_gzip ? "Content-Encoding: gzip\r\n" : "");
    struct http_reply reply = {
        .status = headers.failed ? 500
                  : is_known     ? 304
                                 : file->status,
        .headers = headers.failed ? TEXT("") : buffer_text(&headers),
        .body = headers.failed ? TEXT("")
                : is_gzip      ? file->gzip
                               : file->plain,
        .close = headers.failed,
    };
    metric_add(METRIC_HTTP_REQUESTS, (unsigned)reply.status / 100 - 1, 1);
    http_request_reply(request, &reply, NULL, NULL);
    buffer_free(&headers);
}
