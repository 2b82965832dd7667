#include "unit.h"

#include <stdio.h>
#include <string.h>

#include "base/problem.h"
#include "codec/json.h"
#include "model/admin_api_key.h"
#include "model/audit_log.h"
#include "model/decode.h"
#include "model/encode.h"
#include "model/error_reply.h"
#include "model/invite.h"
#include "model/list_query.h"
#include "model/project.h"
#include "model/project_api_key.h"
#include "model/project_user.h"
#include "model/service_account.h"
#include "model/user.h"

static struct arena arena;
static struct problem problem;
static const struct decoder decoder = { &arena, &problem };

static int initialize(void **state)
{
    (void)state;
    arena_init(&arena, (size_t)1024 * 1024);
    json_initialize();
    return 0;
}

static int forget(void **state)
{
    (void)state;
    arena_reset(&arena);
    return 0;
}

static void assert_problem(const char *shown, struct result result, enum error error,
                           const char *param, const char *expected, const char *value)
{
    if (result.error != error || strcmp(problem.param, param) != 0 ||
        strcmp(problem.expected, expected) != 0 || strcmp(problem.value, value) != 0) {
        fail_msg("%s: error %d, param '%s', expected '%s', value '%s'", shown, result.error,
                 problem.param, problem.expected, problem.value);
    }
}

/* ---- A table with a field of every kind that requests have ---- */

static const char *const colors[] = { "red", "green", NULL };

struct part {
    struct text role;
    int64_t count;
};

struct sample {
    struct text name;
    struct text color;
    struct text email;
    struct text key;
    struct text id;
    struct text unsupported;
    int64_t count;
    int64_t any_count;
    int64_t flag;
    struct part part;
    struct text_list tags;
    struct text_list scopes;
    struct object_list parts;
};

static const struct field part_fields[] = {
    { .name = "role",
      .kind = FIELD_TEXT,
      .flags = FIELD_REQUIRED,
      .offset = offsetof(struct part, role),
      .choices = colors },
    { .name = "count",
      .kind = FIELD_INTEGER,
      .offset = offsetof(struct part, count),
      .minimum = 0,
      .maximum = 9 },
};
static const struct object_type part_type = { "Part", "", sizeof(struct part),
                                              FIELDS(part_fields) };

#define MEMBER(member) .name = #member, .offset = offsetof(struct sample, member)
static const struct field sample_fields[] = {
    { MEMBER(name), .kind = FIELD_TEXT, .flags = FIELD_REQUIRED, .minimum = 2, .maximum = 4 },
    { MEMBER(color), .kind = FIELD_TEXT, .flags = FIELD_NULLABLE, .choices = colors },
    { MEMBER(email), .kind = FIELD_TEXT, .format = FORMAT_EMAIL },
    { MEMBER(key), .kind = FIELD_TEXT, .minimum = 3, .maximum = 8, .format = FORMAT_KEY },
    { MEMBER(id), .kind = FIELD_TEXT, .format = FORMAT_ID },
    { MEMBER(unsupported), .kind = FIELD_TEXT, .flags = FIELD_NULLABLE | FIELD_UNSUPPORTED },
    { MEMBER(count), .kind = FIELD_INTEGER, .flags = FIELD_NULLABLE, .minimum = 1, .maximum = 10 },
    { MEMBER(any_count), .kind = FIELD_INTEGER },
    { MEMBER(flag), .kind = FIELD_BOOLEAN },
    { MEMBER(part), .kind = FIELD_OBJECT, .flags = FIELD_NULLABLE, .type = &part_type },
    { MEMBER(tags), .kind = FIELD_TEXT_LIST, .flags = FIELD_NULLABLE },
    { MEMBER(scopes), .kind = FIELD_TEXT_LIST, .maximum = 2, .item_maximum = 5,
      .format = FORMAT_SCOPE },
    { MEMBER(parts), .kind = FIELD_OBJECT_LIST, .type = &part_type, .maximum = 3 },
};
static const struct object_type sample_type = { "Sample", "", sizeof(struct sample),
                                                FIELDS(sample_fields) };

static struct result decode(struct text body, struct sample *ret_sample)
{
    problem = (struct problem){ .param = "" };
    *ret_sample = (struct sample){ .count = 0 };
    return decode_body(&decoder, &sample_type, body, ret_sample);
}

/* ---- Bodies ---- */

static void a_body_fills_its_struct(void **state)
{
    struct sample sample;
    (void)state;
    assert_ok(decode(TEXT("{\"parts\":[{\"role\":\"red\"},{\"count\":9,\"role\":\"green\"}],"
                          "\"part\":{\"role\":\"red\",\"count\":0},\"flag\":false,\"count\":10,"
                          "\"any_count\":-9223372036854775807,\"id\":\"\",\"key\":\"!a~\","
                          "\"email\":\"a.b@c\",\"color\":\"green\",\"name\":\"ab\","
                          "\"tags\":[\"x\",\"y z\"],\"scopes\":[\"a.b:c\"]}"),
                     &sample));
    assert_text_equal(sample.name, "ab");
    assert_text_equal(sample.color, "green");
    assert_text_equal(sample.email, "a.b@c");
    assert_text_equal(sample.key, "!a~");
    assert_text_equal(sample.id, "");
    assert_int_equal(sample.count, 10);
    assert_true(sample.any_count == -INT64_MAX);
    assert_int_equal(sample.flag, 0);
    assert_text_equal(sample.part.role, "red");
    assert_int_equal(sample.part.count, 0);
    assert_int_equal(sample.tags.count, 2);
    assert_text_equal(sample.tags.items[1], "y z");
    assert_int_equal(sample.scopes.count, 1);
    assert_text_equal(sample.scopes.items[0], "a.b:c");
    const struct part *parts = sample.parts.items;
    assert_int_equal(sample.parts.count, 2);
    assert_true(parts[0].count == FIELD_ABSENT);
    assert_text_equal(parts[1].role, "green");
    assert_int_equal(parts[1].count, 9);
}

