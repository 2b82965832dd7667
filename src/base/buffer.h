#ifndef ORGKEYS_BASE_BUFFER_H
#define ORGKEYS_BASE_BUFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

/*
 * Bytes that grow up to a maximum given at birth. An append that does not fit, or finds no memory,
 * changes nothing and sets `failed`, as does every append after it: write everything, then look
 * once. Memory is wiped before it is given back.
 */
struct buffer {
    char *data;
    size_t length;
    size_t capacity;
    size_t maximum;
    bool failed;
};

void buffer_init(struct buffer *buffer, size_t maximum);
/* Empties it, wipes what it held, keeps its memory. */
void buffer_clear(struct buffer *buffer);
/* Wipes and frees; the buffer can be used again. */
void buffer_free(struct buffer *buffer);
/* Forgets the first `count` bytes; the rest moves to the front and its old place is wiped. */
void buffer_consume(struct buffer *buffer, size_t count);
/* Room for `count` more bytes after `length`, or false and `failed`. */
bool buffer_reserve(struct buffer *buffer, size_t count);

void buffer_append(struct buffer *buffer, struct text text);
void buffer_append_byte(struct buffer *buffer, char byte);
void buffer_append_integer(struct buffer *buffer, int64_t value);
void buffer_append_format(struct buffer *buffer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

struct text buffer_text(const struct buffer *buffer);

#endif
