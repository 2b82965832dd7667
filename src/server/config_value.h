#ifndef ORGKEYS_SERVER_CONFIG_VALUE_H
#define ORGKEYS_SERVER_CONFIG_VALUE_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/text.h"
#include "server/options.h"

/* What the values of a kind of option look like, and how they are read. */
struct option_traits {
    const char *value_name; /* for --help; NULL: takes no value */
    const char *expected;   /* completes "must be ..." */
    size_t item_size;       /* of the array of a list's values; 0: the option takes one value */
    /* Reads one value into a field, or into an item of a list. */
    bool (*read)(const struct option *option, struct text value, struct arena *arena, void *field);
    /* Writes a bound of the range; NULL where the kind has none. */
    void (*write_bound)(struct buffer *buffer, int64_t bound);
    const char *range_end;    /* what is said after the range; NULL: nothing */
    const char *variable_end; /* what the variable's name has behind the option's; NULL: nothing */
};
const struct option_traits *option_traits(enum option_kind kind);

/* "an integer from 0 to 256", "one of debug, info". */
void option_write_expected(const struct option *option, struct buffer *buffer);

bool option_has_variable(const struct option *option);
/* ORGKEYS_MAX_BODY_SIZE of "max-body-size". */
void option_write_variable(const struct option *option, struct buffer *buffer);

#endif
