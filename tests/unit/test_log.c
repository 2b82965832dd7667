#include "unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <jansson.h>

#include "os/log.h"

/* Standard error goes into a pipe while a test runs, so that a line comes back as it was written.
 */
struct capture {
    int saved;
    int reader;
    char line[2 * LOG_LINE_MAXIMUM];
};

static int begin_capture(void **state)
{
    static struct capture capture;
    int ends[2];
    if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) {
        return -1;
    }
    capture.saved = dup(STDERR_FILENO);
    capture.reader = ends[0];
    (void)dup2(ends[1], STDERR_FILENO);
    (void)close(ends[1]);
    *state = &capture;
    return 0;
}

static int end_capture(void **state)
{
    struct capture *capture = *state;
    (void)dup2(capture->saved, STDERR_FILENO);
    (void)close(capture->saved);
    (void)close(capture->reader);
    (void)unsetenv("JOURNAL_STREAM");
    log_configure(LOG_INFO, LOG_TEXT);
    return 0;
}

/* What was written since the last call; the time, which is always as long, is left out. */
static const char *read_line(struct capture *capture, size_t time_at)
{
    enum { TIME_LENGTH = sizeof "2026-01-01T00:00:00.000000Z" - 1 };
    ssize_t count = read(capture->reader, capture->line, sizeof capture->line - 1);
    capture->line[count > 0 ? count : 0] = '\0';
    if ((size_t)(count > 0 ? count : 0) > time_at + TIME_LENGTH) {
        assert_int_equal(capture->line[time_at + TIME_LENGTH - 1], 'Z');
        memmove(capture->line + time_at, capture->line + time_at + TIME_LENGTH,
                strlen(capture->line + time_at + TIME_LENGTH) + 1);
    }
    return capture->line;
}

static void lines_are_logfmt(void **state)
{
    log_configure(LOG_INFO, LOG_TEXT);
    log_at(LOG_INFO, "listening", LOG_TEXT_FIELD("address", TEXT("127.0.0.1:8080")),
           LOG_INTEGER_FIELD("threads", -2), LOG_TEXT_FIELD("absent", TEXT_NONE),
           LOG_TEXT_FIELD("empty", TEXT("")));
    assert_string_equal(read_line(*state, 0),
                        " info listening address=127.0.0.1:8080 threads=-2 empty=\"\"\n");
    log_at(LOG_ERROR, "no fields");
    assert_string_equal(read_line(*state, 0), " error no fields\n");
}

static void nothing_acts_on_the_terminal(void **state)
{
    log_configure(LOG_INFO, LOG_TEXT);
    log_at(LOG_WARNING, "odd", LOG_TEXT_FIELD("a", TEXT("x\n\x1b[2J\"\\\x7f")),
           LOG_TEXT_FIELD("b", TEXT("caf\xc3\xa9\xff\xc2\x9b")),
           LOG_TEXT_FIELD("c", TEXT("\xe2\x80\xae")), LOG_TEXT_FIELD("d", TEXT("k=v")));
    assert_string_equal(read_line(*state, 0),
                        " warning odd a=\"x\\u000a\\u001b[2J\\\"\\\\\\u007f\" "
                        "b=\"caf\xc3\xa9\\ufffd\\u009b\" c=\"\\u202e\" d=\"k=v\"\n");
}

