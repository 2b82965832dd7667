#ifndef ORGKEYS_CODEC_JSON_WRITER_H
#define ORGKEYS_CODEC_JSON_WRITER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"

/*
 * Writes JSON (RFC 8259) to the end of a buffer, without spaces. The caller keeps the order right:
 * open, then for each member a name and a value, then close; commas are put in by looking at the
 * last byte written.
 */
void json_write_open(struct buffer *buffer, char bracket);
void json_write_close(struct buffer *buffer, char bracket);
void json_write_name(struct buffer *buffer, struct text name);
/* TEXT_NONE is null. What is not UTF-8 was refused on its way in. */
void json_write_text(struct buffer *buffer, struct text text);
void json_write_integer(struct buffer *buffer, int64_t integer);
void json_write_boolean(struct buffer *buffer, bool boolean);
void json_write_null(struct buffer *buffer);
/* JSON that was written before, as it is. */
void json_write_raw(struct buffer *buffer, struct text json);

#endif
