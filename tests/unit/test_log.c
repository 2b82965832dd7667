#include "unit.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <jansson.h>

#include "base/buffer.h"
#include "base/clock.h"
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

static void a_flood_without_keys_is_logged_in_part(void **state)
{
    char expected[128];
    int admitted = 0;
    int left_out = 0;
    log_configure(LOG_INFO, LOG_TEXT);
    while (log_admits_anonymous()) {
        admitted++;
    }
    assert_in_range(admitted, 1, 2 * LOG_ANONYMOUS_LINES_MAXIMUM);
    assert_string_equal(read_line(*state, 0), "");
    /* Until the next second. */
    do {
        left_out++;
    } while (!log_admits_anonymous());
    (void)snprintf(expected, sizeof expected,
                   " warning lines about refused requests were left out count=%d\n", left_out);
    assert_string_equal(read_line(*state, 0), expected);
}

/* ---- Lines that a thread writes ---- */

enum { MANY_LINES = 60 * 1000, SECONDS_MAXIMUM = 20 };

/* A process whose standard error is a pipe. It runs `log`, which answers its exit status. */
struct child {
    pid_t id;
    int output; /* to read from */
};

static struct child start_child(int (*log)(void))
{
    int ends[2];
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    pid_t id = fork();
    assert_true(id >= 0);
    if (id == 0) {
        (void)alarm(SECONDS_MAXIMUM);
        (void)dup2(ends[1], STDERR_FILENO);
        (void)close(ends[0]);
        (void)close(ends[1]);
        log_configure(LOG_INFO, LOG_TEXT);
        _exit(log());
    }
    (void)close(ends[1]);
    return (struct child){ id, ends[0] };
}

static int end_child(struct child child)
{
    int status = 0;
    (void)close(child.output);
    assert_int_equal(waitpid(child.id, &status, 0), child.id);
    return status;
}

/* All that the child writes until it ends. */
static void read_all(struct child child, struct buffer *output)
{
    ssize_t count;
    buffer_init(output, 16 * 1024 * 1024);
    do {
        assert_true(buffer_reserve(output, LOG_LINE_MAXIMUM));
        count = read(child.output, output->data + output->length, LOG_LINE_MAXIMUM);
        output->length += count > 0 ? (size_t)count : 0;
    } while (count > 0);
    buffer_append_byte(output, '\0');
}

static void log_many(void)
{
    for (int i = 0; i < MANY_LINES; i++) {
        log_at(LOG_INFO, "one of many", LOG_INTEGER_FIELD("number", i));
    }
}

static int log_with_thread(void)
{
    log_at(LOG_INFO, "before");
    assert_ok(log_start());
    for (int i = 0; i < 1000; i++) {
        log_at(LOG_INFO, "during", LOG_INTEGER_FIELD("number", i));
    }
    log_stop();
    log_stop();
    log_at(LOG_INFO, "after");
    return 0;
}

static void a_thread_writes_every_line_in_order(void **state)
{
    struct buffer output;
    char expected[64];
    (void)state;
    struct child child = start_child(log_with_thread);
    read_all(child, &output);
    assert_int_equal(end_child(child), 0);
    const char *at = strstr(output.data, " info before\n");
    for (int i = 0; i < 1000; i++) {
        assert_non_null(at);
        (void)snprintf(expected, sizeof expected, " info during number=%d\n", i);
        at = strstr(at, expected);
    }
    assert_non_null(strstr(at, " info after\n"));
    buffer_free(&output);
}

/* Nobody reads: what does not fit is left out, and also the end comes. */
static int log_to_a_stalled_pipe(void)
{
    assert_ok(log_start());
    log_many();
    int64_t start = clock_monotonic_microseconds();
    log_stop();
    int64_t elapsed = clock_monotonic_microseconds() - start;
    log_many();
    return elapsed >= LOG_FLUSH_TIME ? 0 : 1;
}

static void a_stalled_standard_error_holds_nobody_up(void **state)
{
    int status = 0;
    (void)state;
    struct child child = start_child(log_to_a_stalled_pipe);
    assert_int_equal(waitpid(child.id, &status, 0), child.id);
    assert_int_equal(status, 0);
    (void)close(child.output);
}

static int log_more_than_fits(void)
{
    assert_ok(log_start());
    log_many();
    (void)raise(SIGSTOP); /* until the other end reads */
    log_stop();
    return 0;
}

static unsigned count_lines(const char *output, const char *event)
{
    unsigned count = 0;
    for (const char *at = strstr(output, event); at != NULL; at = strstr(at + 1, event)) {
        count++;
    }
    return count;
}

static void lines_left_out_are_counted(void **state)
{
    struct buffer output;
    int status;
    unsigned long left_out = 0;
    (void)state;
    struct child child = start_child(log_more_than_fits);
    assert_int_equal(waitpid(child.id, &status, WUNTRACED), child.id);
    assert_true(WIFSTOPPED(status));
    assert_int_equal(kill(child.id, SIGCONT), 0);
    read_all(child, &output);
    assert_int_equal(end_child(child), 0);
    const char *line = strstr(output.data, " warning lines of the log were left out count=");
    assert_non_null(line);
    left_out = strtoul(strchr(line, '=') + 1, NULL, 10);
    assert_true(left_out > 0);
    assert_int_equal(count_lines(output.data, "one of many") + left_out, MANY_LINES);
    assert_true(output.length > LOG_MEMORY_MAXIMUM);
    buffer_free(&output);
}

static int log_and_abort(void)
{
    assert_ok(log_start());
    for (int i = 0; i < 1000; i++) {
        log_at(LOG_INFO, "last words", LOG_INTEGER_FIELD("number", i));
    }
    ASSERT(clock_now_microseconds() == 0);
    return 0;
}

static void an_assertion_loses_no_line(void **state)
{
    struct buffer output;
    (void)state;
    struct child child = start_child(log_and_abort);
    read_all(child, &output);
    int status = end_child(child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
    assert_int_equal(count_lines(output.data, "last words"), 1000);
    buffer_free(&output);
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
        cmocka_unit_test_setup_teardown(a_flood_without_keys_is_logged_in_part, begin_capture,
                                        end_capture),
        cmocka_unit_test(a_thread_writes_every_line_in_order),
        cmocka_unit_test(a_stalled_standard_error_holds_nobody_up),
        cmocka_unit_test(lines_left_out_are_counted),
        cmocka_unit_test(an_assertion_loses_no_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
