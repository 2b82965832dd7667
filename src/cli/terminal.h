#ifndef ORGKEYS_CLI_TERMINAL_H
#define ORGKEYS_CLI_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"

/* What standard input and output are, and what may be written to them. */
struct terminal {
    bool in_is_terminal;
    bool out_is_terminal;
    bool error_is_terminal;
    bool has_color; /* of what is a terminal */
    size_t width;   /* columns of standard output; 0: no limit */
};

/* Also makes widths those of UTF-8, for this thread. */
void terminal_describe(struct terminal *ret_terminal);

/* How many columns a UTF-8 text takes. */
size_t text_width(struct text text);

/* The longest beginning of a text that takes at most `width` columns. */
struct text text_fitting(struct text text, size_t width);

/*
 * Appends a text of somebody else's: what could make a terminal do things, or show a text in
 * another order, becomes '?'.
 */
void append_harmless(struct buffer *buffer, struct text text);
/* The same for JSON: it becomes \u.... */
void append_harmless_json(struct buffer *buffer, struct text json);

/*
 * Writes a whole buffer to standard output, nothing of one that failed, and says on standard error
 * when it cannot. False: it could not.
 */
bool print(const struct buffer *buffer);

/* Asks on the terminal; false unless the answer begins with a y. */
bool confirm(const char *question);

#endif