static void what_is_left_out_or_null_is_absent(void **state)
{
    static const struct text bodies[] = {
        TEXT("{\"name\":\"ab\"}"),
        TEXT("{\"name\":\"ab\",\"color\":null,\"unsupported\":null,\"count\":null,\"part\":null,"
             "\"tags\":null}"),
    };
    struct sample sample;
    (void)state;
    for (size_t i = 0; i < ITEMS(bodies); i++) {
        assert_ok(decode(bodies[i], &sample));
        assert_null(sample.color.data);
        assert_null(sample.email.data);
        assert_null(sample.unsupported.data);
        assert_true(sample.count == FIELD_ABSENT);
        assert_true(sample.flag == FIELD_ABSENT);
        assert_null(sample.part.role.data);
        assert_true(sample.part.count == FIELD_ABSENT);
        assert_null(sample.tags.items);
        assert_null(sample.parts.items);
    }
    /* Empty is not absent. */
    assert_ok(decode(TEXT("{\"name\":\"ab\",\"tags\":[],\"parts\":[]}"), &sample));
    assert_non_null(sample.tags.items);
    assert_int_equal(sample.tags.count, 0);
    assert_non_null(sample.parts.items);
    assert_int_equal(sample.parts.count, 0);
}

#define COLORS "supported values are: 'red', 'green'"
#define CONTROL "control characters are not allowed"
#define SCOPE                                                                  \
    "expected a scope of visible ASCII characters without '\"' and '\\' (RFC " \
    "6749, 3.3)"
#define ADDRESS "expected an e-mail address"
#define VISIBLE "expected visible ASCII characters, without spaces"
#define HIDDEN_NAME "(a name not shown)"

