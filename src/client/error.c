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

void error_keep(char *kept, size_t size, struct text text, struct text secret)
{
    if (!text_is_empty(text) && !text_is_empty(secret) &&
        memmem(text.data, text.length, secret.data, secret.length) != NULL) {
        text = TEXT("(not shown: it repeats the key)");
    }
    size_t length = text_is_utf8(text) ? fitting_length(text, size - 1) : 0;
    for (size_t i = 0; i < length; i++) {
        bool is_control = text_has_control((struct text){ text.data + i, 1 });
        kept[i] = is_control ? ' ' : text.data[i];
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
