#include "os/log.h"

#include <errno.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "os/log_writer.h"
#include "os/metrics.h"

static const struct {
    const char *word;
    int journal_priority; /* sd-daemon(3), syslog's numbers */
} log_levels[] = {
    [LOG_DEBUG] = { "debug", 7 },
    [LOG_INFO] = { "info", 6 },
    [LOG_WARNING] = { "warning", 4 },
    [LOG_ERROR] = { "error", 3 },
};

static enum log_level lowest_level = LOG_INFO;
static enum log_format chosen_format = LOG_TEXT;
static bool journal_reads_us;

static const struct text truncated_mark[] = {
    [LOG_TEXT] = TEXT(" truncated=true"),
    [LOG_JSON] = TEXT(",\"truncated\":true"),
};

/* What every line keeps room for after its fields: the longest mark, `}` and the line's end. */
enum { LINE_END_ROOM = 32, LINE_BODY_MAXIMUM = LOG_LINE_MAXIMUM - LINE_END_ROOM };

struct line {
    char bytes[LOG_LINE_MAXIMUM];
    size_t length;
    bool overflowed; /* an append since the last look did not fit */
    bool truncated;
};

static void line_append(struct line *line, struct text text)
{
    if (line->overflowed || text.length > LINE_BODY_MAXIMUM - line->length) {
        line->overflowed = true;
        return;
    }
    memcpy(line->bytes + line->length, text.data, text.length);
    line->length += text.length;
}

static void line_append_string(struct line *line, const char *string)
{
    line_append(line, text_of(string));
}

/* The journal gives the device and inode of the stream it reads: standard error may be another. */
static bool standard_error_is_journal(void)
{
    const char *stream = getenv("JOURNAL_STREAM");
    struct stat status;
    char actual[64];
    if (stream == NULL || fstat(STDERR_FILENO, &status) != 0) {
        return false;
    }
    (void)snprintf(actual, sizeof actual, "%ju:%ju", (uintmax_t)status.st_dev,
                   (uintmax_t)status.st_ino);
    return strcmp(stream, actual) == 0;
}

void log_configure(enum log_level level, enum log_format format)
{
    lowest_level = level;
    chosen_format = format;
    journal_reads_us = standard_error_is_journal();
}

bool log_enabled(enum log_level level)
{
    return level >= lowest_level;
}

static void append_time(struct line *line)
{
    int64_t now = clock_now_microseconds();
    time_t seconds = (time_t)(now / MICROSECONDS_PER_SECOND);
    struct tm utc = { 0 };
    char time_text[48];
    char all[64];
    (void)gmtime_r(&seconds, &utc);
    (void)strftime(time_text, sizeof time_text, "%Y-%m-%dT%H:%M:%S", &utc);
    (void)snprintf(all, sizeof all, "%s.%06" PRId64 "Z", time_text, now % MICROSECONDS_PER_SECOND);
    line_append_string(line, all);
}

/* The length of the well-formed character at the start of `text`, or 0. */
static size_t character_length(struct text text)
{
    static const size_t longest = 4;
    for (size_t length = 1; length <= longest && length <= text.length; length++) {
        if (text_is_utf8(text_until(text, length))) {
            return length;
        }
    }
    return 0;
}

static unsigned code_point(struct text character)
{
    static const unsigned char lead_mask[] = { 0, 0x7f, 0x1f, 0x0f, 0x07 };
    unsigned value = (unsigned char)character.data[0] & lead_mask[character.length];
    for (size_t i = 1; i < character.length; i++) {
        value = value << 6 | ((unsigned char)character.data[i] & 0x3f);
    }
    return value;
}

/* Control characters, and those that turn the direction of what follows them on a terminal. */
static bool is_unprintable(unsigned code)
{
    return code < 0x20 || (code >= 0x7f && code <= 0x9f) || (code >= 0x2028 && code <= 0x202e) ||
           (code >= 0x2066 && code <= 0x2069);
}

static void append_escaped(struct line *line, unsigned code)
{
    char escaped[16];
    (void)snprintf(escaped, sizeof escaped, "\\u%04x", code);
    line_append_string(line, escaped);
}

/* Appends the first character of `text`, escaped as JSON needs it, and returns the rest. */
static struct text append_character(struct line *line, struct text text)
{
    enum { REPLACEMENT_CHARACTER = 0xfffd };
    size_t length = character_length(text);
    if (length == 0) {
        append_escaped(line, REPLACEMENT_CHARACTER);
        return text_from(text, 1);
    }
    struct text character = text_until(text, length);
    if (character.data[0] == '"' || character.data[0] == '\\') {
        line_append_string(line, "\\");
        line_append(line, character);
    } else if (is_unprintable(code_point(character))) {
        append_escaped(line, code_point(character));
    } else {
        line_append(line, character);
    }
    return text_from(text, length);
}