static void a_body_that_the_table_does_not_allow_is_refused(void **state)
{
    /* The required `name` is put in front of each. */
    static const struct {
        const char *members;
        enum error error;
        const char *param;
        const char *expected;
        const char *value;
    } cases[] = {
        { "\"name\":\"ab\",\"more\":1", ERROR_UNKNOWN_PARAMETER, "more", "", "" },
        { "\"name\":\"ab\",\"More\":1", ERROR_UNKNOWN_PARAMETER, HIDDEN_NAME, "", "" },
        { "\"name\":\"ab\",\"sk-1\":1", ERROR_UNKNOWN_PARAMETER, HIDDEN_NAME, "", "" },
        { "\"name\":\"ab\",\"abcdefghijabcdefghijabcdefghijabcdefghij\":1", ERROR_UNKNOWN_PARAMETER,
          "abcdefghijabcdefghijabcdefghijabcdefghij", "", "" },
        { "\"name\":\"ab\",\"abcdefghijabcdefghijabcdefghijabcdefghijk\":1",
          ERROR_UNKNOWN_PARAMETER, HIDDEN_NAME, "", "" },
        { "\"flag\":true", ERROR_MISSING_PARAMETER, "name", "", "" },
        { "\"name\":null", ERROR_INVALID_TYPE, "name", "a string", "null" },
        { "\"name\":1", ERROR_INVALID_TYPE, "name", "a string", "an integer" },
        { "\"name\":[]", ERROR_INVALID_TYPE, "name", "a string", "an array" },
        { "\"name\":\"a\"", ERROR_STRING_TOO_SHORT, "name", "2", "1" },
        { "\"name\":\"abcde\"", ERROR_STRING_TOO_LONG, "name", "4", "5" },
        { "\"name\":\"\xc3\xa9\"", ERROR_STRING_TOO_SHORT, "name", "2", "1" },
        { "\"name\":\"a\\nb\"", ERROR_INVALID_VALUE, "name", CONTROL, "" },
        { "\"name\":\"a\x7f\"", ERROR_INVALID_VALUE, "name", CONTROL, "" },
        { "\"name\":\"ab\",\"color\":\"blue\"", ERROR_INVALID_VALUE, "color", COLORS, "" },
        { "\"name\":\"ab\",\"color\":\"Red\"", ERROR_INVALID_VALUE, "color", COLORS, "" },
        { "\"name\":\"ab\",\"color\":\"\"", ERROR_INVALID_VALUE, "color", COLORS, "" },
        { "\"name\":\"ab\",\"color\":0", ERROR_INVALID_TYPE, "color", "a string", "an integer" },
        { "\"name\":\"ab\",\"email\":\"\"", ERROR_INVALID_VALUE, "email", ADDRESS, "" },
        { "\"name\":\"ab\",\"email\":\"a\"", ERROR_INVALID_VALUE, "email", ADDRESS, "" },
        { "\"name\":\"ab\",\"email\":\"@a\"", ERROR_INVALID_VALUE, "email", ADDRESS, "" },
        { "\"name\":\"ab\",\"email\":\"a@\"", ERROR_INVALID_VALUE, "email", ADDRESS, "" },
        { "\"name\":\"ab\",\"email\":\"a@b@c\"", ERROR_INVALID_VALUE, "email", ADDRESS, "" },
        { "\"name\":\"ab\",\"email\":\"a b@c\"", ERROR_INVALID_VALUE, "email", ADDRESS, "" },
        { "\"name\":\"ab\",\"email\":\"a@b\\r\\n\"", ERROR_INVALID_VALUE, "email", ADDRESS, "" },
        { "\"name\":\"ab\",\"key\":\"a b\"", ERROR_INVALID_VALUE, "key", VISIBLE, "" },
        { "\"name\":\"ab\",\"key\":\"ab\xc3\xa9\"", ERROR_INVALID_VALUE, "key", VISIBLE, "" },
        { "\"name\":\"ab\",\"key\":\"ab\"", ERROR_STRING_TOO_SHORT, "key", "3", "2" },
        { "\"name\":\"ab\",\"id\":\"a\\u0001\"", ERROR_INVALID_VALUE, "id", CONTROL, "" },
        { "\"name\":\"ab\",\"unsupported\":\"\"", ERROR_UNSUPPORTED_PARAMETER, "unsupported", "",
          "" },
        { "\"name\":\"ab\",\"unsupported\":1", ERROR_UNSUPPORTED_PARAMETER, "unsupported", "", "" },
        { "\"name\":\"ab\",\"count\":0", ERROR_INTEGER_BELOW_MINIMUM, "count", "1", "0" },
        { "\"name\":\"ab\",\"count\":11", ERROR_INTEGER_ABOVE_MAXIMUM, "count", "10", "11" },
        { "\"name\":\"ab\",\"count\":-9223372036854775808", ERROR_INTEGER_BELOW_MINIMUM, "count",
          "1", "-9223372036854775808" },
        { "\"name\":\"ab\",\"count\":1.0", ERROR_INVALID_TYPE, "count", "an integer", "a decimal" },
        { "\"name\":\"ab\",\"count\":\"1\"", ERROR_INVALID_TYPE, "count", "an integer",
          "a string" },
        { "\"name\":\"ab\",\"flag\":null", ERROR_INVALID_TYPE, "flag", "a boolean", "null" },
        { "\"name\":\"ab\",\"flag\":1", ERROR_INVALID_TYPE, "flag", "a boolean", "an integer" },
        { "\"name\":\"ab\",\"part\":[]", ERROR_INVALID_TYPE, "part", "an object", "an array" },
        { "\"name\":\"ab\",\"part\":{}", ERROR_MISSING_PARAMETER, "part.role", "", "" },
        { "\"name\":\"ab\",\"part\":{\"role\":\"x\"}", ERROR_INVALID_VALUE, "part.role", COLORS,
          "" },
        { "\"name\":\"ab\",\"part\":{\"rule\":1}", ERROR_UNKNOWN_PARAMETER, "part.rule", "", "" },
        { "\"name\":\"ab\",\"part\":{\"role\":\"red\",\"count\":10}", ERROR_INTEGER_ABOVE_MAXIMUM,
          "part.count", "9", "10" },
        { "\"name\":\"ab\",\"tags\":\"x\"", ERROR_INVALID_TYPE, "tags", "an array of strings",
          "a string" },
        { "\"name\":\"ab\",\"tags\":[\"x\",{}]", ERROR_INVALID_TYPE, "tags[1]", "a string",
          "an object" },
        { "\"name\":\"ab\",\"tags\":[null]", ERROR_INVALID_TYPE, "tags[0]", "a string", "null" },
        { "\"name\":\"ab\",\"tags\":[\"x\",\"y\",\"\"]", ERROR_STRING_TOO_SHORT, "tags[2]", "1",
          "0" },
        { "\"name\":\"ab\",\"tags\":[\"\\t\"]", ERROR_INVALID_VALUE, "tags[0]", CONTROL, "" },
        { "\"name\":\"ab\",\"scopes\":[\"a\",\"b\",\"c\"]", ERROR_ARRAY_TOO_LONG, "scopes", "2",
          "3" },
        { "\"name\":\"ab\",\"scopes\":[\"a\",\"abcdef\"]", ERROR_STRING_TOO_LONG, "scopes[1]", "5",
          "6" },
        { "\"name\":\"ab\",\"scopes\":[\"\"]", ERROR_STRING_TOO_SHORT, "scopes[0]", "1", "0" },
        { "\"name\":\"ab\",\"scopes\":[\"a b\"]", ERROR_INVALID_VALUE, "scopes[0]", SCOPE, "" },
        { "\"name\":\"ab\",\"scopes\":[\"a\\\"\"]", ERROR_INVALID_VALUE, "scopes[0]", SCOPE, "" },
        { "\"name\":\"ab\",\"scopes\":[\"a\\\\\"]", ERROR_INVALID_VALUE, "scopes[0]", SCOPE, "" },
        { "\"name\":\"ab\",\"parts\":{}", ERROR_INVALID_TYPE, "parts", "an array of objects",
          "an object" },
        { "\"name\":\"ab\",\"parts\":[1]", ERROR_INVALID_TYPE, "parts[0]", "an object",
          "an integer" },
        { "\"name\":\"ab\",\"parts\":[{\"role\":\"red\"},{\"role\":\"x\"}]", ERROR_INVALID_VALUE,
          "parts[1].role", COLORS, "" },
        { "\"name\":\"ab\",\"parts\":[{\"role\":\"red\"},{}]", ERROR_MISSING_PARAMETER,
          "parts[1].role", "", "" },
        { "\"name\":\"ab\",\"parts\":[{\"role\":\"red\",\"a\":1}]", ERROR_UNKNOWN_PARAMETER,
          "parts[0].a", "", "" },
        { "\"name\":\"ab\",\"parts\":[{},{},{},{}]", ERROR_ARRAY_TOO_LONG, "parts", "3", "4" },
    };
    (void)state;
    for (size_t i = 0; i < ITEMS(cases); i++) {
        struct sample sample;
        struct result result = decode(arena_format(&arena, "{%s}", cases[i].members), &sample);
        assert_problem(cases[i].members, result, cases[i].error, cases[i].param, cases[i].expected,
                       cases[i].value);
    }
}

static void a_body_is_one_object_or_nothing(void **state)
{
    static const struct {
        struct text body;
        const char *expected;
    } cases[] = {
        { TEXT("[]"), "expected an object, but got an array" },
        { TEXT("null"), "expected an object, but got null" },
        { TEXT("\"secret\""), "expected an object, but got a string" },
        { TEXT(" "), "it ends too early (line 1, column 1)" },
        { TEXT("{\"name\":\"ab\"} x"), "there is more after its end (line 1, column 15)" },
        { TEXT("{\"name\":\"ab\",\"name\":\"ab\"}"),
          "a name appears twice in an object (line 1, column 19)" },
    };
    struct sample sample;
    (void)state;
    for (size_t i = 0; i < ITEMS(cases); i++) {
        assert_problem(cases[i].body.data, decode(cases[i].body, &sample), ERROR_MALFORMED_JSON, "",
                       cases[i].expected, "");
    }
    assert_problem("nothing", decode(TEXT_NONE, &sample), ERROR_MISSING_PARAMETER, "name", "", "");
}

