#ifndef ORGKEYS_BASE_PROBLEM_H
#define ORGKEYS_BASE_PROBLEM_H

#include "base/buffer.h"
#include "base/result.h"
#include "base/text.h"

/*
 * What fills the placeholders of an error's message. Longer texts are cut. Nothing that a client
 * sent is put here but numbers, and names that are spelled like names: a key could be anywhere
 * else.
 */
struct problem {
    char param[96]; /* the field or query parameter; empty is JSON null */
    char expected[256];
    char value[64];
    int64_t retry_after; /* seconds; 0: as the error says */
};

/* Fills a problem and returns the error. `value` may be TEXT_NONE, `expected` a format or NULL. */
struct result problem_refuse(struct problem *problem, enum error error, struct text param,
                             struct text value, const char *expected, ...)
    __attribute__((format(printf, 5, 6)));

/* The same for a number. */
struct result problem_refuse_number(struct problem *problem, enum error error, struct text param,
                                    int64_t value, int64_t expected);

/* Appends the error's message with its placeholders filled in. */
void problem_write_message(const struct problem *problem, enum error error, struct buffer *buffer);

#endif