static void append_quoted(struct line *line, struct text text)
{
    struct text rest = text_until(text, LOG_VALUE_MAXIMUM);
    line_append_string(line, "\"");
    while (rest.length > 0) {
        rest = append_character(line, rest);
    }
    line_append_string(line, text.length > LOG_VALUE_MAXIMUM ? "...\"" : "\"");
}

static bool needs_quotes(struct text text)
{
    for (size_t i = 0; i < text.length; i++) {
        char byte = text.data[i];
        if (byte <= ' ' || byte > '~' || byte == '"' || byte == '=' || byte == '\\') {
            return true;
        }
    }
    return text.length == 0 || text.length > LOG_VALUE_MAXIMUM;
}

static void append_value(struct line *line, const struct log_field *field)
{
    if (field->is_integer) {
        char digits[24];
        (void)snprintf(digits, sizeof digits, "%" PRId64, field->integer);
        line_append_string(line, digits);
    } else if (chosen_format == LOG_TEXT && !needs_quotes(field->text)) {
        line_append(line, field->text);
    } else {
        append_quoted(line, field->text);
    }
}

/* A field is in the line whole or not at all, so that a JSON line is always one JSON object. */
static void append_field(struct line *line, const struct log_field *field)
{
    size_t before = line->length;
    if (!field->is_integer && field->text.data == NULL) {
        return;
    }
    line_append_string(line, chosen_format == LOG_JSON ? ",\"" : " ");
    line_append_string(line, field->name);
    line_append_string(line, chosen_format == LOG_JSON ? "\":" : "=");
    append_value(line, field);
    if (line->overflowed) {
        line->length = before;
        line->overflowed = false;
        line->truncated = true;
    }
}

static void begin_line(struct line *line, enum log_level level, const char *event)
{
    bool json = chosen_format == LOG_JSON;
    if (journal_reads_us) {
        char prefix[8];
        (void)snprintf(prefix, sizeof prefix, "<%d>", log_levels[level].journal_priority);
        line_append_string(line, prefix);
    }
    line_append_string(line, json ? "{\"time\":\"" : "");
    append_time(line);
    line_append_string(line, json ? "\",\"level\":\"" : " ");
    line_append_string(line, log_levels[level].word);
    if (json) {
        line_append_string(line, "\",\"event\":");
        append_quoted(line, text_of(event));
    } else {
        line_append_string(line, " ");
        line_append_string(line, event);
    }
}

static void end_line(struct line *line)
{
    struct text mark = line->truncated ? truncated_mark[chosen_format] : TEXT("");
    struct text end = chosen_format == LOG_JSON ? TEXT("}\n") : TEXT("\n");
    memcpy(line->bytes + line->length, mark.data, mark.length);
    line->length += mark.length;
    memcpy(line->bytes + line->length, end.data, end.length);
    line->length += end.length;
}

void log_event(enum log_level level, const char *event, const struct log_field *fields,
               size_t count)
{
    struct line line;
    int error = errno;
    if (!log_enabled(level)) {
        return;
    }
    ASSERT(count <= LOG_FIELDS_MAXIMUM);
    line.length = 0;
    line.overflowed = false;
    line.truncated = false;
    begin_line(&line, level, event);
    for (size_t i = 0; i < count; i++) {
        append_field(&line, &fields[i]);
    }
    end_line(&line);
    if (log_writer_put((struct text){ line.bytes, line.length })) {
        metric_add(METRIC_LOG_LINES, level, 1);
    }
    errno = error;
}

static void report_left_out(int64_t count)
{
    if (count > 0) {
        log_at(LOG_WARNING, "lines about refused requests were left out",
               LOG_INTEGER_FIELD("count", count));
    }
}

bool log_admits_anonymous(void)
{
    /* The second, and in the lower half how often it was asked in it. */
    static atomic_uint_fast64_t asked;
    const unsigned half = 32;
    uint64_t second = (uint64_t)clock_monotonic_microseconds() / MICROSECONDS_PER_SECOND;
    uint_fast64_t before = atomic_load(&asked);
    while (before >> half < second) {
        if (atomic_compare_exchange_weak(&asked, &before, second << half)) {
            report_left_out((int64_t)(before & UINT32_MAX) - LOG_ANONYMOUS_LINES_MAXIMUM);
            break;
        }
    }
    bool admits = (atomic_fetch_add(&asked, 1) & UINT32_MAX) < LOG_ANONYMOUS_LINES_MAXIMUM;
    metric_add(METRIC_LOG_LINES_LEFT_OUT, LEFT_OUT_ANONYMOUS, admits ? 0 : 1);
    return admits;
}
