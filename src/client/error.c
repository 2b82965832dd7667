#include "client/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void error_clear(struct orgkeys_error *error)
{
    *error = (struct orgkeys_error){ .status = ORGKEYS_OK };
}

orgkeys_status error_set(struct orgkeys_error *error, orgkeys_status status, const char *format,
                         ...)
{
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(error->message, sizeof error->message, format, arguments);
    va_end(arguments);
    error->status = status;
    return status;
}

/* The longest start of a text that fits and ends with a whole character. */
static size_t fitting_length(struct text text, size_t maximum)
{
    if (text.length <= maximum) {
        return text.length;
    }
    size_t length = maximum;
    while (length > 0 && ((unsigned char)text.data[length] & 0xc0) == 0x80) {
        length--;
    }
    return length;
}

static bool repeats(struct text text, struct text secret)
{
    return !text_is_empty(text) && !text_is_empty(secret) &&
           memmem(text.data, text.length, secret.data, secret.length) != NULL;
}

/* How long the character at the beginning of a text is that a terminal would obey, or that turns
 * the direction of what is shown; 0: it is harmless. */
static size_t harmful_length(struct text text)
{
    static const struct {
        const char *lead; /* of the UTF-8, without the last byte */
        unsigned char first;
        unsigned char last;
    } ranges[] = {
        { "", 0x00, 0x1f },         /* C0 */
        { "", 0x7f, 0x7f },         /* DEL */
        { "\xc2", 0x80, 0x9f },     /* C1: U+0080 to U+009F */
        { "\xd8", 0x9c, 0x9c },     /* U+061C */
        { "\xe2\x80", 0x8e, 0x8f }, /* U+200E, U+200F */
        { "\xe2\x80", 0xa8, 0xae }, /* U+2028 to U+202E */
        { "\xe2\x81", 0xa6, 0xa9 }, /* U+2066 to U+2069 */
    };
    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++) {
        struct text lead = text_of(ranges[i].lead);
        if (text.length > lead.length && text_starts_with(text, lead)) {
            unsigned char byte = (unsigned char)text.data[lead.length];
            if (byte >= ranges[i].first && byte <= ranges[i].last) {
                return lead.length + 1;
            }
        }
    }
    return 0;
}

void error_keep(char *kept, size_t size, struct text text, const struct secrets *secrets)
{
    if (repeats(text, secrets->key) || repeats(text, secrets->in_body)) {
        text = TEXT("(not shown: it repeats a secret)");
    }
    struct text rest = text_until(text, text_is_utf8(text) ? fitting_length(text, size - 1) : 0);
    size_t length = 0;
    while (!text_is_empty(rest)) {
        size_t harmful = harmful_length(rest);
        kept[length++] = harmful > 0 ? ' ' : rest.data[0];
        rest = text_from(rest, harmful > 0 ? harmful : 1);
    }
    kept[length] = '\0';
}

static const char *or_null(const char *text)
{
    return text[0] != '\0' ? text : NULL;
}

orgkeys_status orgkeys_error_status(const orgkeys_error *error)
{
    return error->status;
}

int orgkeys_error_http_status(const orgkeys_error *error)
{
    return error->http_status;
}

int64_t orgkeys_error_retry_after_ms(const orgkeys_error *error)
{
    return error->retry_after_ms;
}

const char *orgkeys_error_type(const orgkeys_error *error)
{
    return or_null(error->type);
}

const char *orgkeys_error_code(const orgkeys_error *error)
{
    return or_null(error->code);
}

const char *orgkeys_error_param(const orgkeys_error *error)
{
    return or_null(error->param);
}

const char *orgkeys_error_message(const orgkeys_error *error)
{
    return error->message;
}

const char *orgkeys_error_request_id(const orgkeys_error *error)
{
    return or_null(error->request_id);
}
