#include "unit.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "codec/base62.h"
#include "codec/digest.h"
#include "codec/id.h"
#include "codec/json.h"
#include "codec/json_writer.h"
#include "codec/key_text.h"
#include "codec/uri.h"

static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

static struct arena arena;

static int initialize(void **state)
{
    (void)state;
    arena_init(&arena, (size_t)1024 * 1024);
    json_initialize();
    return result_failed(digest_initialize()) ? -1 : 0;
}

static int forget(void **state)
{
    (void)state;
    arena_reset(&arena);
    return 0;
}

/* 0, 1, 2... */
static unsigned char *counting_bytes(unsigned char *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        bytes[i] = (unsigned char)i;
    }
    return bytes;
}

/* ---- Base62 ---- */

static void base62_writes_the_lowest_digits(void **state)
{
    static const struct {
        uint64_t number;
        size_t digits;
        const char *text;
    } cases[] = {
        { 0, 1, "0" },  { 0, 3, "000" }, { 9, 1, "9" },     { 10, 1, "A" },
        { 35, 1, "Z" }, { 36, 1, "a" },  { 61, 2, "0z" },   { 62, 2, "10" },
        { 62, 1, "0" }, { 5, 0, "" },    { 3843, 2, "zz" }, { UINT64_MAX, 11, "LygHa16AHYF" },
    };
    (void)state;
    for (size_t i = 0; i < ITEMS(cases); i++) {
        char written[] = "------------";
        unsigned char number[8];
        base62_from_integer(cases[i].number, written, cases[i].digits);
        assert_memory_equal(written, cases[i].text, cases[i].digits);
        assert_int_equal(written[cases[i].digits], '-');
        for (size_t byte = 0; byte < sizeof number; byte++) {
            number[byte] = (unsigned char)(cases[i].number >> (56 - 8 * byte));
        }
        base62_from_bytes(number, sizeof number, written, cases[i].digits);
        assert_memory_equal(written, cases[i].text, cases[i].digits);
        assert_int_equal(written[cases[i].digits], '-');
    }
}

static void base62_holds_256_bits_in_43_digits_and_uses_them_up(void **state)
{
    static const unsigned char zeros[KEY_TEXT_RANDOM_BYTES];
    unsigned char number[KEY_TEXT_RANDOM_BYTES];
    char written[KEY_TEXT_BODY_LENGTH];
    (void)state;
    memset(number, 0xff, sizeof number);
    base62_from_bytes(number, sizeof number, written, sizeof written);
    assert_memory_equal(written, "yhjskwdA6OZ1AL1YmHWZWm8LLG7HjnuCA2j5rOw8Xp1", sizeof written);
    assert_memory_equal(number, zeros, sizeof number);
}

static void base62_sorts_as_its_numbers(void **state)
{
    char before[4];
    (void)state;
    base62_from_integer(0, before, sizeof before);
    for (uint64_t number = 1; number < 300000; number += 7) {
        char after[4];
        base62_from_integer(number, after, sizeof after);
        assert_true(memcmp(before, after, sizeof after) < 0);
        memcpy(before, after, sizeof after);
    }
}

static void base62_is_letters_and_digits(void **state)
{
    (void)state;
    assert_true(base62_is_valid(text_of(digits)));
    assert_true(base62_is_valid(TEXT("")));
    for (int byte = 0; byte < 256; byte++) {
        char character = (char)byte;
        bool is_digit = byte != 0 && strchr(digits, byte) != NULL;
        assert_int_equal(base62_is_valid((struct text){ &character, 1 }), is_digit);
    }
}

/* ---- Ids ---- */

static struct text id_at(enum id_kind kind, int64_t microseconds, int fill)
{
    unsigned char random[ID_RANDOM_BYTES];
    memset(random, fill, sizeof random);
    return id_make(&arena, kind, microseconds, random);
}

static void ids_are_a_prefix_a_time_and_random_digits(void **state)
{
    static const char *const prefixes[ID_KIND_COUNT] = {
        [ID_ORGANIZATION] = "org_", [ID_PROJECT] = "proj_",
        [ID_USER] = "user_",        [ID_SERVICE_ACCOUNT] = "svc_acct_",
        [ID_KEY] = "key_",          [ID_INVITE] = "invite_",
        [ID_SESSION] = "sess_",     [ID_AUDIT_LOG] = "audit_log_",
        [ID_REQUEST] = "req_",
    };
    (void)state;
    for (enum id_kind kind = 0; kind < ID_KIND_COUNT; kind++) {
        unsigned char random[ID_RANDOM_BYTES];
        char expected[64];
        struct text id =
            id_make(&arena, kind, 1700000000000000, counting_bytes(random, sizeof random));
        (void)snprintf(expected, sizeof expected, "%s%s", prefixes[kind],
                       "07mjS6b2rg01TSm0PiyImxIY");
        assert_text_equal(id_prefix(kind), prefixes[kind]);
        assert_text_equal(id, expected);
        assert_true(id.length < ID_LENGTH_MAXIMUM);
        assert_int_equal(id.data[id.length], 0);
        for (enum id_kind other = 0; other < ID_KIND_COUNT; other++) {
            assert_int_equal(id_is_valid(other, id), other == kind);
        }
    }
}

