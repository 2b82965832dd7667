#include "os/log_writer.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "os/log.h"
#include "os/metrics.h"
#include "os/threads.h"

/* What one write(2) takes is not mixed with what other processes write to the same pipe. */
_Static_assert(LOG_LINE_MAXIMUM <= PIPE_BUF, "a line is written whole");

enum { FLUSH_SECONDS = LOG_FLUSH_TIME / MICROSECONDS_PER_SECOND, FLUSH_STEP_MILLISECONDS = 5 };

/* Whole lines, one after the other. */
struct lines {
    char bytes[LOG_MEMORY_MAXIMUM];
    size_t length;
};

enum mode {
    MODE_DIRECT, /* whoever logs a line writes it */
    MODE_THREAD, /* until it has written all, after log_stop */
    MODE_LOST,   /* it did not in time: nobody else shall wait where it does */
};

static struct {
    pthread_mutex_t mutex; /* for what follows */
    pthread_cond_t changed;
    enum mode mode;
    bool stopping;
    struct lines *filling; /* the thread writes the other one */
    uint64_t left_out;     /* lines since it took the last ones */
    pthread_t thread;
} writer = { .mutex = PTHREAD_MUTEX_INITIALIZER };

static struct lines lines[2];
static atomic_size_t unwritten; /* bytes of both */
static _Thread_local bool is_writer;

/* Whole lines, or the end of one and whole lines after it. */
static void count_refused(struct text bytes)
{
    uint64_t count = 0;
    for (size_t i = 0; i < bytes.length; i++) {
        count += bytes.data[i] == '\n';
    }
    metric_add(METRIC_LOG_LINES_LEFT_OUT, LEFT_OUT_REFUSED, count);
}

/* What standard error refuses is lost; only the metric is left to say so. */
static void write_out(struct text bytes)
{
    while (!text_is_empty(bytes)) {
        struct pollfd wait = { STDERR_FILENO, POLLOUT, 0 };
        ssize_t count = write(STDERR_FILENO, bytes.data, bytes.length);
        if (count < 0 && errno == EAGAIN) {
            (void)poll(&wait, 1, -1);
        } else if (count < 0 && errno != EINTR) {
            count_refused(bytes);
            return;
        }
        bytes = text_from(bytes, count > 0 ? (size_t)count : 0);
    }
}

/* As many whole lines as one write may have. */
static size_t piece_length(struct text rest)
{
    size_t length = rest.length < PIPE_BUF ? rest.length : PIPE_BUF;
    while (rest.data[length - 1] != '\n') {
        length--;
    }
    return length;
}

static void write_lines(struct lines *taken)
{
    struct text rest = { taken->bytes, taken->length };
    while (!text_is_empty(rest)) {
        size_t length = piece_length(rest);
        write_out(text_until(rest, length));
        (void)atomic_fetch_sub(&unwritten, length);
        rest = text_from(rest, length);
    }
    taken->length = 0;
}

/* Waits for lines; NULL once there are none and none will come. */
static struct lines *take_lines(uint64_t *ret_left_out)
{
    (void)pthread_mutex_lock(&writer.mutex);
    while (writer.filling->length == 0 && !writer.stopping) {
        (void)pthread_cond_wait(&writer.changed, &writer.mutex);
    }
    struct lines *taken = writer.filling;
    writer.filling = taken == &lines[0] ? &lines[1] : &lines[0];
    *ret_left_out = writer.left_out;
    writer.left_out = 0;
    if (taken->length == 0) {
        writer.mode = writer.mode == MODE_THREAD ? MODE_DIRECT : writer.mode;
        (void)pthread_cond_broadcast(&writer.changed);
    }
    (void)pthread_mutex_unlock(&writer.mutex);
    return taken->length > 0 ? taken : NULL;
}

static void *run(void *context)
{
    struct lines *taken;
    uint64_t left_out;
    is_writer = true;
    while ((taken = take_lines(&left_out)) != NULL) {
        write_lines(taken);
        if (left_out > 0) {
            log_at(LOG_WARNING, "lines of the log were left out",
                   LOG_INTEGER_FIELD("count", (int64_t)left_out));
        }
    }
    return context;
}

/*
 * SIGABRT, of abort() or of whoever watches over the server, ends it once this returns: what was
 * logged before is often why. Only what signals may call.
 */
static void flush_before_abort(int signal)
{
    for (int64_t waited = 0; waited < LOG_FLUSH_TIME && atomic_load(&unwritten) > 0;
         waited += FLUSH_STEP_MILLISECONDS * INT64_C(1000)) {
        (void)poll(NULL, 0, FLUSH_STEP_MILLISECONDS);
    }
    (void)raise(signal);
}

static void initialize_signalling(void)
{
    pthread_condattr_t attributes;
    (void)pthread_condattr_init(&attributes);
    (void)pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&writer.changed, &attributes);
    (void)pthread_condattr_destroy(&attributes);
}

struct result log_start(void)
{
    ASSERT(writer.mode == MODE_DIRECT);
    initialize_signalling();
    writer.filling = &lines[0];
    writer.stopping = false;
    (void)pthread_mutex_lock(&writer.mutex);
    struct result result = thread_start("log", run, NULL, &writer.thread);
    writer.mode = result_failed(result) ? MODE_DIRECT : MODE_THREAD;
    (void)pthread_mutex_unlock(&writer.mutex);
    struct sigaction action = { .sa_handler = flush_before_abort, .sa_flags = (int)SA_RESETHAND };
    (void)sigaction(SIGABRT, &action, NULL);
    return result;
}

/* With the mutex held. */
static void await_end(void)
{
    struct timespec deadline;
    (void)clock_gettime(CLOCK_MONOTONIC, &deadline);
    deadline.tv_sec += FLUSH_SECONDS;
    writer.stopping = true;
    (void)pthread_cond_broadcast(&writer.changed);
    while (writer.mode == MODE_THREAD &&
           pthread_cond_timedwait(&writer.changed, &writer.mutex, &deadline) != ETIMEDOUT) {
    }
}

void log_stop(void)
{
    (void)pthread_mutex_lock(&writer.mutex);
    bool runs = writer.mode == MODE_THREAD;
    if (runs) {
        await_end();
    }
    bool lost = writer.mode == MODE_THREAD;
    writer.mode = lost ? MODE_LOST : writer.mode;
    (void)pthread_mutex_unlock(&writer.mutex);
    if (lost) {
        (void)pthread_detach(writer.thread);
    } else if (runs) {
        (void)pthread_join(writer.thread, NULL);
        (void)pthread_cond_destroy(&writer.changed);
    }
}

/* With the mutex held. */
static bool append(struct text line)
{
    struct lines *filling = writer.filling;
    if (line.length > sizeof filling->bytes - filling->length) {
        writer.left_out++;
        metric_add(METRIC_LOG_LINES_LEFT_OUT, LEFT_OUT_MEMORY, 1);
        return false;
    }
    if (filling->length == 0) {
        (void)pthread_cond_signal(&writer.changed);
    }
    memcpy(filling->bytes + filling->length, line.data, line.length);
    filling->length += line.length;
    (void)atomic_fetch_add(&unwritten, line.length);
    return true;
}

bool log_writer_put(struct text line)
{
    (void)pthread_mutex_lock(&writer.mutex);
    enum mode mode = is_writer ? MODE_DIRECT : writer.mode;
    bool taken = mode == MODE_THREAD && append(line);
    (void)pthread_mutex_unlock(&writer.mutex);
    if (mode == MODE_DIRECT) {
        write_out(line);
    }
    return taken || mode == MODE_DIRECT;
}
