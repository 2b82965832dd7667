#include "codec/uri.h"

static int hexadecimal_digit(char byte)
{
    if (byte >= '0' && byte <= '9') {
        return byte - '0';
    }
    byte = (char)(byte | 0x20);
    return byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : -1;
}

/* Decodes the escape at the start of `text`; -1 where it is none. */
static int decode_escape(struct text text)
{
    if (text.length < 3) {
        return -1;
    }
    int high = hexadecimal_digit(text.data[1]);
    int low = hexadecimal_digit(text.data[2]);
    return high < 0 || low < 0 ? -1 : high << 4 | low;
}

struct result uri_decode_into(struct text encoded, bool plus_is_space, char *storage,
                              struct text *ret_text)
{
    size_t length = 0;
    for (size_t i = 0; i < encoded.length; i++) {
        int byte = (unsigned char)encoded.data[i];
        if (byte == '%') {
            byte = decode_escape(text_from(encoded, i));
            i += 2;
        } else if (byte == '+' && plus_is_space) {
            byte = ' ';
        }
        if (byte <= 0) {
            return refuse(ERROR_MALFORMED_REQUEST);
        }
        storage[length++] = (char)byte;
    }
    struct text text = { storage, length };
    if (!text_is_utf8(text)) {
        return refuse(ERROR_MALFORMED_REQUEST);
    }
    *ret_text = text;
    return RESULT_OK;
}

struct result uri_decode(struct arena *arena, struct text encoded, bool plus_is_space,
                         struct text *ret_text)
{
    char *decoded = arena_allocate(arena, encoded.length + 1);
    if (decoded == NULL) {
        return fault(ERROR_INTERNAL, "no memory to decode a URI");
    }
    return uri_decode_into(encoded, plus_is_space, decoded, ret_text);
}

struct result uri_next_parameter(struct arena *arena, struct text *query,
                                 struct uri_parameter *ret_parameter)
{
    struct uri_parameter parameter = { TEXT_NONE, TEXT_NONE };
    struct text value = TEXT_NONE;
    while (!text_is_empty(*query) && text_is_empty(value)) {
        value = text_cut(query, '&');
    }
    if (!text_is_empty(value)) {
        struct text name = text_cut(&value, '=');
        TRY(uri_decode(arena, name, true, &parameter.name));
        TRY(uri_decode(arena, value, true, &parameter.value));
    }
    *ret_parameter = parameter;
    return RESULT_OK;
}