static void lines_can_be_json(void **state)
{
    log_configure(LOG_INFO, LOG_JSON);
    log_at(LOG_INFO, "a \"call\"", LOG_TEXT_FIELD("text", TEXT("\xff\n\xe2\x82\xac")),
           LOG_INTEGER_FIELD("number", INT64_MIN));
    const char *line = read_line(*state, sizeof "{\"time\":\"" - 1);
    json_t *object = json_loads(line, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(object);
    assert_string_equal(json_string_value(json_object_get(object, "level")), "info");
    assert_string_equal(json_string_value(json_object_get(object, "event")), "a \"call\"");
    assert_string_equal(json_string_value(json_object_get(object, "text")),
                        "\xef\xbf\xbd\n\xe2\x82\xac");
    assert_true(json_integer_value(json_object_get(object, "number")) == INT64_MIN);
    json_decref(object);
}

static void a_line_is_never_longer_than_its_maximum(void **state)
{
    static char long_text[LOG_LINE_MAXIMUM];
    struct log_field fields[LOG_FIELDS_MAXIMUM];
    memset(long_text, '\n', sizeof long_text);
    for (size_t i = 0; i < LOG_FIELDS_MAXIMUM; i++) {
        fields[i] = LOG_TEXT_FIELD("f", ((struct text){ long_text, i * 100 }));
    }
    for (enum log_format format = LOG_TEXT; format <= LOG_JSON; format++) {
        log_configure(LOG_INFO, format);
        log_event(LOG_INFO, "long", fields, LOG_FIELDS_MAXIMUM);
        const char *line = read_line(*state, sizeof long_text);
        assert_true(strlen(line) <= LOG_LINE_MAXIMUM);
        assert_non_null(strstr(line, "truncated"));
        assert_int_equal(line[strlen(line) - 1], '\n');
    }
    json_t *object = json_loads(((struct capture *)*state)->line, 0, NULL);
    assert_non_null(object);
    json_decref(object);
}

static void a_long_value_is_cut(void **state)
{
    static char long_text[LOG_VALUE_MAXIMUM + 1];
    memset(long_text, 'x', sizeof long_text);
    log_configure(LOG_INFO, LOG_TEXT);
    log_at(LOG_INFO, "e", LOG_TEXT_FIELD("f", ((struct text){ long_text, sizeof long_text })));
    const char *line = read_line(*state, 0);
    assert_true(text_ends_with(text_of(line), TEXT("xxx...\"\n")));
    assert_int_equal(strlen(line), strlen(" info e f=\"...\"\n") + LOG_VALUE_MAXIMUM);
}

static void lower_levels_are_left_out(void **state)
{
    log_configure(LOG_WARNING, LOG_TEXT);
    assert_false(log_enabled(LOG_INFO));
    assert_true(log_enabled(LOG_ERROR));
    log_at(LOG_INFO, "unseen");
    assert_string_equal(read_line(*state, 0), "");
}

static void the_journal_gets_priorities(void **state)
{
    struct stat status;
    char stream[64];
    assert_int_equal(fstat(STDERR_FILENO, &status), 0);
    (void)snprintf(stream, sizeof stream, "%ju:%ju", (uintmax_t)status.st_dev,
                   (uintmax_t)status.st_ino);
    assert_int_equal(setenv("JOURNAL_STREAM", stream, 1), 0);
    log_configure(LOG_INFO, LOG_TEXT);
    log_at(LOG_WARNING, "to the journal");
    assert_string_equal(read_line(*state, 3), "<4> warning to the journal\n");
    assert_int_equal(setenv("JOURNAL_STREAM", "1:2", 1), 0);
    log_configure(LOG_INFO, LOG_TEXT);
    log_at(LOG_WARNING, "elsewhere");
    assert_string_equal(read_line(*state, 0), " warning elsewhere\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(lines_are_logfmt, begin_capture, end_capture),
        cmocka_unit_test_setup_teardown(nothing_acts_on_the_terminal, begin_capture, end_capture),
        cmocka_unit_test_setup_teardown(lines_can_be_json, begin_capture, end_capture),
        cmocka_unit_test_setup_teardown(a_line_is_never_longer_than_its_maximum, begin_capture,
                                        end_capture),
        cmocka_unit_test_setup_teardown(a_long_value_is_cut, begin_capture, end_capture),
        cmocka_unit_test_setup_teardown(lower_levels_are_left_out, begin_capture, end_capture),
        cmocka_unit_test_setup_teardown(the_journal_gets_priorities, begin_capture, end_capture),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
