#ifndef ORGKEYS_CODEC_URI_H
#define ORGKEYS_CODEC_URI_H

#include "base/arena.h"
#include "base/result.h"
#include "base/text.h"

/*
 * Decodes %XX (RFC 3986, 2.1) into the arena. Refused with MALFORMED_REQUEST: a '%' without two
 * hexadecimal digits, a NUL, and what is not UTF-8 afterwards. `plus_is_space` is for queries,
 * where forms write a space as '+'.
 */
struct result uri_decode(struct arena *arena, struct text encoded, bool plus_is_space,
                         struct text *ret_text);

/* The same into storage of at least encoded.length bytes. */
struct result uri_decode_into(struct text encoded, bool plus_is_space, char *storage,
                              struct text *ret_text);

struct uri_parameter {
    struct text name;
    struct text value;
};

/*
 * Cuts the next `name=value` off a query and decodes both. ret_parameter->name.data is NULL when
 * none is left. A name without '=' has an empty value.
 */
struct result uri_next_parameter(struct arena *arena, struct text *query,
                                 struct uri_parameter *ret_parameter);

#endif