static void limits_of_texts_are_in_characters(void **state)
{
    struct sample sample;
    (void)state;
    assert_ok(
        decode(TEXT("{\"name\":\"\xf0\x9f\x94\x91\xf0\x9f\x94\x91\xc3\xa9\xc3\xa9\"}"), &sample));
    assert_int_equal(sample.name.length, 12);
    assert_problem(
        "five keys",
        decode(TEXT("{\"name\":\"\\ud83d\\udd11\\ud83d\\udd11\\ud83d\\udd11\\ud83d\\udd11"
                    "\\ud83d\\udd11\"}"),
               &sample),
        ERROR_STRING_TOO_LONG, "name", "4", "5");
    /* Without a limit of its own. */
    assert_ok(decode(arena_format(&arena, "{\"name\":\"ab\",\"id\":\"%0*d\",\"tags\":[\"%0*d\"]}",
                                  DECODE_TEXT_MAXIMUM, 0, DECODE_TEXT_MAXIMUM, 0),
                     &sample));
    assert_problem("513 characters",
                   decode(arena_format(&arena, "{\"name\":\"ab\",\"id\":\"%0*d\"}",
                                       DECODE_TEXT_MAXIMUM + 1, 0),
                          &sample),
                   ERROR_STRING_TOO_LONG, "id", "512", "513");
    assert_problem("513 characters",
                   decode(arena_format(&arena, "{\"name\":\"ab\",\"tags\":[\"%0*d\"]}",
                                       DECODE_TEXT_MAXIMUM + 1, 0),
                          &sample),
                   ERROR_STRING_TOO_LONG, "tags[0]", "512", "513");
}

static void a_list_without_a_limit_of_its_own_has_100_items(void **state)
{
    for (int count = DECODE_LIST_MAXIMUM; count <= DECODE_LIST_MAXIMUM + 1; count++) {
        struct buffer buffer;
        struct sample sample;
        buffer_init(&buffer, 2000);
        buffer_append(&buffer, TEXT("{\"name\":\"ab\",\"tags\":[\"x\""));
        for (int i = 1; i < count; i++) {
            buffer_append(&buffer, TEXT(",\"x\""));
        }
        buffer_append(&buffer, TEXT("]}"));
        struct result result = decode(buffer_text(&buffer), &sample);
        buffer_free(&buffer);
        if (count <= DECODE_LIST_MAXIMUM) {
            assert_ok(result);
            assert_int_equal(sample.tags.count, count);
        } else {
            assert_problem("101 tags", result, ERROR_ARRAY_TOO_LONG, "tags", "100", "101");
        }
    }
    (void)state;
}

/* A long list must be refused for its length before its memory is asked for. */
static void memory_that_is_used_up_is_a_fault(void **state)
{
    struct arena small;
    struct decoder starved = { &small, &problem };
    struct sample sample = { .count = 0 };
    (void)state;
    arena_init(&small, 0);
    assert_int_equal(decode_body(&starved, &sample_type, TEXT("{\"name\":\"ab\"}"), &sample).error,
                     ERROR_INTERNAL);
    assert_non_null(fault_take().data);
    assert_int_equal(
        decode_body(&starved, &sample_type, TEXT("{\"name\":\"ab\",\"parts\":[0,0,0,0]}"), &sample)
            .error,
        ERROR_INTERNAL);
    (void)fault_take();
    arena_reset(&small);
}

/* ---- Queries ---- */

struct query {
    int64_t limit;
    struct text after;
    struct text order;
    int64_t flag;
    int64_t later;
    int64_t earlier;
    struct text_list ids;
};

#define PARAMETER(member) .offset = offsetof(struct query, member)
static const struct field query_fields[] = {
    { .name = "limit",
      PARAMETER(limit),
      .kind = FIELD_INTEGER,
      .minimum = 1,
      .maximum = 100,
      .preset = "20" },
    { .name = "after", PARAMETER(after), .kind = FIELD_TEXT, .format = FORMAT_ID },
    { .name = "order", PARAMETER(order), .kind = FIELD_TEXT, .choices = colors },
    { .name = "flag", PARAMETER(flag), .kind = FIELD_BOOLEAN },
    { .name = "at[gt]", PARAMETER(later), .kind = FIELD_INTEGER },
    { .name = "at[lt]", PARAMETER(earlier), .kind = FIELD_INTEGER },
    { .name = "ids[]", PARAMETER(ids), .kind = FIELD_TEXT_LIST, .maximum = 3, .item_maximum = 4 },
};
static const struct object_type query_type = { "", "", sizeof(struct query), FIELDS(query_fields) };

static struct result decode_parameters(struct text text, struct query *ret_query)
{
    problem = (struct problem){ .param = "" };
    *ret_query = (struct query){ .limit = 0 };
    return decode_query(&decoder, &query_type, text, ret_query);
}

static void a_query_fills_its_struct(void **state)
{
    struct query query;
    (void)state;
    assert_ok(decode_parameters(TEXT("ids%5B%5D=b+c&limit=100&after=key_%C3%A9&flag=true&ids[]=a&"
                                     "order=red&at[gt]=-5&at%5Blt%5D=9223372036854775807"),
                                &query));
    assert_int_equal(query.limit, 100);
    assert_text_equal(query.after, "key_\xc3\xa9");
    assert_text_equal(query.order, "red");
    assert_int_equal(query.flag, 1);
    assert_int_equal(query.later, -5);
    assert_true(query.earlier == INT64_MAX);
    assert_int_equal(query.ids.count, 2);
    assert_text_equal(query.ids.items[0], "b c");
    assert_text_equal(query.ids.items[1], "a");
}

