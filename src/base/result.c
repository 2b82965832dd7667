#include "base/result.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static const struct error_description error_descriptions[ERROR_COUNT] = {
    [ERROR_NONE] = { "NONE", 200, "", NULL, ERROR_RETRY_FREE, "", "" },
#define ERROR(name, status, type, code, retry, message, meaning) \
    [ERROR_##name] = { #name, status, type, code, ERROR_RETRY_##retry, message, meaning },
#include "base/errors.def"
#undef ERROR
};

static _Thread_local char fault_text[FAULT_TEXT_MAXIMUM];
static _Thread_local bool fault_kept;
static _Thread_local size_t fault_place_length;

const struct error_description *error_describe(enum error error)
{
    ASSERT(error < ERROR_COUNT);
    return &error_descriptions[error];
}

/* What is wrong outside of the program is told to those who mend it there. */
static bool needs_place(enum error error)
{
    return error != ERROR_STORE_UNAVAILABLE && error != ERROR_STORE_FULL;
}

struct result fault_at(const char *file, int line, enum error error, const char *format, ...)
{
    if (!fault_kept) {
        va_list arguments;
        va_start(arguments, format);
        int length =
            needs_place(error) ? snprintf(fault_text, sizeof fault_text, "%s:%d: ", file, line) : 0;
        if (length >= 0 && (size_t)length < sizeof fault_text) {
            (void)vsnprintf(fault_text + length, sizeof fault_text - (size_t)length, format,
                            arguments);
        }
        va_end(arguments);
        fault_place_length = length > 0 ? (size_t)length : 0;
        fault_kept = true;
    }
    return (struct result){ error };
}

struct text fault_take(void)
{
    bool kept = fault_kept;
    fault_kept = false;
    return kept ? text_of(fault_text) : TEXT_NONE;
}

struct text fault_take_reason(void)
{
    return text_from(fault_take(), fault_place_length);
}

void assertion_failed(const char *file, int line, const char *condition)
{
    (void)fprintf(stderr, "orgkeys: %s:%d: assertion failed: %s\n", file, line, condition);
    abort();
}