static void ids_sort_by_their_times(void **state)
{
    static const int64_t times[] = { 0,
                                     1,
                                     61,
                                     62,
                                     1000000,
                                     1700000000000000,
                                     1700000000000001,
                                     4102444800000000,
                                     253402300799000000 };
    (void)state;
    for (size_t i = 1; i < ITEMS(times); i++) {
        struct text earlier = id_at(ID_KEY, times[i - 1], 0xff);
        struct text later = id_at(ID_KEY, times[i], 0);
        struct text bound = id_lower_bound(&arena, ID_KEY, times[i]);
        assert_true(text_compare(earlier, later) < 0);
        assert_true(text_compare(earlier, bound) < 0);
        assert_true(text_compare(bound, later) < 0);
        assert_false(id_is_valid(ID_KEY, bound));
    }
    assert_text_equal(id_lower_bound(&arena, ID_PROJECT, -5), "proj_0000000000");
}

static void an_id_differs_from_what_looks_like_one(void **state)
{
    static const struct {
        const char *text;
        bool good;
    } cases[] = {
        { "proj_0123456789ABCDEFGHIJKLMN", true },
        { "proj_zzzzzzzzzzzzzzzzzzzzzzzz", true },
        { "proj_0123456789ABCDEFGHIJKLM", false },
        { "proj_0123456789ABCDEFGHIJKLMNO", false },
        { "PROJ_0123456789ABCDEFGHIJKLMN", false },
        { "proj-0123456789ABCDEFGHIJKLMN", false },
        { "proj_0123456789ABCDEFGHIJKLM_", false },
        { "proj_0123456789ABCDEFGHIJKLM%", false },
        { "user_0123456789ABCDEFGHIJKLMN", false },
        { "proj_", false },
        { "", false },
    };
    (void)state;
    for (size_t i = 0; i < ITEMS(cases); i++) {
        assert_int_equal(id_is_valid(ID_PROJECT, text_of(cases[i].text)), cases[i].good);
    }
    assert_false(id_is_valid(ID_PROJECT, TEXT_NONE));
    assert_false(id_is_valid(ID_PROJECT, TEXT("proj_0123456789ABCDEFGHIJKLM\0")));
}

static void an_id_needs_memory(void **state)
{
    unsigned char random[ID_RANDOM_BYTES] = { 0 };
    struct arena none;
    (void)state;
    arena_init(&none, 0);
    assert_null(id_make(&none, ID_KEY, 1, random).data);
    assert_null(id_lower_bound(&none, ID_KEY, 1).data);
}

/* ---- Key texts ---- */

static const struct {
    const char *prefix;
    const char *shown;
    /* Of the bytes 0 to 31, made by other means. */
    const char *key;
} kinds[KEY_TEXT_KIND_COUNT] = {
    [KEY_TEXT_ADMIN] = { "sk-admin-", "sk-admin...",
                         "sk-admin-003aUlTJC7tjlCTQj2uNU3MFagCXG9LRKRcwGkBIDlf0Q2Ral" },
    [KEY_TEXT_USER] = { "sk-proj-", "sk-proj...",
                        "sk-proj-003aUlTJC7tjlCTQj2uNU3MFagCXG9LRKRcwGkBIDlf1AdqD4" },
    [KEY_TEXT_SERVICE_ACCOUNT] = { "sk-svcacct-", "sk-svcacct...",
                                   "sk-svcacct-003aUlTJC7tjlCTQj2uNU3MFagCXG9LRKRcwGkBIDlf2gjT0M" },
    [KEY_TEXT_INVITE] = { "invite-", "invite...",
                          "invite-003aUlTJC7tjlCTQj2uNU3MFagCXG9LRKRcwGkBIDlf01F88H" },
    [KEY_TEXT_SESSION] = { "session-", "session...",
                           "session-003aUlTJC7tjlCTQj2uNU3MFagCXG9LRKRcwGkBIDlf0ByIiJ" },
    [KEY_TEXT_PASSWORD] = { "password-link-", "password-link...",
                            "password-link-003aUlTJC7tjlCTQj2uNU3MFagCXG9LRKRcwGkBIDlf4VefDv" },
};