static void a_query_without_values_has_its_presets(void **state)
{
    static const struct text queries[] = {
        TEXT_NONE,
        TEXT(""),
        TEXT("&&"),
        TEXT("limit=&after&order=&flag=&at[gt]=&ids[]=&ids=&limit[]=&limit"),
        TEXT("unknown=1&Limit=5&sk-1=2&x[]=3&at2[gt]=1&=4"),
    };
    struct query query;
    (void)state;
    for (size_t i = 0; i < ITEMS(queries); i++) {
        assert_ok(decode_parameters(queries[i], &query));
        assert_int_equal(query.limit, 20);
        assert_null(query.after.data);
        assert_null(query.order.data);
        assert_true(query.flag == FIELD_ABSENT);
        assert_true(query.later == FIELD_ABSENT);
        assert_null(query.ids.items);
    }
    assert_ok(decode_parameters(TEXT("limit=&limit=7&limit="), &query));
    assert_int_equal(query.limit, 7);
}

static void a_query_that_the_table_does_not_allow_is_refused(void **state)
{
    static const struct {
        const char *query;
        enum error error;
        const char *param;
        const char *expected;
        const char *value;
    } cases[] = {
        { "limit=0", ERROR_INTEGER_BELOW_MINIMUM, "limit", "1", "0" },
        { "limit=101", ERROR_INTEGER_ABOVE_MAXIMUM, "limit", "100", "101" },
        { "limit=ten", ERROR_INVALID_TYPE, "limit", "an integer", "a string" },
        { "limit=1.0", ERROR_INVALID_TYPE, "limit", "an integer", "a string" },
        { "limit=+5", ERROR_INVALID_TYPE, "limit", "an integer", "a string" },
        { "limit=99999999999999999999", ERROR_INVALID_TYPE, "limit", "an integer", "a string" },
        { "limit=5&limit=5", ERROR_DUPLICATE_PARAMETER, "limit", "", "" },
        { "limit=5&at[gt]=1&at%5Bgt%5D=1", ERROR_DUPLICATE_PARAMETER, "at[gt]", "", "" },
        { "after=a&after=b", ERROR_DUPLICATE_PARAMETER, "after", "", "" },
        { "after=%01", ERROR_INVALID_VALUE, "after", CONTROL, "" },
        { "order=up", ERROR_INVALID_VALUE, "order", COLORS, "" },
        { "flag=1", ERROR_INVALID_TYPE, "flag", "a boolean", "a string" },
        { "flag=True", ERROR_INVALID_TYPE, "flag", "a boolean", "a string" },
        /* The least integer means "absent". */
        { "at[gt]=-9223372036854775808", ERROR_INVALID_TYPE, "at[gt]", "an integer", "a string" },
        { "at[gt]=x", ERROR_INVALID_TYPE, "at[gt]", "an integer", "a string" },
        { "ids[]=a&ids[]=b&ids[]=c&ids[]=d", ERROR_ARRAY_TOO_LONG, "ids[]", "3", "4" },
        { "ids[]=abcde", ERROR_STRING_TOO_LONG, "ids[]", "4", "5" },
        { "ids[]=%09", ERROR_INVALID_VALUE, "ids[]", CONTROL, "" },
        /* Brackets. */
        { "ids=a", ERROR_INVALID_TYPE, "ids", "an array of strings", "a string" },
        { "ids[0]=a", ERROR_INVALID_TYPE, "ids", "an array of strings", "an object" },
        { "ids[gt]=a", ERROR_INVALID_TYPE, "ids", "an array of strings", "an object" },
        { "limit[]=5", ERROR_INVALID_TYPE, "limit", "an integer", "an object" },
        { "flag[x]=true", ERROR_INVALID_TYPE, "flag", "a boolean", "an object" },
        { "order[]=red", ERROR_INVALID_TYPE, "order", "a string", "an object" },
        { "at=5", ERROR_INVALID_TYPE, "at", "an object", "a string" },
        { "at[gte]=5", ERROR_INVALID_VALUE, "at", "it has no such member", "" },
        { "at[]=5", ERROR_INVALID_VALUE, "at", "it has no such member", "" },
        { "at[gt=5", ERROR_INVALID_VALUE, "at", "it has no such member", "" },
        { "at[gt][]=5", ERROR_INVALID_VALUE, "at", "it has no such member", "" },
        { "limit=%zz", ERROR_MALFORMED_REQUEST, "", "", "" },
        { "x=%ff", ERROR_MALFORMED_REQUEST, "", "", "" },
    };
    struct query query;
    (void)state;
    for (size_t i = 0; i < ITEMS(cases); i++) {
        struct result result = decode_parameters(text_of(cases[i].query), &query);
        assert_problem(cases[i].query, result, cases[i].error, cases[i].param, cases[i].expected,
                       cases[i].value);
    }
}

/* ---- Encoding ---- */

static const char *const word[] = { "word", NULL };

struct shown {
    struct text id;
    struct text note;
    struct text kept;
    int64_t time;
    int64_t flag;
    struct part part;
    struct part null_part;
    struct text_list tags;
    struct object_list parts;
    struct text json;
    struct text detail_name;
    struct text detail;
};

#define SHOWN(member) .name = #member, .offset = offsetof(struct shown, member)
static const struct field shown_fields[] = {
    { .name = "object", .kind = FIELD_CONSTANT, .choices = word },
    { SHOWN(id), .kind = FIELD_TEXT, .flags = FIELD_REQUIRED },
    { SHOWN(note), .kind = FIELD_TEXT },
    { SHOWN(kept), .kind = FIELD_TEXT, .flags = FIELD_NULLABLE },
    { SHOWN(time), .kind = FIELD_TIME, .flags = FIELD_NULLABLE },
    { SHOWN(flag), .kind = FIELD_BOOLEAN },
    { SHOWN(part), .kind = FIELD_OBJECT, .type = &part_type },
    { SHOWN(null_part), .kind = FIELD_OBJECT, .flags = FIELD_NULLABLE, .type = &part_type },
    { SHOWN(tags), .kind = FIELD_TEXT_LIST },
    { SHOWN(parts), .kind = FIELD_OBJECT_LIST, .type = &part_type },
    { SHOWN(json), .kind = FIELD_JSON, .flags = FIELD_NULLABLE },
    { .name = "",
      .kind = FIELD_DETAIL,
      .offset = offsetof(struct shown, detail),
      .name_offset = offsetof(struct shown, detail_name) },
};
static const struct object_type shown_type = { "Shown", "", sizeof(struct shown),
                                               FIELDS(shown_fields) };

