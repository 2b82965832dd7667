#ifndef ORGKEYS_HTTP_PARSER_H
#define ORGKEYS_HTTP_PARSER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"
#include "http/http.h"
#include "http/refusal.h"

/* What a head says, as views into its bytes. Nothing about it has been checked: see rules.h. */
struct head {
    struct text method;
    struct text target;
    struct http_header headers[HTTP_HEADER_LINES_MAXIMUM];
    size_t header_count;
    bool is_http_1_0;
    bool keep_alive; /* the client wants the connection to stay open */
};

/*
 * The bytes of chunk sizes, extensions and line ends of one body. It bounds what a peer can make us
 * parse with endless extensions or chunks of one byte; a body of 1 MiB in chunks of 128 bytes fits.
 */
enum { PARSER_CHUNK_FRAMING_MAXIMUM = 64 * 1024 };

/* llhttp in strict mode, stopped after the head and after the body. One request at a time. */
struct parser;

/* NULL when there is no memory. */
struct parser *parser_create(void);
void parser_free(struct parser *parser);

/* `bytes` is one whole head that has passed the gate, which counted `lines` lines in it. */
struct refusal parser_read_head(struct parser *parser, struct text bytes, unsigned lines,
                                struct head *ret_head);

/* Takes a piece of the body, which is gone when it returns; false ends the request. */
typedef bool parser_take_function(void *context, struct text piece);

/* After parser_read_head, when a body is announced. */
void parser_begin_body(struct parser *parser, size_t body_maximum, parser_take_function *take,
                       void *context);

/*
 * The next bytes after the head. ret_consumed of them belong to the body; ret_complete says that it
 * ended with them. ERROR_OVERLOADED when `take` said no.
 */
struct refusal parser_read_body(struct parser *parser, struct text bytes, size_t *ret_consumed,
                                bool *ret_complete);

#endif
