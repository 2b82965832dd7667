#ifndef ORGKEYS_HTTP_GATE_H
#define ORGKEYS_HTTP_GATE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"
#include "http/refusal.h"

/*
 * Looks at the raw bytes of a request's head before the parser does, because a parser's callbacks
 * no longer show them: line ends, folded lines, control characters, the form of the request line.
 * It also finds where the head ends. Bytes may come in any pieces.
 */
struct gate {
    size_t scanned;    /* bytes that need not be looked at again */
    size_t line_start; /* of the line that is being scanned */
    size_t head_start; /* 2 when an empty line came first, else 0 */
    unsigned lines;    /* whole lines, the request line included */
};

void gate_init(struct gate *gate);

/*
 * `bytes` begins where the request does, and holds at least what it held the last time. The head's
 * length, its last empty line and a leading one included, comes with its last byte; 0 until then.
 */
struct refusal gate_scan(struct gate *gate, struct text bytes, size_t *ret_head_length);

#endif