static struct text make_key(enum key_text_kind kind)
{
    unsigned char random[KEY_TEXT_RANDOM_BYTES];
    return key_text_make(&arena, kind, counting_bytes(random, sizeof random));
}

static void keys_have_the_form_that_was_promised(void **state)
{
    (void)state;
    for (enum key_text_kind kind = 0; kind < KEY_TEXT_KIND_COUNT; kind++) {
        struct text key = make_key(kind);
        assert_text_equal(key, kinds[kind].key);
        assert_true(key_text_is_plausible(key));
        for (enum key_text_kind other = 0; other < KEY_TEXT_KIND_COUNT; other++) {
            assert_int_equal(key_text_is_kind(other, key), other == kind);
        }
    }
}

/* A brought-in key may begin in any way: only behind our prefix does a change make it implausible.
 */
static void every_change_of_one_character_is_noticed(void **state)
{
    (void)state;
    for (enum key_text_kind kind = 0; kind < KEY_TEXT_KIND_COUNT; kind++) {
        char changed[128];
        struct text key = make_key(kind);
        struct text text = { changed, key.length };
        memcpy(changed, key.data, key.length);
        for (size_t place = 0; place < key.length; place++) {
            for (char byte = '!'; byte <= '~'; byte++) {
                bool same = byte == key.data[place];
                changed[place] = byte;
                assert_int_equal(key_text_is_kind(kind, text), same);
                assert_int_equal(key_text_is_plausible(text),
                                 same || place < strlen(kinds[kind].prefix));
            }
            changed[place] = key.data[place];
        }
    }
}

static void neighbours_that_changed_places_are_noticed(void **state)
{
    struct text key = make_key(KEY_TEXT_ADMIN);
    (void)state;
    for (size_t place = strlen("sk-admin-"); place + 1 < key.length; place++) {
        char changed[128];
        memcpy(changed, key.data, key.length);
        changed[place] = key.data[place + 1];
        changed[place + 1] = key.data[place];
        assert_int_equal(key_text_is_plausible((struct text){ changed, key.length }),
                         key.data[place] == key.data[place + 1]);
    }
}

static void a_key_that_is_brought_in_is_16_to_256_visible_characters(void **state)
{
    char text[KEY_TEXT_LENGTH_MAXIMUM + 1];
    (void)state;
    memset(text, 'x', sizeof text);
    for (size_t length = 0; length <= sizeof text; length++) {
        assert_int_equal(key_text_is_plausible((struct text){ text, length }),
                         length >= 16 && length <= 256);
    }
    for (int byte = 0; byte < 256; byte++) {
        text[20] = (char)byte;
        assert_int_equal(key_text_is_plausible((struct text){ text, 40 }),
                         byte > ' ' && byte < 0x7f);
    }
    assert_false(key_text_is_plausible(TEXT_NONE));
}

static void our_prefix_with_another_length_is_no_key_of_ours(void **state)
{
    struct text key = make_key(KEY_TEXT_USER);
    struct text shorter = text_until(key, key.length - 1);
    struct text longer = arena_format(&arena, "%.*s0", TEXT_ARGUMENTS(key));
    (void)state;
    assert_true(key_text_is_plausible(shorter));
    assert_true(key_text_is_plausible(longer));
    assert_false(key_text_is_kind(KEY_TEXT_USER, shorter));
    assert_false(key_text_is_kind(KEY_TEXT_USER, longer));
}

static void a_redacted_key_shows_its_prefix_and_three_characters(void **state)
{
    static const struct {
        const char *key;
        const char *redacted;
    } cases[] = {
        { "sk-0123456789abcdef", "sk-...def" }, { "sk-proj-0123456789abcdef", "sk-...def" },
        { "sk-admin-0123456789", "sk-...789" }, { "SK-0123456789abcdef", "...def" },
        { "company-key-0123456", "...456" },    { "invite-0123456789", "...789" },
    };
    (void)state;
    for (enum key_text_kind kind = 0; kind < KEY_TEXT_KIND_COUNT; kind++) {
        char expected[32];
        struct text key = make_key(kind);
        (void)snprintf(expected, sizeof expected, "%s%s", kinds[kind].shown,
                       key.data + key.length - 3);
        assert_text_equal(key_text_redact(&arena, key), expected);
    }
    for (size_t i = 0; i < ITEMS(cases); i++) {
        assert_text_equal(key_text_redact(&arena, text_of(cases[i].key)), cases[i].redacted);
    }
}

