#ifndef ORGKEYS_OS_LOG_H
#define ORGKEYS_OS_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/result.h"
#include "base/text.h"

/*
 * One line per event on standard error: `time level event name=value ...` (logfmt), or one JSON
 * object. A line is at most LOG_LINE_MAXIMUM bytes and is written by one write(2), so lines of
 * several threads do not mix; fields that do not fit are left out, and the line says
 * `truncated=true`. Values are quoted and escaped; control characters never reach the terminal.
 * No value may hold a secret, or a part of one.
 *
 * Standard error may be a pipe that nobody reads. So while the server runs a thread writes the
 * lines, and whoever logs one only leaves it in memory; what does not fit there is left out, and a
 * line tells how many were.
 */
enum {
    LOG_LINE_MAXIMUM = 4096,
    LOG_FIELDS_MAXIMUM = 16,
    LOG_VALUE_MAXIMUM = 1024,         /* bytes of a value; more is cut off and "..." put there */
    LOG_MEMORY_MAXIMUM = 1024 * 1024, /* bytes of lines that wait, besides those being written */
};

/* Lines a second. */
enum { LOG_ANONYMOUS_LINES_MAXIMUM = 50 };

/* How long the end of the process waits for a standard error that takes nothing. Microseconds. */
#define LOG_FLUSH_TIME ((int64_t)MICROSECONDS_PER_SECOND)

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARNING, LOG_ERROR };
enum log_format { LOG_TEXT, LOG_JSON };

struct log_field {
    const char *name;
    struct text text; /* TEXT_NONE leaves the field out */
    int64_t integer;
    bool is_integer;
};

/* Called once before the first thread starts; without it: LOG_INFO, LOG_TEXT. */
void log_configure(enum log_level level, enum log_format format);
bool log_enabled(enum log_level level);

/*
 * Whether there may be one more line about somebody who has shown no key, which anybody can cause
 * as often as they like. At most LOG_ANONYMOUS_LINES_MAXIMUM a second get a yes; the rest is
 * counted, and a line of a later second tells how many they were.
 */
bool log_admits_anonymous(void);

/* From now on a thread writes the lines. Before, and after log_stop, whoever logs them does. */
struct result log_start(void);
/* Returns when all lines are written, or LOG_FLUSH_TIME is over: nothing is logged then any more.
 * Not started: does nothing. */
void log_stop(void);

/* `event` is a few fixed words, for people and for grep. At most LOG_FIELDS_MAXIMUM fields. */
void log_event(enum log_level level, const char *event, const struct log_field *fields,
               size_t count);

/* log_at(LOG_INFO, "listening", LOG_TEXT_FIELD("address", address)); */
#define log_at(level, event, ...)                                          \
    log_event((level), (event), (const struct log_field[]){ __VA_ARGS__ }, \
              sizeof((const struct log_field[]){ __VA_ARGS__ }) / sizeof(struct log_field))
#define LOG_TEXT_FIELD(name, text) ((struct log_field){ (name), (text), 0, false })
#define LOG_INTEGER_FIELD(name, integer) ((struct log_field){ (name), TEXT_NONE, (integer), true })

#endif