static struct text encode(const struct shown *shown)
{
    struct buffer buffer;
    buffer_init(&buffer, 4000);
    model_encode(&buffer, &shown_type, shown);
    assert_false(buffer.failed);
    struct text copy = arena_copy(&arena, buffer_text(&buffer));
    buffer_free(&buffer);
    return copy;
}

static void absent_is_null_where_null_is_allowed_and_left_out_elsewhere(void **state)
{
    struct shown shown = { .id = TEXT("a\"") };
    (void)state;
    object_clear(&shown_type, &shown);
    assert_text_equal(encode(&shown), "{\"object\":\"word\",\"id\":\"a\\\"\",\"kept\":null,"
                                      "\"time\":null,\"null_part\":null,\"json\":null}");
}

static void everything_that_is_there_is_shown(void **state)
{
    static const struct text tags[] = { TEXT("x"), TEXT("") };
    static const struct part parts[] = { { TEXT("red"), 0 }, { TEXT("green"), FIELD_ABSENT } };
    struct shown shown = {
        .id = TEXT("a"),
        .note = TEXT(""),
        .kept = TEXT("b"),
        .time = 0,
        .flag = 1,
        .part = { TEXT("red"), 5 },
        .null_part = { TEXT("red"), FIELD_ABSENT },
        .tags = { tags, ITEMS(tags) },
        .parts = { parts, ITEMS(parts) },
        .json = TEXT("[1]"),
        .detail_name = TEXT("key.made"),
        .detail = TEXT("{\"c\":2}"),
    };
    (void)state;
    assert_text_equal(encode(&shown),
                      "{\"object\":\"word\",\"id\":\"a\",\"note\":\"\",\"kept\":\"b\",\"time\":0,"
                      "\"flag\":true,\"part\":{\"role\":\"red\",\"count\":5},"
                      "\"null_part\":{\"role\":\"red\"},\"tags\":[\"x\",\"\"],"
                      "\"parts\":[{\"role\":\"red\",\"count\":0},{\"role\":\"green\"}],"
                      "\"json\":[1],\"key.made\":{\"c\":2}}");
    shown.tags.count = 0;
    shown.parts.count = 0;
    shown.detail = TEXT_NONE;
    shown.flag = 0;
    assert_text_equal(encode(&shown),
                      "{\"object\":\"word\",\"id\":\"a\",\"note\":\"\",\"kept\":\"b\",\"time\":0,"
                      "\"flag\":false,\"part\":{\"role\":\"red\",\"count\":5},"
                      "\"null_part\":{\"role\":\"red\"},\"tags\":[],\"parts\":[],\"json\":[1]}");
}

static void a_page_names_its_first_and_last_item(void **state)
{
    static const struct part items[] = { { TEXT("a"), 1 }, { TEXT("b"), 2 }, { TEXT("c"), 3 } };
    static const struct {
        size_t count;
        bool has_more;
        const char *json;
    } cases[] = {
        { 0, false,
          "{\"object\":\"list\",\"data\":[],\"first_id\":null,\"last_id\":null,"
          "\"has_more\":false}" },
        { 1, true,
          "{\"object\":\"list\",\"data\":[{\"role\":\"a\",\"count\":1}],\"first_id\":\"a\","
          "\"last_id\":\"a\",\"has_more\":true}" },
        { 3, false,
          "{\"object\":\"list\",\"data\":[{\"role\":\"a\",\"count\":1},{\"role\":\"b\","
          "\"count\":2},{\"role\":\"c\",\"count\":3}],\"first_id\":\"a\",\"last_id\":\"c\","
          "\"has_more\":false}" },
    };
    (void)state;
    for (size_t i = 0; i < ITEMS(cases); i++) {
        struct page page = { &part_type, items, cases[i].count, cases[i].has_more };
        struct buffer buffer;
        buffer_init(&buffer, 1000);
        model_encode_page(&buffer, &page);
        assert_text_equal(buffer_text(&buffer), cases[i].json);
        buffer_free(&buffer);
    }
}

static void a_stored_list_is_read_as_it_was_written(void **state)
{
    static const struct part parts[] = { { TEXT("red"), 0 }, { TEXT("green"), FIELD_ABSENT } };
    static const struct text broken[] = { TEXT("{}"), TEXT("[1]"), TEXT("["), TEXT("") };
    const struct object_list written = { parts, ITEMS(parts) };
    struct object_list read;
    struct buffer buffer;
    (void)state;
    buffer_init(&buffer, 1000);
    model_encode_objects(&buffer, &part_type, &written);
    assert_ok(decode_stored_objects(&decoder, &part_type, buffer_text(&buffer), &read));
    buffer_free(&buffer);
    const struct part *items = read.items;
    assert_int_equal(read.count, 2);
    assert_text_equal(items[0].role, "red");
    assert_int_equal(items[0].count, 0);
    assert_text_equal(items[1].role, "green");
    assert_true(items[1].count == FIELD_ABSENT);
    for (size_t i = 0; i < ITEMS(broken); i++) {
        assert_int_equal(decode_stored_objects(&decoder, &part_type, broken[i], &read).error,
                         ERROR_INTERNAL);
        assert_non_null(fault_take().data);
    }
}

/* ---- The objects of the API ---- */

static const struct object_type *const outputs[] = {
    &admin_api_key_type,
    &admin_api_key_created_type,
    &admin_api_key_deleted_type,
    &audit_actor_type,
    &audit_log_type,
    &error_reply_type,
    &invite_type,
    &invite_created_type,
    &invite_deleted_type,
    &project_type,
    &project_api_key_type,
    &project_api_key_created_type,
    &project_api_key_deleted_type,
    &project_user_type,
    &project_user_deleted_type,
    &service_account_type,
    &service_account_created_type,
    &service_account_api_key_type,
    &service_account_deleted_type,
    &user_type,
    &user_deleted_type,
};

