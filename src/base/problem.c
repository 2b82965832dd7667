#include "base/problem.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

static void keep(char *kept, size_t size, struct text text)
{
    (void)snprintf(kept, size, "%.*s", TEXT_ARGUMENTS(text));
}

struct result problem_refuse(struct problem *problem, enum error error, struct text param,
                             struct text value, const char *expected, ...)
{
    *problem = (struct problem){ .param = "" };
    keep(problem->param, sizeof problem->param, param);
    keep(problem->value, sizeof problem->value, value);
    if (expected != NULL) {
        va_list arguments;
        va_start(arguments, expected);
        (void)vsnprintf(problem->expected, sizeof problem->expected, expected, arguments);
        va_end(arguments);
    }
    return refuse(error);
}

struct result problem_refuse_number(struct problem *problem, enum error error, struct text param,
                                    int64_t value, int64_t expected)
{
    char number[24];
    (void)snprintf(number, sizeof number, "%" PRId64, value);
    return problem_refuse(problem, error, param, text_of(number), "%" PRId64, expected);
}

void problem_write_message(const struct problem *problem, enum error error, struct buffer *buffer)
{
    struct text rest = text_of(error_describe(error)->message);
    while (rest.length > 0) {
        buffer_append(buffer, text_cut(&rest, '{'));
        if (rest.length == 0) {
            return;
        }
        struct text placeholder = text_cut(&rest, '}');
        if (text_equal(placeholder, TEXT("param"))) {
            buffer_append(buffer, text_of(problem->param));
        } else if (text_equal(placeholder, TEXT("expected"))) {
            buffer_append(buffer, text_of(problem->expected));
        } else {
            ASSERT(text_equal(placeholder, TEXT("value")));
            buffer_append(buffer, text_of(problem->value));
        }
    }
}
