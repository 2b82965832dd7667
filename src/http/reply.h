#ifndef ORGKEYS_HTTP_REPLY_H
#define ORGKEYS_HTTP_REPLY_H

#include <stdbool.h>

#include "base/buffer.h"
#include "base/text.h"
#include "http/http.h"

/* "Date: ...\r\n" of the current second, made once a second. */
struct reply_date {
    int64_t second;
    char line[48];
    size_t length;
};

struct text reply_date_line(struct reply_date *date);

/* What the request and the connection ask of the reply's form. */
struct reply_form {
    bool without_body; /* the request was HEAD */
    bool close;
    bool say_keep_alive; /* HTTP/1.0 closes unless told otherwise */
    struct text date_line;
};

/* Appends the whole reply; look at output->failed. */
void reply_write(struct buffer *output, const struct http_reply *reply,
                 const struct reply_form *form);

/* "HTTP/1.1 100 Continue" (RFC 9110, 15.2.1). */
void reply_write_continue(struct buffer *output);

#endif