/* ---- Reading JSON ---- */

/* Stands in the bad documents below, and must never come back. */
#define SECRET "Zq7SecretZq7"

static void json_that_is_not_strict_is_refused_without_being_repeated(void **state)
{
    static const struct {
        struct text json;
        const char *problem;
    } cases[] = {
        { TEXT(""), "it ends too early" },
        { TEXT("  "), "it ends too early" },
        { TEXT("{\"" SECRET "\":"), "it ends too early" },
        { TEXT("[\"" SECRET), "it ends too early" },
        { TEXT("{} \"" SECRET "\""), "there is more after its end" },
        { TEXT("{}{}"), "there is more after its end" },
        { TEXT("{}\0"), "there is more after its end" },
        { TEXT("{\"" SECRET "\":1,\"" SECRET "\":1}"), "a name appears twice in an object" },
        { TEXT("[{\"a\":{\"" SECRET "\":1,\"b\":2,\"" SECRET "\":3}}]"),
          "a name appears twice in an object" },
        { TEXT("{\"\\u0061\":1,\"a\":2}"), "a name appears twice in an object" },
        { TEXT("[\"" SECRET "\\u0000\"]"), "a string holds a NUL character" },
        { TEXT("{\"" SECRET "\\u0000\":1}"), "a string holds a NUL character" },
        { TEXT("[\"" SECRET "\0\"]"), "it is not JSON" },
        { TEXT("[\"" SECRET "\n\"]"), "it is not JSON" },
        { TEXT("[\"" SECRET "\x1f\"]"), "it is not JSON" },
        { TEXT("[9223372036854775808]"), "a number is too large" },
        { TEXT("[-9223372036854775809]"), "a number is too large" },
        { TEXT("[1e999]"), "a number is too large" },
        { TEXT("[01]"), "it is not JSON" },
        { TEXT("[+1]"), "it is not JSON" },
        { TEXT("[.5]"), "it is not JSON" },
        { TEXT("[5.]"), "it is not JSON" },
        { TEXT("[0x10]"), "it is not JSON" },
        { TEXT("[1e]"), "it is not JSON" },
        { TEXT("[NaN]"), "it is not JSON" },
        { TEXT("[Infinity]"), "it is not JSON" },
        { TEXT("[\"" SECRET "\",]"), "it is not JSON" },
        { TEXT("{\"" SECRET "\":1,}"), "it is not JSON" },
        { TEXT("{" SECRET ":1}"), "it is not JSON" },
        { TEXT("{'" SECRET "':1}"), "it is not JSON" },
        { TEXT("[" SECRET "]"), "it is not JSON" },
        { TEXT("[True]"), "it is not JSON" },
        { TEXT("[1 /* " SECRET " */]"), "it is not JSON" },
        { TEXT("[1] // " SECRET), "there is more after its end" },
        { TEXT("[\"" SECRET "\\x41\"]"), "it is not JSON" },
        { TEXT("[\"" SECRET "\\u12g4\"]"), "it is not JSON" },
        { TEXT("[\"" SECRET "\\ud83d\"]"), "it is not JSON" },
        { TEXT("[\"" SECRET "\\ude00\"]"), "it is not JSON" },
        { TEXT("[\"" SECRET "\\ud83d\\u0041\"]"), "it is not JSON" },
        { TEXT("[\"" SECRET "\\ude00\\ud83d\"]"), "it is not JSON" },
        { TEXT("\xef\xbb\xbf{\"" SECRET "\":1}"), "it is not JSON" },
        { TEXT("[\"" SECRET "\xff\"]"), "it is not UTF-8" },
        { TEXT("[\"" SECRET "\xc0\xaf\"]"), "it is not UTF-8" },
        { TEXT("[\"" SECRET "\xed\xa0\x80\"]"), "it is not UTF-8" },
        { TEXT("[\"" SECRET "\xf4\x90\x80\x80\"]"), "it is not UTF-8" },
        { TEXT("{\"" SECRET "\xe2\x82\":1}"), "it is not UTF-8" },
        { TEXT("{\"a\":1}\xff" SECRET), "it is not UTF-8" },
    };
    (void)state;
    for (size_t i = 0; i < ITEMS(cases); i++) {
        struct json_value *document = NULL;
        char problem[JSON_PROBLEM_MAXIMUM] = "";
        struct result result = json_parse(cases[i].json, &document, problem);
        if (result.error != ERROR_MALFORMED_JSON || document != NULL ||
            strncmp(problem, cases[i].problem, strlen(cases[i].problem)) != 0 ||
            strstr(problem, " (line 1, column ") == NULL) {
            fail_msg("%.*s: %d %s", TEXT_ARGUMENTS(cases[i].json), result.error, problem);
        }
        assert_null(strstr(problem, "Zq7"));
    }
}