static const struct object_type *const inputs[] = {
    &admin_api_key_create_type,
    &invite_create_type,
    &invite_accept_type,
    &invite_project_type,
    &project_create_type,
    &project_update_type,
    &project_api_key_create_type,
    &project_api_key_update_type,
    &project_user_create_type,
    &project_user_update_type,
    &service_account_create_type,
    &service_account_update_type,
    &service_account_api_key_create_type,
    &user_update_type,
};

static const struct object_type *const queries[] = {
    &plain_query_type,           &admin_api_key_query_type,        &project_query_type,
    &project_api_key_query_type, &organization_api_key_query_type, &user_query_type,
    &audit_log_query_type,
};

static size_t size_of(const struct field *field)
{
    switch (field->kind) {
    case FIELD_CONSTANT:
        return 0;
    case FIELD_TEXT:
    case FIELD_JSON:
    case FIELD_DETAIL:
        return sizeof(struct text);
    case FIELD_INTEGER:
    case FIELD_TIME:
    case FIELD_BOOLEAN:
        return sizeof(int64_t);
    case FIELD_OBJECT:
        return field->type->size;
    case FIELD_TEXT_LIST:
        return sizeof(struct text_list);
    case FIELD_OBJECT_LIST:
        return sizeof(struct object_list);
    }
    return SIZE_MAX;
}

/* Two fields may show the same member, but not parts of each other. */
static bool overlap(const struct field *a, const struct field *b)
{
    bool same = a->offset == b->offset && a->kind == b->kind;
    return !same && size_of(a) > 0 && size_of(b) > 0 && a->offset < b->offset + size_of(b) &&
           b->offset < a->offset + size_of(a);
}

static void check_field(const struct object_type *type, const struct field *field)
{
    if (field->offset + size_of(field) > type->size || field->offset % _Alignof(int64_t) != 0) {
        fail_msg("%s.%s lies outside", type->name, field->name);
    }
    if (field->kind == FIELD_CONSTANT &&
        (field->choices == NULL || field->choices[0] == NULL || field->choices[1] != NULL)) {
        fail_msg("%s.%s has not one value", type->name, field->name);
    }
    for (size_t i = 0; field->choices != NULL && field->choices[i] != NULL; i++) {
        assert_true(strlen(field->choices[i]) > 0);
    }
    if (field->kind == FIELD_DETAIL) {
        assert_true(field->name_offset + sizeof(struct text) <= type->size);
        assert_int_equal(field->name[0], '\0');
    } else if (field->name[0] == '\0') {
        fail_msg("%s has a field without a name", type->name);
    }
    assert_true(field->minimum <= field->maximum || field->maximum == 0);
}

static void check_type(const struct object_type *type)
{
    assert_true(type->field_count > 0);
    for (size_t i = 0; i < type->field_count; i++) {
        const struct field *field = &type->fields[i];
        check_field(type, field);
        for (size_t other = 0; other < i; other++) {
            if (strcmp(type->fields[other].name, field->name) == 0 ||
                overlap(&type->fields[other], field)) {
                fail_msg("%s has two of %s", type->name, field->name);
            }
        }
        if (field->kind == FIELD_OBJECT || field->kind == FIELD_OBJECT_LIST) {
            check_type(field->type);
        } else if (field->kind == FIELD_JSON && field->type->size > 0) {
            check_type(field->type);
        }
    }
}

static void tables_of_objects_fit_their_structs(void **state)
{
    (void)state;
    for (size_t i = 0; i < ITEMS(outputs); i++) {
        check_type(outputs[i]);
        for (size_t other = 0; other < i; other++) {
            assert_string_not_equal(outputs[i]->name, outputs[other]->name);
        }
    }
    for (size_t i = 0; i < ITEMS(inputs); i++) {
        check_type(inputs[i]);
    }
    for (size_t i = 0; i < ITEMS(queries); i++) {
        check_type(queries[i]);
    }
    for (enum audit_event event = 0; event < AUDIT_EVENT_COUNT; event++) {
        const struct audit_event_description *description = audit_event_describe(event);
        check_type(description->detail);
        assert_string_equal(description->detail->fields[0].name, "id");
        assert_int_equal(strlen(description->type) > 0, event != AUDIT_NONE);
        for (enum audit_event other = 0; other < event; other++) {
            assert_string_not_equal(description->type, audit_event_describe(other)->type);
        }
    }
}

static void requests_have_only_what_can_be_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < ITEMS(inputs); i++) {
        for (size_t j = 0; j < inputs[i]->field_count; j++) {
            const struct field *field = &inputs[i]->fields[j];
            bool is_read = field->kind == FIELD_TEXT || field->kind == FIELD_INTEGER ||
                           field->kind == FIELD_BOOLEAN || field->kind == FIELD_OBJECT ||
                           field->kind == FIELD_TEXT_LIST || field->kind == FIELD_OBJECT_LIST;
            /* Without a limit, the least integer would be taken for an absent one. */
            bool is_limited = field->kind != FIELD_INTEGER || field->maximum > 0;
            /* A value that is not supported must be allowed to be left out and to be null. */
            bool can_be_null =
                (field->flags & FIELD_UNSUPPORTED) == 0 ||
                ((field->flags & FIELD_NULLABLE) != 0 && (field->flags & FIELD_REQUIRED) == 0);
            if (!is_read || !is_limited || !can_be_null) {
                fail_msg("%s.%s", inputs[i]->name, field->name);
            }
        }
    }
    for (size_t i = 0; i < ITEMS(queries); i++) {
        for (size_t j = 0; j < queries[i]->field_count; j++) {
            const struct field *field = &queries[i]->fields[j];
            assert_true(field->kind == FIELD_TEXT || field->kind == FIELD_INTEGER ||
                        field->kind == FIELD_BOOLEAN || field->kind == FIELD_TEXT_LIST);
            assert_int_equal(text_ends_with(text_of(field->name), TEXT("[]")),
                             field->kind == FIELD_TEXT_LIST);
            assert_int_equal(field->flags & ~(unsigned)FIELD_OURS, 0);
        }
    }
}

