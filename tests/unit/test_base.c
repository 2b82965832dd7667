#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/secret.h"

static void text_compares_bytes_and_ascii_letters(void **state)
{
    (void)state;
    assert_true(text_equal(TEXT("key"), TEXT("key")));
    assert_false(text_equal(TEXT("key"), TEXT("keys")));
    assert_false(text_equal(TEXT("key"), TEXT("kez")));
    assert_true(text_equal(TEXT_NONE, TEXT("")));
    assert_true(text_equal_ignoring_case(TEXT("Content-TYPE"), TEXT("content-type")));
    /* '[' and '{' differ from each other as 'A' and 'a' do. */
    assert_false(text_equal_ignoring_case(TEXT("["), TEXT("{")));
    assert_false(text_equal_ignoring_case(TEXT("\xc3\x84"), TEXT("\xc3\xa4")));
}

static void text_is_cut_into_parts(void **state)
{
    struct text rest = TEXT("a,,b");
    (void)state;
    assert_text_equal(text_cut(&rest, ','), "a");
    assert_text_equal(text_cut(&rest, ','), "");
    assert_text_equal(text_cut(&rest, ','), "b");
    assert_int_equal(rest.length, 0);
    assert_text_equal(text_cut(&rest, ','), "");
    assert_text_equal(text_trim(TEXT(" \t a b \t")), "a b");
    assert_text_equal(text_trim(TEXT(" \t ")), "");
    assert_text_equal(text_from(TEXT("abc"), 7), "");
    assert_text_equal(text_until(TEXT("abc"), 7), "abc");
    assert_null(text_from(TEXT_NONE, 1).data);
    assert_int_equal(text_find(TEXT("abc"), 'c'), 2);
    assert_int_equal(text_find(TEXT("abc"), 'd'), 3);
    assert_true(text_starts_with(TEXT("abc"), TEXT("")));
    assert_false(text_starts_with(TEXT("ab"), TEXT("abc")));
    assert_true(text_ends_with(TEXT("abc"), TEXT("bc")));
    assert_false(text_ends_with(TEXT("c"), TEXT("bc")));
}

static void integers_are_read_in_full_or_not_at_all(void **state)
{
    static const struct {
        const char *text;
        int64_t minimum;
        int64_t maximum;
        int64_t value;
        bool good;
    } cases[] = {
        { "0", 0, 10, 0, true },
        { "-0", 0, 10, 0, true },
        { "007", 0, 10, 7, true },
        { "9223372036854775807", INT64_MIN, INT64_MAX, INT64_MAX, true },
        { "-9223372036854775808", INT64_MIN, INT64_MAX, INT64_MIN, true },
        { "9223372036854775808", INT64_MIN, INT64_MAX, 0, false },
        { "-9223372036854775809", INT64_MIN, INT64_MAX, 0, false },
        { "99999999999999999999999", INT64_MIN, INT64_MAX, 0, false },
        { "11", 0, 10, 0, false },
        { "-1", 0, 10, 0, false },
        { "", 0, 10, 0, false },
        { "-", 0, 10, 0, false },
        { "+1", 0, 10, 0, false },
        { " 1", 0, 10, 0, false },
        { "1 ", 0, 10, 0, false },
        { "0x1", 0, 10, 0, false },
        { "1e0", 0, 10, 0, false },
    };
    (void)state;
    for (size_t i = 0; i < ITEMS(cases); i++) {
        int64_t value = 4711;
        bool good =
            text_to_integer(text_of(cases[i].text), cases[i].minimum, cases[i].maximum, &value);
        assert_int_equal(good, cases[i].good);
        assert_true(value == (cases[i].good ? cases[i].value : 4711));
    }
}

