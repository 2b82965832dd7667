#include "codec/json_writer.h"

static void separate(struct buffer *buffer)
{
    char last = buffer->length > 0 ? buffer->data[buffer->length - 1] : '[';
    if (last != '{' && last != '[' && last != ':' && last != ',') {
        buffer_append_byte(buffer, ',');
    }
}

void json_write_open(struct buffer *buffer, char bracket)
{
    separate(buffer);
    buffer_append_byte(buffer, bracket);
}

void json_write_close(struct buffer *buffer, char bracket)
{
    buffer_append_byte(buffer, bracket);
}

/* The bytes up to the next one that must be escaped. */
static size_t plain_length(struct text text)
{
    for (size_t i = 0; i < text.length; i++) {
        unsigned char byte = (unsigned char)text.data[i];
        if (byte < 0x20 || byte == '"' || byte == '\\' || byte == 0x7f) {
            return i;
        }
    }
    return text.length;
}

static void write_quoted(struct buffer *buffer, struct text text)
{
    buffer_append_byte(buffer, '"');
    while (text.length > 0) {
        size_t plain = plain_length(text);
        buffer_append(buffer, text_until(text, plain));
        text = text_from(text, plain);
        if (text.length > 0) {
            char byte = text.data[0];
            if (byte == '"' || byte == '\\') {
                buffer_append_byte(buffer, '\\');
                buffer_append_byte(buffer, byte);
            } else {
                buffer_append_format(buffer, "\\u%04x", (unsigned char)byte);
            }
            text = text_from(text, 1);
        }
    }
    buffer_append_byte(buffer, '"');
}

void json_write_name(struct buffer *buffer, struct text name)
{
    separate(buffer);
    write_quoted(buffer, name);
    buffer_append_byte(buffer, ':');
}

void json_write_text(struct buffer *buffer, struct text text)
{
    separate(buffer);
    if (text.data == NULL) {
        buffer_append(buffer, TEXT("null"));
    } else {
        write_quoted(buffer, text);
    }
}

void json_write_integer(struct buffer *buffer, int64_t integer)
{
    separate(buffer);
    buffer_append_integer(buffer, integer);
}

void json_write_boolean(struct buffer *buffer, bool boolean)
{
    json_write_raw(buffer, boolean ? TEXT("true") : TEXT("false"));
}

void json_write_null(struct buffer *buffer)
{
    json_write_raw(buffer, TEXT("null"));
}

void json_write_raw(struct buffer *buffer, struct text json)
{
    separate(buffer);
    buffer_append(buffer, json);
}