static struct json_value *parse(struct text json)
{
    struct json_value *document = NULL;
    char problem[JSON_PROBLEM_MAXIMUM] = "";
    if (result_failed(json_parse(json, &document, problem))) {
        fail_msg("%.*s: %s", TEXT_ARGUMENTS(json), problem);
    }
    return document;
}

static void json_values_have_their_types_and_values(void **state)
{
    static const struct {
        struct text json;
        enum json_type type;
        const char *type_name;
    } cases[] = {
        { TEXT("null"), JSON_TYPE_NULL, "null" },
        { TEXT("true"), JSON_TYPE_BOOLEAN, "a boolean" },
        { TEXT("false"), JSON_TYPE_BOOLEAN, "a boolean" },
        { TEXT(" 0\n"), JSON_TYPE_INTEGER, "an integer" },
        { TEXT("1.0"), JSON_TYPE_NUMBER, "a decimal" },
        { TEXT("1e2"), JSON_TYPE_NUMBER, "a decimal" },
        { TEXT("\"\""), JSON_TYPE_TEXT, "a string" },
        { TEXT("[]"), JSON_TYPE_ARRAY, "an array" },
        { TEXT("{}"), JSON_TYPE_OBJECT, "an object" },
    };
    (void)state;
    for (size_t i = 0; i < ITEMS(cases); i++) {
        struct json_value *document = parse(cases[i].json);
        assert_int_equal(json_type_of(document), cases[i].type);
        assert_string_equal(json_type_name(json_type_of(document)), cases[i].type_name);
        json_free(document);
    }
    json_free(NULL);
}

static bool count_until_b(void *context, struct text name)
{
    *(int *)context += 1;
    return !text_equal(name, TEXT("b"));
}

static void json_documents_are_read_member_by_member(void **state)
{
    struct json_value *document =
        parse(TEXT("{\"least\":-9223372036854775808,\"most\":9223372036854775807,\"yes\":true,"
                   "\"list\":[1,\"\",null],\"text\":\"\\u00e9\\ud83d\\udd11\\\"\\\\\\/\\n\x7f\"}"));
    const struct json_value *list = json_member(document, "list");
    int visited = 0;
    (void)state;
    assert_true(json_read_integer(json_member(document, "least")) == INT64_MIN);
    assert_true(json_read_integer(json_member(document, "most")) == INT64_MAX);
    assert_true(json_read_boolean(json_member(document, "yes")));
    assert_text_equal(json_read_text(json_member(document, "text")),
                      "\xc3\xa9\xf0\x9f\x94\x91\"\\/\n\x7f");
    assert_int_equal(json_array_length(list), 3);
    assert_int_equal(json_read_integer(json_array_at(list, 0)), 1);
    assert_text_equal(json_read_text(json_array_at(list, 1)), "");
    assert_null(json_array_at(list, 3));
    assert_null(json_member(document, "absent"));
    assert_true(json_each_member(document, count_until_b, &visited));
    assert_int_equal(visited, 5);
    json_free(document);
    document = parse(TEXT("{\"a\":1,\"b\":2,\"c\":3}"));
    visited = 0;
    assert_false(json_each_member(document, count_until_b, &visited));
    assert_int_equal(visited, 2);
    json_free(document);
}

static struct text nested(size_t depth, bool is_object)
{
    struct buffer buffer;
    buffer_init(&buffer, 100000);
    for (size_t i = 0; i < depth; i++) {
        buffer_append(&buffer, is_object ? TEXT("{\"a\":") : TEXT("["));
    }
    buffer_append(&buffer, is_object ? TEXT("{}") : TEXT("[]"));
    for (size_t i = 0; i < depth; i++) {
        buffer_append_byte(&buffer, is_object ? '}' : ']');
    }
    assert_false(buffer.failed);
    struct text copy = arena_copy(&arena, buffer_text(&buffer));
    buffer_free(&buffer);
    return copy;
}

/* A small body can describe a great many values. What was refused is given back. */
static void json_that_would_take_too_much_memory_is_refused(void **state)
{
    struct buffer buffer;
    (void)state;
    buffer_init(&buffer, 1024 * 1024);
    buffer_append_byte(&buffer, '[');
    while (buffer.length < buffer.maximum - 4) {
        buffer_append(&buffer, TEXT("{},"));
    }
    buffer_append(&buffer, TEXT("0]"));
    for (int round = 0; round < 3; round++) {
        struct json_value *document = NULL;
        char problem[JSON_PROBLEM_MAXIMUM] = "";
        assert_int_equal(json_parse(buffer_text(&buffer), &document, problem).error,
                         ERROR_MALFORMED_JSON);
        json_free(parse(TEXT("{\"name\":\"x\"}")));
    }
    buffer_free(&buffer);
}

