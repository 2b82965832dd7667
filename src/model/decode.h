#ifndef ORGKEYS_MODEL_DECODE_H
#define ORGKEYS_MODEL_DECODE_H

#include "base/arena.h"
#include "base/problem.h"
#include "base/result.h"
#include "base/text.h"
#include "codec/json.h"
#include "model/field.h"

/*
 * Requests into structs. What is read lies in the arena. A request that the table does not allow is
 * refused with one of the errors of errors.def and the problem says where.
 *
 * A text without a maximum of its own has DECODE_TEXT_MAXIMUM characters at most, a list
 * DECODE_LIST_MAXIMUM items. An integer without one has no limits. An item has a character at
 * least.
 */
enum {
    DECODE_TEXT_MAXIMUM = 512,
    DECODE_LIST_MAXIMUM = 100,
    DECODE_STORED_MAXIMUM = 8192, /* objects in a list that was written by us */
};

struct decoder {
    struct arena *arena;
    struct problem *problem;
};

/* A JSON body. An empty body is an object without members. Unknown members are refused. */
struct result decode_body(const struct decoder *decoder, const struct object_type *type,
                          struct text body, void *ret_object);

/*
 * A query. Unknown parameters and empty values are ignored; a name that is a known one with its
 * brackets left out, or others in their place, is refused: ignored, it would widen the answer.
 */
struct result decode_query(const struct decoder *decoder, const struct object_type *type,
                           struct text query, void *ret_object);

/* Whether a text is a scope-token of RFC 6749, 3.3, of any length. */
bool scope_is_valid(struct text text);

/* A JSON array as it was written by model_encode_... One that is not is a fault. */
struct result decode_stored_objects(const struct decoder *decoder, const struct object_type *type,
                                    struct text json, struct object_list *ret_list);
struct result decode_stored_texts(const struct decoder *decoder, struct text json,
                                  struct text_list *ret_list);

#endif
