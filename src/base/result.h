#ifndef ORGKEYS_BASE_RESULT_H
#define ORGKEYS_BASE_RESULT_H

#include <stdbool.h>

#include "base/text.h"

/* How a call ended: ERROR_NONE, or one of errors.def. */
enum error {
    ERROR_NONE,
#define ERROR(name, status, type, code, retry, message, meaning) ERROR_##name,
#include "base/errors.def"
#undef ERROR
    ERROR_COUNT
};

enum error_retry { ERROR_RETRY_NEVER, ERROR_RETRY_CALLER, ERROR_RETRY_LATER, ERROR_RETRY_FREE };

struct error_description {
    const char *name; /* as in errors.def */
    int status;       /* HTTP */
    const char *type;
    const char *code; /* NULL is JSON null */
    enum error_retry retry;
    const char *message; /* with {param}, {expected} and {value} */
    const char *meaning;
};

const struct error_description *error_describe(enum error error);

/*
 * What a function that can fail returns. It is a struct so that it cannot be taken for a number,
 * and a result that nobody looks at does not compile. Outputs come last in a parameter list, are
 * called ret_..., and are untouched on failure.
 *
 * Two kinds of failure, never mixed:
 *  - an expected outcome, made by refuse(): the caller's request cannot be met. Not logged.
 *  - a fault, made by fault(): something that should not happen did. The first one is kept for the
 *    thread, with its place in the code unless the store is at fault, and whoever answers the
 *    caller logs it once.
 */
struct [[nodiscard]] result {
    enum error error;
};

#define RESULT_OK ((struct result){ ERROR_NONE })

static inline bool result_failed(struct result result)
{
    return result.error != ERROR_NONE;
}

/* Returns from the calling function when `expression` failed. */
#define TRY(expression)                          \
    do {                                         \
        struct result try_result = (expression); \
        if (result_failed(try_result)) {         \
            return try_result;                   \
        }                                        \
    } while (0)

/* An expected failure without details; see domain/work.h for those that have some. */
static inline struct result refuse(enum error error)
{
    return (struct result){ error };
}

/*
 * A failure that should not happen. The text says what failed and never holds a secret; it is kept
 * (FAULT_TEXT_MAXIMUM bytes, the thread's first since fault_take) for the log.
 */
enum { FAULT_TEXT_MAXIMUM = 400 };
#define fault(error, ...) fault_at(__FILE__, __LINE__, (error), __VA_ARGS__)
struct result fault_at(const char *file, int line, enum error error, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* The kept text, or TEXT_NONE; valid until the thread's next fault. Taking it forgets it. */
struct text fault_take(void);
/* The same for people: without the place. */
struct text fault_take_reason(void);

/* Cannot-happen checks that stay on in a release: prints the place and aborts. */
#define ASSERT(condition) ((condition) ? (void)0 : assertion_failed(__FILE__, __LINE__, #condition))
_Noreturn void assertion_failed(const char *file, int line, const char *condition);

#endif