static bool has_secret(const struct object_type *type)
{
    for (size_t i = 0; i < type->field_count; i++) {
        const struct field *field = &type->fields[i];
        if ((field->flags & FIELD_SECRET) != 0 || strcmp(field->name, "value") == 0 ||
            strcmp(field->name, "invite_url") == 0 ||
            (field->kind == FIELD_OBJECT && has_secret(field->type))) {
            return true;
        }
    }
    return false;
}

static void secrets_are_shown_by_the_replies_that_create_them_only(void **state)
{
    static const struct {
        const struct object_type *created;
        const struct object_type *plain;
        const char *secret;
    } pairs[] = {
        { &admin_api_key_created_type, &admin_api_key_type, "value" },
        { &project_api_key_created_type, &project_api_key_type, "value" },
        { &service_account_created_type, &service_account_type, "api_key" },
        { &invite_created_type, &invite_type, "invite_url" },
    };
    size_t with_secret = 0;
    (void)state;
    for (size_t i = 0; i < ITEMS(pairs); i++) {
        const struct object_type *created = pairs[i].created;
        assert_ptr_equal(created->fields, pairs[i].plain->fields);
        assert_int_equal(created->field_count, pairs[i].plain->field_count + 1);
        assert_int_equal(created->size, pairs[i].plain->size);
        assert_string_equal(created->fields[created->field_count - 1].name, pairs[i].secret);
        assert_true(has_secret(created));
        assert_false(has_secret(pairs[i].plain));
    }
    for (size_t i = 0; i < ITEMS(outputs); i++) {
        with_secret += has_secret(outputs[i]);
    }
    /* The fifth is the reply that issues a key to a service account. */
    assert_int_equal(with_secret, ITEMS(pairs) + 1);
    assert_true(has_secret(&service_account_api_key_type));
}

static void limits_of_lists_are_those_of_the_contract(void **state)
{
    (void)state;
    for (size_t i = 0; i < ITEMS(queries); i++) {
        struct list_query query = { .limit = 0 };
        struct text most = queries[i] == &admin_api_key_query_type ? TEXT("1000") : TEXT("100");
        struct text beyond = arena_format(&arena, "limit=%.*s1", TEXT_ARGUMENTS(most));
        assert_ok(decode_query(&decoder, queries[i], TEXT(""), &query));
        assert_int_equal(query.limit, 20);
        assert_true(query.include_archived == FIELD_ABSENT || query.include_archived == 0);
        assert_ok(decode_query(&decoder, queries[i],
                               arena_format(&arena, "limit=%.*s", TEXT_ARGUMENTS(most)), &query));
        assert_problem("limit", decode_query(&decoder, queries[i], beyond, &query),
                       ERROR_INTEGER_ABOVE_MAXIMUM, "limit", most.data,
                       text_from(beyond, strlen("limit=")).data);
        assert_int_equal(decode_query(&decoder, queries[i], TEXT("limit=0"), &query).error,
                         ERROR_INTEGER_BELOW_MINIMUM);
    }
}

static void a_scope_has_64_characters_and_a_key_16_of_them(void **state)
{
    static const struct object_type *const types[] = { &project_api_key_create_type,
                                                       &project_api_key_update_type,
                                                       &service_account_api_key_create_type };
    union {
        struct project_api_key_create create;
        struct project_api_key_update update;
        struct service_account_api_key_create account;
    } object = { 0 };
    (void)state;
    for (size_t i = 0; i < ITEMS(types); i++) {
        const char *name = types[i] == &project_api_key_create_type ? "\"name\":\"n\"," : "";
        struct text good = arena_format(&arena, "{%s\"scopes\":[\"%064d\"]}", name, 0);
        struct text long_scope = arena_format(&arena, "{%s\"scopes\":[\"%065d\"]}", name, 0);
        struct text many = arena_format(&arena, "{%s\"scopes\":[%s,%s]}", name, "0,0,0,0,0,0,0,0",
                                        "0,0,0,0,0,0,0,0,0");
        assert_ok(decode_body(&decoder, types[i], good, &object));
        assert_problem(types[i]->name, decode_body(&decoder, types[i], long_scope, &object),
                       ERROR_STRING_TOO_LONG, "scopes[0]", "64", "65");
        assert_problem(types[i]->name, decode_body(&decoder, types[i], many, &object),
                       ERROR_ARRAY_TOO_LONG, "scopes", "16", "17");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_body_fills_its_struct),
        cmocka_unit_test(what_is_left_out_or_null_is_absent),
        cmocka_unit_test(a_body_that_the_table_does_not_allow_is_refused),
        cmocka_unit_test(a_body_is_one_object_or_nothing),
        cmocka_unit_test(limits_of_texts_are_in_characters),
        cmocka_unit_test(a_list_without_a_limit_of_its_own_has_100_items),
        cmocka_unit_test(memory_that_is_used_up_is_a_fault),
        cmocka_unit_test(a_query_fills_its_struct),
        cmocka_unit_test(a_query_without_values_has_its_presets),
        cmocka_unit_test(a_query_that_the_table_does_not_allow_is_refused),
        cmocka_unit_test(absent_is_null_where_null_is_allowed_and_left_out_elsewhere),
        cmocka_unit_test(everything_that_is_there_is_shown),
        cmocka_unit_test(a_page_names_its_first_and_last_item),
        cmocka_unit_test(a_stored_list_is_read_as_it_was_written),
        cmocka_unit_test(tables_of_objects_fit_their_structs),
        cmocka_unit_test(requests_have_only_what_can_be_read),
        cmocka_unit_test(secrets_are_shown_by_the_replies_that_create_them_only),
        cmocka_unit_test(limits_of_lists_are_those_of_the_contract),
        cmocka_unit_test(a_scope_has_64_characters_and_a_key_16_of_them),
    };
    return cmocka_run_group_tests(tests, initialize, forget);
}
