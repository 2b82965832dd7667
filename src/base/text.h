#ifndef ORGKEYS_BASE_TEXT_H
#define ORGKEYS_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A view of bytes that somebody else owns. `data` is NULL for "no value" (JSON null, SQL NULL, an
 * absent field), and not NULL for an empty text. Never assume a NUL at the end.
 */
struct text {
    const char *data;
    size_t length;
};

#define TEXT(literal) ((struct text){ "" literal, sizeof(literal) - 1 })
#define TEXT_NONE ((struct text){ NULL, 0 })

/* For printf's "%.*s". */
#define TEXT_ARGUMENTS(text) (int)(text).length, (text).data != NULL ? (text).data : ""

/* A view of a C string; TEXT_NONE for NULL. */
struct text text_of(const char *string);

bool text_is_empty(struct text text);
bool text_equal(struct text a, struct text b);
/* Only ASCII letters are folded, so the answer does not depend on a locale. */
bool text_equal_ignoring_case(struct text a, struct text b);
/* Below, at or above 0 as `a` sorts before, with or behind `b`, by their bytes. */
int text_compare(struct text a, struct text b);
bool text_starts_with(struct text text, struct text prefix);
bool text_ends_with(struct text text, struct text suffix);
/* The part from `start` on; empty past the end. */
struct text text_from(struct text text, size_t start);
struct text text_until(struct text text, size_t end);
/* The index of the first `byte`, or text.length. */
size_t text_find(struct text text, char byte);
/* Cuts the part before the first `separator` off `rest` and returns it; the whole when none is
 * left. */
struct text text_cut(struct text *rest, char separator);
/* Without spaces and tabs at both ends. */
struct text text_trim(struct text text);

/* A decimal number in [minimum, maximum] and nothing else: no sign but '-', no spaces. */
bool text_to_integer(struct text text, int64_t minimum, int64_t maximum, int64_t *ret_value);

/* Well-formed UTF-8: shortest forms only, no surrogates (RFC 3629). */
bool text_is_utf8(struct text text);
/* The number of code points of a well-formed UTF-8 text. */
size_t text_characters(struct text text);
/* Visible ASCII only: 0x21 to 0x7e. */
bool text_is_visible(struct text text);
/* Whether it has an ASCII control character: below 0x20, or 0x7f. */
bool text_has_control(struct text text);

#endif
