#ifndef ORGKEYS_CODEC_JSON_H
#define ORGKEYS_CODEC_JSON_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/result.h"
#include "base/text.h"

/*
 * Reading JSON (RFC 8259). Strict: one value and nothing after it, UTF-8, no name twice in an
 * object, no NUL in a text, integers of 64 bits.
 *
 * After json_initialize, the parser's memory is wiped when it is freed, since a body can hold a
 * key, bounded, and no lack of it brings the program down. That is set for the whole program, so
 * liborgkeys, a guest in another's, leaves it to that one.
 */

enum {
    JSON_DEPTH_MAXIMUM = 32,
    JSON_PROBLEM_MAXIMUM = 160,
    /* Bytes of a thread's parsed documents: a small body can describe a great many values. After
     * json_initialize only. */
    JSON_MEMORY_MAXIMUM = 4 * 1024 * 1024,
};

enum json_type {
    JSON_TYPE_NULL,
    JSON_TYPE_BOOLEAN,
    JSON_TYPE_INTEGER,
    JSON_TYPE_NUMBER, /* with a fraction or an exponent */
    JSON_TYPE_TEXT,
    JSON_TYPE_ARRAY,
    JSON_TYPE_OBJECT,
};

/* A value of a parsed document; it lives as long as the document. */
struct json_value;

/* Once, before the first parse; not in liborgkeys. */
void json_initialize(void);

/*
 * MALFORMED_JSON with what is wrong, and where, in ret_problem (a fixed text: it repeats nothing of
 * the input); OVERLOADED without memory.
 */
struct result json_parse(struct text text, struct json_value **ret_document,
                         char ret_problem[JSON_PROBLEM_MAXIMUM]);
/* NULL is allowed. */
void json_free(struct json_value *document);

enum json_type json_type_of(const struct json_value *value);
/* "a string", "an object": for messages. */
const char *json_type_name(enum json_type type);

int64_t json_read_integer(const struct json_value *value);
/* The same of a number that is whole and was written with a fraction or an exponent, up to 2^53:
 * 1711471533.0. False: it is none of both. */
bool json_read_whole(const struct json_value *value, int64_t *ret_integer);
bool json_read_boolean(const struct json_value *value);
struct text json_read_text(const struct json_value *value);

size_t json_array_length(const struct json_value *array);
const struct json_value *json_array_at(const struct json_value *array, size_t index);

/* NULL when there is no such member. */
const struct json_value *json_member(const struct json_value *object, const char *name);
/* Calls `visit` for each member until it returns false; gives whether all were visited. */
bool json_each_member(const struct json_value *object,
                      bool (*visit)(void *context, struct text name), void *context);

/* Appends a value as JSON, without spaces. */
void json_print(const struct json_value *value, struct buffer *buffer);

#endif