/* jansson goes on with what it has of a text for which there is no memory. */
static void json_texts_are_whole_or_refused(void **state)
{
    enum { TEXT_LENGTH = 300 * 1000, STEP = 1000, READ_AND_REFUSED = 2 };
    struct buffer buffer;
    bool seen[READ_AND_REFUSED] = { false };
    (void)state;
    buffer_init(&buffer, 1024 * 1024);
    for (size_t values = 20 * 1000; !seen[0] || !seen[1]; values += STEP) {
        struct json_value *document = NULL;
        char problem[JSON_PROBLEM_MAXIMUM] = "";
        buffer_clear(&buffer);
        buffer_append_byte(&buffer, '[');
        for (size_t i = 0; i < values; i++) {
            buffer_append(&buffer, TEXT("1,"));
        }
        buffer_append_byte(&buffer, '"');
        for (size_t i = 0; i < TEXT_LENGTH; i++) {
            buffer_append_byte(&buffer, 'a');
        }
        buffer_append(&buffer, TEXT("\"]"));
        assert_false(buffer.failed);
        bool is_refused = result_failed(json_parse(buffer_text(&buffer), &document, problem));
        if (!is_refused) {
            assert_int_equal(json_read_text(json_array_at(document, values)).length, TEXT_LENGTH);
        }
        json_free(document);
        seen[is_refused] = true;
    }
    buffer_free(&buffer);
}

static void json_is_nested_32_levels_deep_at_most(void **state)
{
    static const size_t too_deep[] = { JSON_DEPTH_MAXIMUM, 100, 10000 };
    struct json_value *document = NULL;
    char problem[JSON_PROBLEM_MAXIMUM];
    (void)state;
    for (int is_object = 0; is_object < 2; is_object++) {
        json_free(parse(nested(JSON_DEPTH_MAXIMUM - 1, is_object)));
        for (size_t i = 0; i < ITEMS(too_deep); i++) {
            struct result result = json_parse(nested(too_deep[i], is_object), &document, problem);
            assert_int_equal(result.error, ERROR_MALFORMED_JSON);
            assert_true(text_starts_with(text_of(problem), TEXT("it is nested ")));
            assert_null(document);
        }
    }
}

/* ---- Writing JSON ---- */

static void json_is_written_with_commas_where_they_belong(void **state)
{
    struct buffer buffer;
    (void)state;
    buffer_init(&buffer, 1000);
    json_write_open(&buffer, '{');
    json_write_name(&buffer, TEXT("a"));
    json_write_text(&buffer, TEXT("["));
    json_write_name(&buffer, TEXT("b:"));
    json_write_integer(&buffer, INT64_MIN);
    json_write_name(&buffer, TEXT("c"));
    json_write_open(&buffer, '[');
    json_write_boolean(&buffer, true);
    json_write_boolean(&buffer, false);
    json_write_null(&buffer);
    json_write_text(&buffer, TEXT_NONE);
    json_write_text(&buffer, TEXT(""));
    json_write_text(&buffer, TEXT(","));
    json_write_raw(&buffer, TEXT("{\"x\":[]}"));
    json_write_open(&buffer, '[');
    json_write_close(&buffer, ']');
    json_write_open(&buffer, '{');
    json_write_close(&buffer, '}');
    json_write_close(&buffer, ']');
    json_write_name(&buffer, TEXT("d"));
    json_write_open(&buffer, '{');
    json_write_close(&buffer, '}');
    json_write_close(&buffer, '}');
    assert_text_equal(buffer_text(&buffer),
                      "{\"a\":\"[\",\"b:\":-9223372036854775808,\"c\":[true,false,null,null,\"\","
                      "\",\",{\"x\":[]},[],{}],\"d\":{}}");
    buffer_free(&buffer);
}

