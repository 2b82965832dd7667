#include "base/text.h"

#include <string.h>

struct text text_of(const char *string)
{
    return string != NULL ? (struct text){ string, strlen(string) } : TEXT_NONE;
}

bool text_is_empty(struct text text)
{
    return text.length == 0;
}

bool text_equal(struct text a, struct text b)
{
    return a.length == b.length && (a.length == 0 || memcmp(a.data, b.data, a.length) == 0);
}

int text_compare(struct text a, struct text b)
{
    size_t common = a.length < b.length ? a.length : b.length;
    int order = common > 0 ? memcmp(a.data, b.data, common) : 0;
    return order != 0 ? order : (a.length > b.length) - (a.length < b.length);
}

static char fold(char byte)
{
    return byte >= 'A' && byte <= 'Z' ? (char)(byte + ('a' - 'A')) : byte;
}

bool text_equal_ignoring_case(struct text a, struct text b)
{
    if (a.length != b.length) {
        return false;
    }
    for (size_t i = 0; i < a.length; i++) {
        if (fold(a.data[i]) != fold(b.data[i])) {
            return false;
        }
    }
    return true;
}

bool text_starts_with(struct text text, struct text prefix)
{
    return text.length >= prefix.length && text_equal(text_until(text, prefix.length), prefix);
}

bool text_ends_with(struct text text, struct text suffix)
{
    return text.length >= suffix.length &&
           text_equal(text_from(text, text.length - suffix.length), suffix);
}

struct text text_from(struct text text, size_t start)
{
    if (text.data == NULL) {
        return text;
    }
    if (start > text.length) {
        start = text.length;
    }
    return (struct text){ text.data + start, text.length - start };
}

struct text text_until(struct text text, size_t end)
{
    return (struct text){ text.data, end < text.length ? end : text.length };
}

size_t text_find(struct text text, char byte)
{
    const char *found = text.length > 0 ? memchr(text.data, byte, text.length) : NULL;
    return found != NULL ? (size_t)(found - text.data) : text.length;
}

struct text text_cut(struct text *rest, char separator)
{
    size_t end = text_find(*rest, separator);
    struct text part = text_until(*rest, end);
    *rest = text_from(*rest, end < rest->length ? end + 1 : end);
    return part;
}

struct text text_trim(struct text text)
{
    while (text.length > 0 && (text.data[0] == ' ' || text.data[0] == '\t')) {
        text = text_from(text, 1);
    }
    while (text.length > 0 &&
           (text.data[text.length - 1] == ' ' || text.data[text.length - 1] == '\t')) {
        text.length--;
    }
    return text;
}

bool text_to_integer(struct text text, int64_t minimum, int64_t maximum, int64_t *ret_value)
{
    bool negative = text.length > 0 && text.data[0] == '-';
    struct text digits = text_from(text, negative ? 1 : 0);
    int64_t value = 0;
    if (digits.length == 0) {
        return false;
    }
    for (size_t i = 0; i < digits.length; i++) {
        int64_t digit = digits.data[i] - '0';
        if (digit < 0 || digit > 9 || __builtin_mul_overflow(value, 10, &value) ||
            __builtin_sub_overflow(value, digit, &value)) {
            return false;
        }
    }
    /* Gathered below zero, since INT64_MIN has no positive twin. */
    if (!negative && __builtin_mul_overflow(value, -1, &value)) {
        return false;
    }
    if (value < minimum || value > maximum) {
        return false;
    }
    *ret_value = value;
    return true;
}

/* The bytes of the code point at the start of `text`, or 0 where it is not well formed. */
static size_t code_point_length(struct text text)
{
    const unsigned char *byte = (const unsigned char *)text.data;
    unsigned char second_minimum = 0x80;
    unsigned char second_maximum = 0xbf;
    size_t length;
    if (byte[0] < 0x80) {
        return 1;
    }
    if (byte[0] >= 0xc2 && byte[0] <= 0xdf) {
        length = 2;
    } else if (byte[0] >= 0xe0 && byte[0] <= 0xef) {
        length = 3;
        second_minimum = byte[0] == 0xe0 ? 0xa0 : 0x80;
        second_maximum = byte[0] == 0xed ? 0x9f : 0xbf;
    } else if (byte[0] >= 0xf0 && byte[0] <= 0xf4) {
        length = 4;
        second_minimum = byte[0] == 0xf0 ? 0x90 : 0x80;
        second_maximum = byte[0] == 0xf4 ? 0x8f : 0xbf;
    } else {
        return 0;
    }
    if (text.length < length || byte[1] < second_minimum || byte[1] > second_maximum) {
        return 0;
    }
    for (size_t i = 2; i < length; i++) {
        if (byte[i] < 0x80 || byte[i] > 0xbf) {
            return 0;
        }
    }
    return length;
}

bool text_is_utf8(struct text text)
{
    while (text.length > 0) {
        size_t length = code_point_length(text);
        if (length == 0) {
            return false;
        }
        text = text_from(text, length);
    }
    return true;
}

size_t text_characters(struct text text)
{
    size_t count = 0;
    for (size_t i = 0; i < text.length; i++) {
        count += ((unsigned char)text.data[i] & 0xc0) != 0x80;
    }
    return count;
}

bool text_is_visible(struct text text)
{
    /* Without a branch for each: it is looked at in every check. */
    unsigned invisible = 0;
    for (size_t i = 0; i < text.length; i++) {
        invisible |= (unsigned char)(text.data[i] - 0x21) > 0x7e - 0x21;
    }
    return invisible == 0;
}

bool text_has_control(struct text text)
{
    for (size_t i = 0; i < text.length; i++) {
        unsigned char byte = (unsigned char)text.data[i];
        if (byte < 0x20 || byte == 0x7f) {
            return true;
        }
    }
    return false;
}
