#include "base/buffer.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"

enum { BUFFER_FIRST_CAPACITY = 256 };

void buffer_init(struct buffer *buffer, size_t maximum)
{
    *buffer = (struct buffer){ .maximum = maximum };
}

void buffer_clear(struct buffer *buffer)
{
    secret_wipe(buffer->data, buffer->length);
    buffer->length = 0;
    buffer->failed = false;
}

void buffer_free(struct buffer *buffer)
{
    secret_wipe(buffer->data, buffer->length);
    free(buffer->data);
    buffer_init(buffer, buffer->maximum);
}

void buffer_consume(struct buffer *buffer, size_t count)
{
    if (count == 0) {
        return;
    }
    if (count > buffer->length) {
        count = buffer->length;
    }
    size_t rest = buffer->length - count;
    memmove(buffer->data, buffer->data + count, rest);
    secret_wipe(buffer->data + rest, count);
    buffer->length = rest;
}

/* Not realloc, which may leave a copy of the old bytes behind. */
static bool grow(struct buffer *buffer, size_t needed)
{
    size_t capacity = buffer->capacity > 0 ? buffer->capacity : BUFFER_FIRST_CAPACITY;
    while (capacity < needed) {
        capacity = capacity > buffer->maximum / 2 ? buffer->maximum : capacity * 2;
    }
    if (capacity > buffer->maximum) {
        capacity = buffer->maximum;
    }
    char *data = malloc(capacity);
    if (data == NULL) {
        return false;
    }
    if (buffer->length > 0) {
        memcpy(data, buffer->data, buffer->length);
        secret_wipe(buffer->data, buffer->length);
    }
    free(buffer->data);
    buffer->data = data;
    buffer->capacity = capacity;
    return true;
}

bool buffer_reserve(struct buffer *buffer, size_t count)
{
    if (buffer->failed) {
        return false;
    }
    if (count <= buffer->capacity - buffer->length) {
        return true;
    }
    if (count > buffer->maximum - buffer->length || !grow(buffer, buffer->length + count)) {
        buffer->failed = true;
        return false;
    }
    return true;
}

void buffer_append(struct buffer *buffer, struct text text)
{
    if (text.length == 0 || !buffer_reserve(buffer, text.length)) {
        return;
    }
    memcpy(buffer->data + buffer->length, text.data, text.length);
    buffer->length += text.length;
}

void buffer_append_byte(struct buffer *buffer, char byte)
{
    buffer_append(buffer, (struct text){ &byte, 1 });
}

void buffer_append_integer(struct buffer *buffer, int64_t value)
{
    char digits[24];
    size_t at = sizeof digits;
    bool negative = value < 0;
    do {
        int digit = (int)(value % 10);
        digits[--at] = (char)('0' + (negative ? -digit : digit));
        value /= 10;
    } while (value != 0);
    if (negative) {
        digits[--at] = '-';
    }
    buffer_append(buffer, (struct text){ digits + at, sizeof digits - at });
}

void buffer_append_format(struct buffer *buffer, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    /* One more byte than is kept: vsnprintf ends with a NUL. */
    if (length < 0 || !buffer_reserve(buffer, (size_t)length + 1)) {
        buffer->failed = true;
        return;
    }
    va_start(arguments, format);
    (void)vsnprintf(buffer->data + buffer->length, (size_t)length + 1, format, arguments);
    va_end(arguments);
    buffer->length += (size_t)length;
}

struct text buffer_text(const struct buffer *buffer)
{
    return (struct text){ buffer->data != NULL ? buffer->data : "", buffer->length };
}