static void only_shortest_utf8_is_well_formed(void **state)
{
    static const char *const good[] = { "",
                                        "a",
                                        "\xc3\xa9",
                                        "\xe2\x82\xac",
                                        "\xf0\x9f\x94\x91",
                                        "\xed\x9f\xbf",
                                        "\xee\x80\x80",
                                        "\xf4\x8f\xbf\xbf" };
    static const char *const bad[] = {
        "\x80",             /* a continuation alone */
        "\xc3",             /* an end too early */
        "\xe2\x82",         /* the same */
        "\xc0\xaf",         /* '/' in two bytes */
        "\xe0\x80\xaf",     /* in three */
        "\xf0\x80\x80\xaf", /* in four */
        "\xed\xa0\x80",     /* a surrogate */
        "\xf4\x90\x80\x80", /* beyond U+10FFFF */
        "\xf8\x88\x80\x80\x80",
        "\xff",
        "\xe2\x28\xa1",
    };
    (void)state;
    for (size_t i = 0; i < ITEMS(good); i++) {
        assert_true(text_is_utf8(text_of(good[i])));
    }
    for (size_t i = 0; i < ITEMS(bad); i++) {
        assert_false(text_is_utf8(text_of(bad[i])));
    }
    assert_int_equal(text_characters(TEXT("a\xc3\xa9\xf0\x9f\x94\x91")), 3);
}

static void a_buffer_grows_to_its_maximum_and_no_further(void **state)
{
    enum { MAXIMUM = 1000 };
    struct buffer buffer;
    (void)state;
    buffer_init(&buffer, MAXIMUM);
    for (size_t i = 0; i < MAXIMUM; i++) {
        buffer_append_byte(&buffer, 'x');
    }
    assert_false(buffer.failed);
    assert_int_equal(buffer.length, MAXIMUM);
    buffer_append_byte(&buffer, 'y');
    assert_true(buffer.failed);
    assert_int_equal(buffer.length, MAXIMUM);
    /* Room that comes back does not hide that something is missing. */
    buffer_consume(&buffer, 10);
    buffer_append_byte(&buffer, 'y');
    assert_true(buffer.failed);
    buffer_clear(&buffer);
    buffer_append(&buffer, TEXT("again"));
    assert_false(buffer.failed);
    assert_text_equal(buffer_text(&buffer), "again");
    buffer_free(&buffer);
    assert_text_equal(buffer_text(&buffer), "");
}

static void a_buffer_takes_numbers_and_formats(void **state)
{
    struct buffer buffer;
    (void)state;
    buffer_init(&buffer, 100);
    buffer_append_integer(&buffer, INT64_MIN);
    buffer_append_byte(&buffer, ' ');
    buffer_append_integer(&buffer, 0);
    buffer_append_byte(&buffer, ' ');
    buffer_append_integer(&buffer, INT64_MAX);
    buffer_append_format(&buffer, " %s=%d", "n", 5);
    assert_text_equal(buffer_text(&buffer), "-9223372036854775808 0 9223372036854775807 n=5");
    buffer_append_format(&buffer, "%200d", 5);
    assert_true(buffer.failed);
    buffer_free(&buffer);
}

static void a_buffer_wipes_what_it_forgets(void **state)
{
    struct buffer buffer;
    (void)state;
    buffer_init(&buffer, 100);
    buffer_append(&buffer, TEXT("secret and more"));
    buffer_consume(&buffer, 11);
    assert_text_equal(buffer_text(&buffer), "more");
    for (size_t i = buffer.length; i < sizeof "secret and more" - 1; i++) {
        assert_int_equal(buffer.data[i], 0);
    }
    buffer_consume(&buffer, 100);
    assert_int_equal(buffer.length, 0);
    buffer_free(&buffer);
}

static void an_arena_gives_zeroed_aligned_memory_up_to_its_maximum(void **state)
{
    enum { MAXIMUM = 16384 };
    struct arena arena;
    (void)state;
    arena_init(&arena, MAXIMUM);
    for (size_t size = 1; size < 100; size++) {
        unsigned char *memory = arena_allocate(&arena, size);
        assert_non_null(memory);
        assert_int_equal((uintptr_t)memory % _Alignof(max_align_t), 0);
        for (size_t i = 0; i < size; i++) {
            assert_int_equal(memory[i], 0);
        }
        memset(memory, 0xff, size);
    }
    assert_null(arena_allocate(&arena, MAXIMUM));
    assert_null(arena_allocate(&arena, SIZE_MAX));
    assert_null(arena_allocate_array(&arena, SIZE_MAX / 2, 3));
    while (arena_allocate(&arena, 512) != NULL) {
    }
    assert_true(arena.total <= MAXIMUM);
    arena_reset(&arena);
    assert_non_null(arena_allocate(&arena, MAXIMUM));
    arena_reset(&arena);
}