static void json_texts_are_escaped(void **state)
{
    static const struct {
        struct text text;
        const char *json;
    } cases[] = {
        { TEXT("plain / text"), "\"plain / text\"" },
        { TEXT("\"\\"), "\"\\\"\\\\\"" },
        { TEXT("a\nb\tc"), "\"a\\u000ab\\u0009c\"" },
        { TEXT("\0"), "\"\\u0000\"" },
        { TEXT("\x1f\x7f "), "\"\\u001f\\u007f \"" },
        { TEXT("\xc3\xa9\xf0\x9f\x94\x91"), "\"\xc3\xa9\xf0\x9f\x94\x91\"" },
        { TEXT("</script>"), "\"</script>\"" },
    };
    struct buffer buffer;
    (void)state;
    buffer_init(&buffer, 1000);
    for (size_t i = 0; i < ITEMS(cases); i++) {
        buffer_clear(&buffer);
        json_write_text(&buffer, cases[i].text);
        assert_text_equal(buffer_text(&buffer), cases[i].json);
    }
    buffer_free(&buffer);
}

static void what_is_written_is_read_again(void **state)
{
    char text[127];
    struct buffer buffer;
    (void)state;
    for (size_t i = 0; i < sizeof text; i++) {
        text[i] = (char)(i + 1);
    }
    buffer_init(&buffer, 2000);
    json_write_open(&buffer, '{');
    json_write_name(&buffer, (struct text){ text, sizeof text });
    json_write_text(&buffer, (struct text){ text, sizeof text });
    json_write_close(&buffer, '}');
    struct json_value *document = parse(buffer_text(&buffer));
    char name[sizeof text + 1] = "";
    memcpy(name, text, sizeof text);
    struct text read = json_read_text(json_member(document, name));
    assert_int_equal(read.length, sizeof text);
    assert_memory_equal(read.data, text, sizeof text);
    json_free(document);
    buffer_free(&buffer);
}

/* ---- URIs ---- */

static void uris_are_decoded_strictly(void **state)
{
    static const struct {
        struct text encoded;
        const char *text; /* NULL: refused */
        const char *form; /* the same with '+' for a space */
    } cases[] = {
        { TEXT(""), "", "" },
        { TEXT("plain~-._"), "plain~-._", "plain~-._" },
        { TEXT("a+b%2Bc%20d"), "a+b+c d", "a b+c d" },
        { TEXT("%41%5a%5A%2f"), "AZZ/", "AZZ/" },
        { TEXT("%25%32%35"), "%25", "%25" },
        { TEXT("%c3%a9\xc3\xa9%C3\xa9"), "\xc3\xa9\xc3\xa9\xc3\xa9", "\xc3\xa9\xc3\xa9\xc3\xa9" },
        { TEXT("%7f%01"), "\x7f\x01", "\x7f\x01" },
        { TEXT("%"), NULL, NULL },
        { TEXT("%4"), NULL, NULL },
        { TEXT("a%4"), NULL, NULL },
        { TEXT("%g1"), NULL, NULL },
        { TEXT("%1g"), NULL, NULL },
        { TEXT("%%41"), NULL, NULL },
        { TEXT("%+1"), NULL, NULL },
        { TEXT("% 41"), NULL, NULL },
        { TEXT("%00"), NULL, NULL },
        { TEXT("a\0b"), NULL, NULL },
        { TEXT("%c3"), NULL, NULL },
        { TEXT("%ff"), NULL, NULL },
        { TEXT("%c0%af"), NULL, NULL },
        { TEXT("%ed%a0%80"), NULL, NULL },
        { TEXT("\xff"), NULL, NULL },
    };
    (void)state;
    for (size_t i = 0; i < ITEMS(cases); i++) {
        for (int is_form = 0; is_form < 2; is_form++) {
            const char *expected = is_form ? cases[i].form : cases[i].text;
            struct text text = TEXT("untouched");
            struct result result = uri_decode(&arena, cases[i].encoded, is_form, &text);
            assert_int_equal(result.error, expected != NULL ? ERROR_NONE : ERROR_MALFORMED_REQUEST);
            assert_text_equal(text, expected != NULL ? expected : "untouched");
        }
    }
    /* What follows the text is no part of an escape. */
    for (size_t length = 1; length < 3; length++) {
        struct text text;
        struct result result = uri_decode(&arena, text_until(TEXT("%41"), length), false, &text);
        assert_int_equal(result.error, ERROR_MALFORMED_REQUEST);
    }
}

