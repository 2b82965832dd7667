#include "../unit/unit.h"

#include <stdio.h>

#include "client/error.h"
#include "client/retry.h"

static const int64_t now = 1795327431; /* Sun, 22 Nov 2026 06:03:51 GMT */

static int64_t delay(const char *after_ms, const char *after)
{
    struct retry_hints hints = { TEXT_NONE, text_of(after_ms), text_of(after) };
    return retry_delay_ms(&hints, 1, now, 0);
}

static void test_a_server_says_how_long(void **state)
{
    (void)state;
    assert_int_equal(delay("250", NULL), 250);
    assert_int_equal(delay("250.75", "9"), 250);
    assert_int_equal(delay(NULL, "2"), 2000);
    assert_int_equal(delay(NULL, "1.5"), 1500);
    assert_int_equal(delay(NULL, "0.0015"), 1);
    assert_int_equal(delay("soon", "3"), 3000);
    assert_int_equal(delay(NULL, "Sun, 22 Nov 2026 06:04:01 GMT"), 10000);
    assert_int_equal(delay("120000", NULL), 120000);
}

static void test_more_than_two_minutes_is_no(void **state)
{
    (void)state;
    assert_int_equal(delay("120001", NULL), -1);
    assert_int_equal(delay(NULL, "120.001"), -1);
    assert_int_equal(delay(NULL, "99999999999999999999999"), -1);
    assert_int_equal(delay(NULL, "Sun, 22 Nov 2026 07:03:51 GMT"), -1);
}

static void test_nonsense_counts_as_nothing(void **state)
{
    static const char *const nonsense[] = {
        "", "-1", "1e9", " 1", ".5", "0", "0x1", "nan", "1,5", "Sun, 22 Nov 2020 06:03:51 GMT",
    };
    (void)state;
    for (size_t i = 0; i < ITEMS(nonsense); i++) {
        assert_int_equal(delay(NULL, nonsense[i]), 500);
    }
}

static void test_the_own_delay_doubles_up_to_eight_seconds(void **state)
{
    static const int64_t delays[] = { 500, 1000, 2000, 4000, 8000, 8000, 8000, 8000, 8000, 8000 };
    struct retry_hints none = { TEXT_NONE, TEXT_NONE, TEXT_NONE };
    (void)state;
    for (size_t i = 0; i < ITEMS(delays); i++) {
        assert_int_equal(retry_delay_ms(&none, (int)i + 1, now, 0), delays[i]);
        for (uint64_t noise = 0; noise < 20000; noise += 7) {
            int64_t jittered = retry_delay_ms(&none, (int)i + 1, now, noise);
            assert_true(jittered <= delays[i] && jittered >= delays[i] - delays[i] / 4);
        }
    }
    assert_int_not_equal(retry_delay_ms(&none, 1, now, 1), retry_delay_ms(&none, 1, now, 2));
}

static void test_texts_of_a_server_are_kept_clean_and_whole(void **state)
{
    const struct secrets none = { TEXT_NONE, TEXT_NONE };
    const struct secrets both = { TEXT("key"), TEXT("token") };
    static const char *const harmful[] = {
        "\x01",   "\x1b",   "\x7f",   "\xc2\x80", "\xc2\x9b", "\xc2\x9f", "\xd8\x9c",
        "\u200e", "\u200f", "\u2028", "\u202a",   "\u202e",   "\u2066",   "\u2069",
    };
    char kept[8];
    (void)state;
    for (size_t i = 0; i < ITEMS(harmful); i++) {
        char said[8];
        (void)snprintf(said, sizeof said, "a%sb", harmful[i]);
        error_keep(kept, sizeof kept, text_of(said), &none);
        assert_string_equal(kept, "a b");
    }
    error_keep(kept, sizeof kept, TEXT("\u00a0\u2010\u2070"), &none);
    assert_string_equal(kept, "\u00a0\u2010");
    error_keep(kept, sizeof kept, TEXT("a\x1b[1m\n"), &none);
    assert_string_equal(kept, "a [1m ");
    error_keep(kept, sizeof kept, TEXT("123456\xc3\xbc"), &none);
    assert_string_equal(kept, "123456");
    error_keep(kept, sizeof kept, TEXT("\xff"), &none);
    assert_string_equal(kept, "");
    error_keep(kept, sizeof kept, TEXT_NONE, &both);
    assert_string_equal(kept, "");
    error_keep(kept, sizeof kept, TEXT("a key"), &both);
    assert_string_equal(kept, "(not sh");
    error_keep(kept, sizeof kept, TEXT("a token"), &both);
    assert_string_equal(kept, "(not sh");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_server_says_how_long),
        cmocka_unit_test(test_more_than_two_minutes_is_no),
        cmocka_unit_test(test_nonsense_counts_as_nothing),
        cmocka_unit_test(test_the_own_delay_doubles_up_to_eight_seconds),
        cmocka_unit_test(test_texts_of_a_server_are_kept_clean_and_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