static void an_arena_copies_and_formats_texts(void **state)
{
    struct arena arena;
    (void)state;
    arena_init(&arena, 8192);
    struct text copy = arena_copy(&arena, TEXT("a\0b"));
    assert_int_equal(copy.length, 3);
    assert_memory_equal(copy.data, "a\0b", 4);
    assert_null(arena_copy(&arena, TEXT_NONE).data);
    assert_text_equal(arena_copy(&arena, TEXT("")), "");
    assert_text_equal(arena_format(&arena, "%s-%03d", "x", 7), "x-007");
    assert_null(arena_format(&arena, "%9000d", 7).data);
    arena_reset(&arena);
}

static void secrets_compare_and_are_wiped(void **state)
{
    char secret[] = "0123456789";
    (void)state;
    assert_true(secret_equal(secret, "0123456789", 10));
    assert_false(secret_equal(secret, "0123456780", 10));
    assert_false(secret_equal(secret, "1123456789", 10));
    assert_true(secret_equal(secret, "x", 0));
    secret_wipe(secret, sizeof secret);
    for (size_t i = 0; i < sizeof secret; i++) {
        assert_int_equal(secret[i], 0);
    }
    secret_wipe(NULL, 0);
}

static struct result fail_at_once(void)
{
    TRY(refuse(ERROR_LAST_OWNER));
    fail(); /* TRY returned */
    return RESULT_OK;
}

static void results_are_forwarded_and_the_first_fault_is_kept(void **state)
{
    (void)state;
    assert_int_equal(fail_at_once().error, ERROR_LAST_OWNER);
    assert_null(fault_take().data);
    assert_int_equal(fault(ERROR_INTERNAL, "first %d", 1).error, ERROR_INTERNAL);
    assert_int_equal(fault(ERROR_STORE_FULL, "second").error, ERROR_STORE_FULL);
    assert_true(text_ends_with(fault_take(), TEXT(": first 1")));
    assert_null(fault_take().data);
    assert_fails(fault(ERROR_INTERNAL, "a reason"));
    assert_true(text_equal(fault_take_reason(), TEXT("a reason")));
    assert_fails(fault(ERROR_STORE_UNAVAILABLE, "of the database, so without a place"));
    assert_true(text_equal(fault_take(), TEXT("of the database, so without a place")));
    assert_fails(fault(ERROR_INTERNAL, "%0*d", 2 * FAULT_TEXT_MAXIMUM, 0));
    assert_int_equal(fault_take().length, FAULT_TEXT_MAXIMUM - 1);
}

static void every_error_is_described(void **state)
{
    (void)state;
    for (enum error error = ERROR_NONE + 1; error < ERROR_COUNT; error++) {
        const struct error_description *description = error_describe(error);
        assert_true(description->status >= 400 && description->status < 600);
        assert_true(strlen(description->name) > 0 && strlen(description->message) > 0);
        /* "Later" is said by a status that means it. */
        assert_true(description->retry != ERROR_RETRY_LATER || description->status == 503);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_compares_bytes_and_ascii_letters),
        cmocka_unit_test(text_is_cut_into_parts),
        cmocka_unit_test(integers_are_read_in_full_or_not_at_all),
        cmocka_unit_test(only_shortest_utf8_is_well_formed),
        cmocka_unit_test(a_buffer_grows_to_its_maximum_and_no_further),
        cmocka_unit_test(a_buffer_takes_numbers_and_formats),
        cmocka_unit_test(a_buffer_wipes_what_it_forgets),
        cmocka_unit_test(an_arena_gives_zeroed_aligned_memory_up_to_its_maximum),
        cmocka_unit_test(an_arena_copies_and_formats_texts),
        cmocka_unit_test(secrets_compare_and_are_wiped),
        cmocka_unit_test(results_are_forwarded_and_the_first_fault_is_kept),
        cmocka_unit_test(every_error_is_described),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