static void queries_are_cut_into_parameters(void **state)
{
    static const char *const expected[][2] = {
        { "a", "1" }, { "b", "" }, { "", "c" }, { "d", "x=y" }, { "e[]", "f g&h" }, { "i", "" },
    };
    struct text query = TEXT("&&a=1&b&=c&d=x=y&e%5B%5D=f+g%26h&&i=&");
    struct uri_parameter parameter;
    (void)state;
    for (size_t i = 0; i < ITEMS(expected); i++) {
        assert_ok(uri_next_parameter(&arena, &query, &parameter));
        assert_text_equal(parameter.name, expected[i][0]);
        assert_text_equal(parameter.value, expected[i][1]);
    }
    assert_ok(uri_next_parameter(&arena, &query, &parameter));
    assert_null(parameter.name.data);
    query = TEXT_NONE;
    assert_ok(uri_next_parameter(&arena, &query, &parameter));
    assert_null(parameter.name.data);
    query = TEXT("%zz=1");
    assert_int_equal(uri_next_parameter(&arena, &query, &parameter).error, ERROR_MALFORMED_REQUEST);
    query = TEXT("a=%00");
    assert_int_equal(uri_next_parameter(&arena, &query, &parameter).error, ERROR_MALFORMED_REQUEST);
}

/* ---- Digests ---- */

static void assert_digest(struct text text, const char *expected)
{
    char written[2 * DIGEST_SIZE + 1];
    struct digest digest;
    assert_ok(digest_of(text, &digest));
    for (size_t i = 0; i < DIGEST_SIZE; i++) {
        (void)snprintf(written + 2 * i, 3, "%02x", digest.bytes[i]);
    }
    assert_string_equal(written, expected);
}

/* FIPS 180-4's examples, and the hash of nothing. */
static void assert_published_digests(void)
{
    static const char nothing[] =
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    assert_digest(TEXT(""), nothing);
    assert_digest(TEXT_NONE, nothing);
    assert_digest(TEXT("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_digest(TEXT("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
                  "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

static void digests_are_those_that_were_published(void **state)
{
    static char million[1000000];
    (void)state;
    memset(million, 'a', sizeof million);
    assert_published_digests();
    assert_digest((struct text){ million, sizeof million },
                  "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
    assert_ok(digest_initialize());
    assert_published_digests();
}

/* A failure here cannot be reported by cmocka, whose jumps belong to its own thread. */
static void *digest_often(void *failures)
{
    static const unsigned char abc[] = { 0xba, 0x78, 0x16, 0xbf };
    for (int i = 0; i < 2000; i++) {
        struct digest digest;
        struct result result = digest_of(TEXT("abc"), &digest);
        if (result_failed(result) || memcmp(digest.bytes, abc, sizeof abc) != 0) {
            *(int *)failures += 1;
        }
    }
    return NULL;
}

static void threads_do_not_disturb_each_others_digests(void **state)
{
    enum { THREADS = 8 };
    pthread_t threads[THREADS];
    int failures[THREADS] = { 0 };
    (void)state;
    for (size_t i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, digest_often, &failures[i]), 0);
    }
    for (size_t i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_int_equal(failures[i], 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(base62_writes_the_lowest_digits),
        cmocka_unit_test(base62_holds_256_bits_in_43_digits_and_uses_them_up),
        cmocka_unit_test(base62_sorts_as_its_numbers),
        cmocka_unit_test(base62_is_letters_and_digits),
        cmocka_unit_test(ids_are_a_prefix_a_time_and_random_digits),
        cmocka_unit_test(ids_sort_by_their_times),
        cmocka_unit_test(an_id_differs_from_what_looks_like_one),
        cmocka_unit_test(an_id_needs_memory),
        cmocka_unit_test(keys_have_the_form_that_was_promised),
        cmocka_unit_test(every_change_of_one_character_is_noticed),
        cmocka_unit_test(neighbours_that_changed_places_are_noticed),
        cmocka_unit_test(a_key_that_is_brought_in_is_16_to_256_visible_characters),
        cmocka_unit_test(our_prefix_with_another_length_is_no_key_of_ours),
        cmocka_unit_test(a_redacted_key_shows_its_prefix_and_three_characters),
        cmocka_unit_test(json_that_is_not_strict_is_refused_without_being_repeated),
        cmocka_unit_test(json_values_have_their_types_and_values),
        cmocka_unit_test(json_documents_are_read_member_by_member),
        cmocka_unit_test(json_is_nested_32_levels_deep_at_most),
        cmocka_unit_test(json_that_would_take_too_much_memory_is_refused),
        cmocka_unit_test(json_texts_are_whole_or_refused),
        cmocka_unit_test(json_is_written_with_commas_where_they_belong),
        cmocka_unit_test(json_texts_are_escaped),
        cmocka_unit_test(what_is_written_is_read_again),
        cmocka_unit_test(uris_are_decoded_strictly),
        cmocka_unit_test(queries_are_cut_into_parameters),
        cmocka_unit_test(digests_are_those_that_were_published),
        cmocka_unit_test(threads_do_not_disturb_each_others_digests),
    };
    return cmocka_run_group_tests(tests, initialize, forget);
}
