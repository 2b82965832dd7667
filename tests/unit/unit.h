#ifndef ORGKEYS_TESTS_UNIT_H
#define ORGKEYS_TESTS_UNIT_H

/* What cmocka.h needs before it, in its order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/result.h"
#include "base/text.h"

#define assert_ok(expression) assert_false(result_failed(expression))
#define assert_fails(expression) assert_true(result_failed(expression))

/* A macro, so that a failure names the test's own line. */
#define assert_text_equal(actual, expected)                                              \
    do {                                                                                 \
        struct text actual_text = (actual);                                              \
        struct text expected_text = text_of(expected);                                   \
        assert_non_null(actual_text.data);                                               \
        assert_int_equal(actual_text.length, expected_text.length);                      \
        assert_memory_equal(actual_text.data, expected_text.data, expected_text.length); \
    } while (0)

#define ITEMS(array) (sizeof(array) / sizeof(array)[0])

#endif
