#include "http/reply.h"

#include <time.h>

/* Room for the lines that are added to the application's. */
enum { REPLY_OWN_LINES_MAXIMUM = 256 };

struct status_line {
    int status;
    struct text line;
};

static const struct status_line status_lines[] = {
#define STATUS_LINE(status, reason)                              \
    {                                                            \
        status,                                                  \
        {                                                        \
            "HTTP/1.1 " #status " " reason "\r\n",               \
                sizeof "HTTP/1.1 " #status " " reason "\r\n" - 1 \
        }                                                        \
    }
    STATUS_LINE(200, "OK"),
    STATUS_LINE(201, "Created"),
    STATUS_LINE(202, "Accepted"),
    STATUS_LINE(204, "No Content"),
    STATUS_LINE(301, "Moved Permanently"),
    STATUS_LINE(302, "Found"),
    STATUS_LINE(303, "See Other"),
    STATUS_LINE(304, "Not Modified"),
    STATUS_LINE(307, "Temporary Redirect"),
    STATUS_LINE(308, "Permanent Redirect"),
    STATUS_LINE(400, "Bad Request"),
    STATUS_LINE(401, "Unauthorized"),
    STATUS_LINE(403, "Forbidden"),
    STATUS_LINE(404, "Not Found"),
    STATUS_LINE(405, "Method Not Allowed"),
    STATUS_LINE(408, "Request Timeout"),
    STATUS_LINE(409, "Conflict"),
    STATUS_LINE(412, "Precondition Failed"),
    STATUS_LINE(413, "Content Too Large"),
    STATUS_LINE(415, "Unsupported Media Type"),
    STATUS_LINE(417, "Expectation Failed"),
    STATUS_LINE(422, "Unprocessable Content"),
    STATUS_LINE(429, "Too Many Requests"),
    STATUS_LINE(431, "Request Header Fields Too Large"),
    STATUS_LINE(500, "Internal Server Error"),
    STATUS_LINE(502, "Bad Gateway"),
    STATUS_LINE(503, "Service Unavailable"),
    STATUS_LINE(504, "Gateway Timeout"),
    STATUS_LINE(507, "Insufficient Storage"),
#undef STATUS_LINE
};

enum { HTTP_NO_CONTENT = 204, HTTP_NOT_MODIFIED = 304 };

static void append_status_line(struct buffer *output, int status)
{
    for (size_t i = 0; i < sizeof status_lines / sizeof status_lines[0]; i++) {
        if (status_lines[i].status == status) {
            buffer_append(output, status_lines[i].line);
            return;
        }
    }
    /* The reason may be empty, its space may not be left out (RFC 9112, 4). */
    buffer_append(output, TEXT("HTTP/1.1 "));
    buffer_append_integer(output, status);
    buffer_append(output, TEXT(" \r\n"));
}

struct text reply_date_line(struct reply_date *date)
{
    time_t now = time(NULL);
    if (date->length == 0 || date->second != (int64_t)now) {
        struct tm utc;
        /* The names of days and months are English, since the process never sets a locale. */
        date->length = gmtime_r(&now, &utc) == NULL
                           ? 0
                           : strftime(date->line, sizeof date->line,
                                      "Date: %a, %d %b %Y %H:%M:%S GMT\r\n", &utc);
        date->second = (int64_t)now;
    }
    return (struct text){ date->line, date->length };
}

void reply_write(struct buffer *output, const struct http_reply *reply,
                 const struct reply_form *form)
{
    bool has_no_content = reply->status == HTTP_NO_CONTENT || reply->status == HTTP_NOT_MODIFIED;
    bool has_body = !has_no_content && !form->without_body;
    size_t body_length = has_body ? reply->body.length : 0;
    if (!buffer_reserve(output, reply->headers.length + body_length + REPLY_OWN_LINES_MAXIMUM)) {
        return;
    }
    append_status_line(output, reply->status);
    buffer_append(output, form->date_line);
    buffer_append(output, reply->headers);
    if (!has_no_content) {
        buffer_append(output, TEXT("Content-Length: "));
        buffer_append_integer(output, (int64_t)reply->body.length);
        buffer_append(output, TEXT("\r\n"));
    }
    if (form->close) {
        buffer_append(output, TEXT("Connection: close\r\n"));
    } else if (form->say_keep_alive) {
        buffer_append(output, TEXT("Connection: keep-alive\r\n"));
    }
    buffer_append(output, TEXT("\r\n"));
    if (has_body) {
        buffer_append(output, reply->body);
    }
}

void reply_write_continue(struct buffer *output)
{
    buffer_append(output, TEXT("HTTP/1.1 100 Continue\r\n\r\n"));
}
